"""Attests a pixtok lock: whether this Python prepares images and texts as the lock says.

    python attest.py pixtok.lock.json [--processor FOLDER_OR_ID] [--tokenizer FOLDER_OR_ID]

`pixtok lock` writes the lock, and this file beside it. It needs numpy and Pillow; transformers and torchvision for
a Hugging Face processor, torch and torchvision for resampler "torch", tokenizers for texts. Without --processor and
--tokenizer they are made from what the lock has; with them those are compared that are in use here. The lock may
be a packed set, too.

Code 0: everything is the same. Code 3: something differs; the first of it is named. Code 1: it cannot be said.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import io
import json
import os
import re
import sys
import tempfile
import warnings
from importlib import metadata
from pathlib import Path
from typing import Any, Callable, Iterator

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402

FORMAT = "pixtok lock 1"
DIFFERS = 3
FILTERS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}


class CannotSay(Exception):
    """Nothing is known about whether it is the same."""


def opened(file: bytes, config: dict[str, Any]) -> Image.Image:
    image = Image.open(io.BytesIO(file))
    return ImageOps.exif_transpose(image) if config["exifOrientation"] else image


def on_white(image: Image.Image) -> Image.Image:
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, (255, 255, 255, 255)), rgba).convert("RGB")


# --- processors of Hugging Face ---------------------------------------------------------------------------


def loaded(kind: Any, name: str, **options: Any) -> Any:
    try:
        return kind.from_pretrained(name, **options)
    except (ValueError, OSError, KeyError) as error:
        raise CannotSay(f"{name}: {str(error)[:300]}") from error


def load_processor(locked: dict[str, Any], name: str | None) -> Any:
    import transformers

    keys = locked["huggingface"]
    backend = keys["backend"]
    by_version = {"backend": backend} if int(transformers.__version__.split(".")[0]) >= 5 else {"use_fast": backend == "torchvision"}
    if name is not None:
        return loaded(transformers.AutoImageProcessor, name, **by_version)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "preprocessor_config.json").write_text(json.dumps(keys["keys"]), encoding="utf8")
        if keys["modelType"] is not None:
            model = json.dumps({"model_type": keys["modelType"]})
            (Path(folder) / "config.json").write_text(model, encoding="utf8")
        return loaded(transformers.AutoImageProcessor, folder, **by_version)


def processor_differences(here: Any, locked: Any) -> Iterator[str]:
    """Attributes of the processor in use that are others than those of the one that the lock describes."""
    first, second = (json.loads(json.dumps(one.to_dict(), default=str)) for one in (locked, here))
    if type(locked) is not type(here):
        yield f"processor: it is {type(locked).__name__} in the lock, and {type(here).__name__} here"
    without_effect = ("image_processor_type", "processor_class", "_processor_class", "transformers_version")
    for key in {**first, **second}:
        if key not in without_effect and first.get(key) != second.get(key):
            yield f"processor: {key} is {shown(first.get(key))} in the lock, and {shown(second.get(key))} here"


def run_processor(processor: Any, config: dict[str, Any], files: list[bytes]) -> dict[str, np.ndarray]:
    images = [opened(file, config) for file in files]
    if config["alpha"] == "drop":
        images = [image.convert("RGB") for image in images]
    elif not getattr(processor, "do_convert_rgb", None):
        images = [on_white(image) for image in images]
    kind = "np" if getattr(processor, "backend", None) == "pil" else "pt"
    result = processor(images=images, return_tensors=kind)
    # a list of Eomt's, empty where nothing is split, is no tensor
    return {name: np.asarray(value) for name, value in result.items() if not isinstance(value, list)}


# --- processors that were made by options: torchvision's and transformers' arithmetic on Pillow ------------


def resized_size(width: int, height: int, target: dict[str, int] | None, convention: str) -> tuple[int, int]:
    if target is None:
        return width, height
    if "width" in target:
        return target["width"], target["height"]
    if "maxWidth" in target:
        scale = min(target["maxHeight"] / height, target["maxWidth"] / width)
        return int(width * scale), int(height * scale)
    short, long = min(width, height), max(width, height)
    shortest, longest = target.get("shortestEdge"), target.get("longestEdge")
    if shortest is None:
        new_short, new_long = int(longest * short / long), longest
    elif longest is None or convention == "torchvision":
        new_short, new_long = shortest, int(shortest * long / short)
        if longest is not None and new_long > longest:
            new_short, new_long = int(longest * new_short / new_long), longest
    else:
        exact, side = float(shortest), shortest
        if long / short * shortest > longest:
            exact = longest * short / long
            side = int(round(exact))
        new_short, new_long = (short, long) if short == side else (side, int(exact * long / short))
    return (new_short, new_long) if width <= height else (new_long, new_short)


def resized(image: Image.Image, size: tuple[int, int], config: dict[str, Any]) -> np.ndarray:
    """Height, width and three channels of bytes."""
    filter_number = FILTERS[config["filter"]]
    if image.size == size:
        return np.asarray(image)
    if config["resampler"] != "torch":
        return np.asarray(image.resize(size, Image.Resampling(filter_number)))
    from torchvision.transforms import InterpolationMode
    from torchvision.transforms.v2 import functional

    modes = {"nearest": "nearest-exact"}
    mode = InterpolationMode(modes.get(config["filter"], config["filter"]))
    tensor = functional.resize(functional.pil_to_tensor(image), [size[1], size[0]], mode, antialias=True)
    return tensor.permute(1, 2, 0).numpy()


def crop_start(convention: str, size: int, crop: int) -> int:
    half = (size - crop) / 2
    if convention == "huggingface":
        return int(np.floor(half))
    if convention == "huggingface-torchvision":
        return int(half)
    return int(np.ceil(half)) if size < crop else int(round(half))


def cropped(pixels: np.ndarray, crop: dict[str, int] | None, convention: str) -> np.ndarray:
    if crop is None:
        return pixels
    height, width = pixels.shape[:2]
    top, left = crop_start(convention, height, crop["height"]), crop_start(convention, width, crop["width"])
    out = np.zeros((crop["height"], crop["width"], 3), pixels.dtype)
    rows = range(max(top, 0), min(top + crop["height"], height))
    columns = range(max(left, 0), min(left + crop["width"], width))
    out[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = pixels[
        rows.start : rows.stop, columns.start : columns.stop
    ]
    return out


def normalized(pixels: np.ndarray, config: dict[str, Any]) -> np.ndarray:
    rescale, offset = config["rescale"], np.float32(config["rescaleOffset"])
    mean, std = (None if config[key] is None else np.array(config[key], np.float32) for key in ("mean", "std"))
    floats = pixels.astype(np.float32)
    is_factor = not isinstance(rescale, bool)
    fused = is_factor and config["convention"] == "huggingface-torchvision"
    if fused and mean is not None and offset == 0:
        factor = np.float32(1 / rescale)
        floats = (floats - mean * factor) / (std * factor)
    else:
        if rescale is True:
            floats = floats / np.float32(255)
        elif fused:
            floats = floats * np.float32(rescale) - offset
        elif is_factor:
            floats = (pixels.astype(np.float64) * rescale).astype(np.float32) - offset
        if mean is not None:
            floats = (floats - mean) / std
    if config["lastStd"] is not None:
        floats = floats / np.array(config["lastStd"], np.float32)
    return floats.astype(config["type"])


def run_options(config: dict[str, Any], files: list[bytes]) -> dict[str, np.ndarray]:
    return {"pixel_values": np.concatenate([pixel_values(config, file) for file in files])}


def pixel_values(config: dict[str, Any], file: bytes) -> np.ndarray:
    image = opened(file, config)
    image = on_white(image) if config["alpha"] == "white" else image.convert("RGB")
    size = resized_size(*image.size, config["resize"], config["convention"])
    pixels = cropped(resized(image, size, config), config["centerCrop"], config["convention"])
    if config["channelOrder"] == "bgr":
        pixels = pixels[:, :, ::-1]
    values = pixels if config["type"] == "uint8" else normalized(pixels, config)
    if config["pad"] is not None:
        below, right = config["pad"]["height"] - values.shape[0], config["pad"]["width"] - values.shape[1]
        values = np.pad(values, ((0, below), (0, right), (0, 0)))
    return (values if config["layout"] == "hwc" else values.transpose(2, 0, 1))[None]


# --- texts --------------------------------------------------------------------------------------------------

Encode = Callable[..., "dict[str, Any]"]


def encoder_of(tokenizer: Any, locked: dict[str, Any]) -> Encode:
    """A tokenizer of transformers."""

    def encode(text: str, pair: str | None, max_length: int | None = None) -> dict[str, Any]:
        pads = max_length is not None and tokenizer.pad_token is not None
        cut = {} if max_length is None else {"truncation": True, "max_length": max_length}
        pairs = None if pair is None else [pair]
        return tokenizer([text], pairs, padding="max_length" if pads else False, return_token_type_ids=True, **cut)

    if tokenizer.pad_token is None and locked["padToken"] is not None:
        tokenizer.pad_token = locked["padToken"]
    return encode


def encoder_of_lock(json_text: str, locked: dict[str, Any]) -> Encode:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(json_text)
    pad = locked["padToken"]

    def encode(text: str, pair: str | None, max_length: int | None = None) -> dict[str, Any]:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        if max_length is not None:
            tokenizer.enable_truncation(max_length, direction=locked["truncationSide"])
            if pad is not None:
                side = locked["paddingSide"]
                tokenizer.enable_padding(direction=side, pad_id=tokenizer.token_to_id(pad), pad_token=pad, length=max_length)
        row = tokenizer.encode(text, pair)
        return {"input_ids": [row.ids], "attention_mask": [row.attention_mask], "token_type_ids": [row.type_ids]}

    return encode


def tokenizer_differences(name: str, tokenizer: Any, locked: dict[str, Any], json_text: str) -> Iterator[str]:
    from tokenizers import Tokenizer

    expected = Tokenizer.from_str(json_text).get_vocab()
    actual = tokenizer.get_vocab()
    changed = [token for token in {**expected, **actual} if expected.get(token) != actual.get(token)]
    for token in changed[:1]:
        first, second = expected.get(token), actual.get(token)
        yield f"tokenizer: {json.dumps(token)} has the id {first} in the lock, and {second} here ({len(changed)} such tokens)"
    for key, attribute in (("paddingSide", "padding_side"), ("truncationSide", "truncation_side"), ("padToken", "pad_token")):
        here = getattr(tokenizer, attribute)
        if here != locked[key] and not (key == "padToken" and here is None):
            yield f"tokenizer: {attribute} is {shown(locked[key])} in the lock, and {shown(here)} here"
    path = Path(name) / "tokenizer.json"
    if not path.is_file():
        return
    there, own = json.loads(json_text), json.loads(path.read_text(encoding="utf8"))
    for key in ("added_tokens", "normalizer", "pre_tokenizer", "post_processor", "model"):
        if there.get(key) != own.get(key):
            yield f"tokenizer: {key} of its tokenizer.json is not that of the lock"


def run_text(encode: Encode, locked: dict[str, Any], text: str, pair: str | None) -> dict[str, np.ndarray]:
    def cleaned(one: str) -> str:
        return re.sub(r"[^a-zA-Z0-9\s]", "", one.lower()) if locked["clean"] == "alphanumeric" else one

    results = {"ids": encode(text, pair)["input_ids"]}
    if locked["clean"] != "custom":
        row = encode(cleaned(text), None if pair is None else cleaned(pair), locked["maxLength"])
        names = ["input_ids", "attention_mask"] if pair is None else ["input_ids", "attention_mask", "token_type_ids"]
        results.update({name: row[name] for name in names})
    return {name: np.array(value, np.int64) for name, value in results.items()}


# --- comparing ----------------------------------------------------------------------------------------------


def shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 120 else f"{text[:117]}..."


def output_differences(sample: str, locked: dict[str, Any], here: dict[str, np.ndarray]) -> Iterator[str]:
    for name in {**locked, **here}:
        if name not in here or name not in locked:
            yield f"{sample}: {name}: it is not {'there' if name in locked else 'in the lock'}"
            continue
        expected, actual = locked[name], np.ascontiguousarray(here[name])
        if expected["shape"] != list(actual.shape):
            yield f"{sample}: {name}: the shape is {expected['shape']} in the lock, and {list(actual.shape)} here"
        elif expected["dtype"] != str(actual.dtype):
            yield f"{sample}: {name}: the dtype is {expected['dtype']} in the lock, and {actual.dtype} here"
        elif expected["sha256"] != hashlib.sha256(actual.tobytes()).hexdigest():
            yield f"{sample}: {name}: the values of {expected['dtype']} {expected['shape']} differ"


def compare_images(lock: dict[str, Any], name: str | None) -> Iterator[str]:
    locked = lock["processor"]
    config = locked["config"]
    if locked["huggingface"] is None:
        if name is not None:
            raise CannotSay("--processor: the lock is of a processor that was made by options, not of a model's")
        if config["decode"] != "exact":
            raise CannotSay('decode: "fast" has no reference here')
        run = lambda files: run_options(config, files)  # noqa: E731
    else:
        processor = load_processor(locked, name)
        if name is not None:
            yield from processor_differences(processor, load_processor(locked, None))
        run = lambda files: run_processor(processor, config, files)  # noqa: E731
    samples = [{**image, "images": [image["name"]]} for image in lock["images"]]
    if lock["batch"] is not None:
        samples.append({**lock["batch"], "name": "batch"})
    files = {image["name"]: base64.b64decode(image["file"]) for image in lock["images"]}
    for image in samples:
        sample = f"image {json.dumps(image['name'])}"
        try:
            results = run([files[name] for name in image["images"]])
        except (ValueError, OSError, RuntimeError) as error:
            yield f"{sample}: {type(error).__name__}: {str(error)[:200]}"
            continue
        yield from output_differences(sample, image["outputs"], results)


def compare_texts(lock: dict[str, Any], name: str | None) -> Iterator[str]:
    locked = lock["tokenizer"]
    if locked is None:
        if name is not None:
            raise CannotSay("--tokenizer: the lock is of images alone")
        return
    json_text = gzip.decompress(base64.b64decode(locked["json"])).decode("utf8")
    if name is None:
        encode = encoder_of_lock(json_text, locked)
    else:
        import transformers

        tokenizer = loaded(transformers.AutoTokenizer, name)
        yield from tokenizer_differences(name, tokenizer, locked, json_text)
        encode = encoder_of(tokenizer, locked)
    for text in lock["texts"]:
        results = run_text(encode, locked, text["text"], text["pair"])
        yield from output_differences(f"text {json.dumps(text['name'])}", text["outputs"], results)


def other_versions(lock: dict[str, Any]) -> Iterator[str]:
    for name, expected in lock["python"].items():
        try:
            here = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        if here.split(".")[:2] != expected.split("."):
            yield f"{name} is {expected} in the lock, and {here} here"


def read_lock(path: Path) -> dict[str, Any]:
    file = path / "pixtok.lock.json" if path.is_dir() else path
    try:
        lock = json.loads(file.read_text(encoding="utf8"))
    except (OSError, ValueError) as error:
        raise CannotSay(f"{file}: {error}") from error
    if not isinstance(lock, dict) or lock.get("format") != FORMAT:
        raise CannotSay(f'{file}: expected a file that pixtok lock wrote, with "format": "{FORMAT}"')
    return lock


def main() -> int:
    parser = argparse.ArgumentParser(description="Whether this Python prepares images and texts as a pixtok lock says.")
    parser.add_argument("lock", type=Path, help="pixtok.lock.json, or the folder of a packed set")
    parser.add_argument("--processor", metavar="FOLDER_OR_ID", help="the image processor in use here")
    parser.add_argument("--tokenizer", metavar="FOLDER_OR_ID", help="the tokenizer in use here")
    given = parser.parse_args()
    try:
        lock = read_lock(given.lock)
        differences = [*compare_images(lock, given.processor), *compare_texts(lock, given.tokenizer)]
    except (CannotSay, ImportError) as error:
        print(f"attest.py: {error}", file=sys.stderr)
        return 1
    for line in other_versions(lock):
        print(f"note: {line}")
    count = len(lock["images"]) + len(lock["texts"])
    if not differences:
        print(f"the same: {len(lock['images'])} images and {len(lock['texts'])} texts")
        return 0
    print(f"not the same: {differences[0]}")
    if len(differences) > 1:
        print(f"and {len(differences) - 1} more differences, in {count} samples")
    return DIFFERS


if __name__ == "__main__":
    sys.exit(main())
