"""Writes what the Python stack (Pillow, torchvision, transformers, tokenizers) makes of the test data.

    python make_goldens.py --data ../data --out ../data/goldens [--only FAMILY]

Where Pillow 12 is installed in place of 13, the families imagenet224, resample and draft are written
alone, as NAME.pillow12.jsonl.

DATA holds images/ (or photos/), broken/, processors/ with a folder for each image processor's
preprocessor_config.json, folders with a tokenizer.json, perhaps captions.txt.
Every file is JSON Lines, in a fixed order. A hash is SHA-256 in hex over raw little-endian
bytes: of an RGB image its height * width * 3 bytes, row by row, channels interleaved; of a
tensor its 3 * height * width float32, channel by channel.

imagenet224  an image through the standard pipeline: its size, its `format` and `mode` as Pillow
             opens it, and the hashes of the decoded `rgb`, of that `resized` to 224 x 224 with
             antialiased bilinear, and of the normalized `tensor`
resample     an image `resized` to width x height with one of Pillow's six filters (hash);
             resample.torch has the same of a uint8 tensor, resized by torchvision with antialias
draft        a JPEG that Pillow's `draft` was asked to decode for width x height, `resized` to that
             with antialiased bilinear (hash), and the largest and the mean `difference` from the
             same without `draft`, in steps of a byte
normalize    what the 256 bytes become in each channel for a mean and std: `sha256` has one hash
             of 256 float32 a channel, `table` (for ImageNet's mean and std) their bit patterns;
             `convention` is "torchvision" (ToTensor, Normalize) or "huggingface" (the arithmetic
             of the PIL image processors, with its `rescale_factor`)
processors   an image through an image processor of transformers, as it runs on Pillow: `shape`,
             `dtype` and hash of the `tensor`
broken       whether a damaged file `opens`, then the hash of its `rgb`, else the name of the
             exception (`error`) and its `message`; `warning` is what Pillow warned of on the way
tokens       the `ids` of a text, truncated to `max_length` and before padding with `pad_id`,
             `length` of them; if `clean`, those of `cleaned_text` in place of `text`. The shorter
             `max_length` has the texts only that it cuts
pairs        the `ids` and `type_ids` of a text and its `text_pair`, truncated to `max_length`
clean        the code points start...end, each cleaned alone, joined: the text `cleaned` and the
             `sha256` of its UTF-8
"""

import argparse
import hashlib
import json
import platform
import re
import string
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, features
from tokenizers import Tokenizer
from torchvision.transforms import Compose, InterpolationMode, Normalize, Resize, ToTensor
from torchvision.transforms.v2 import functional as v2
from transformers import PreTrainedTokenizerFast

Row = dict[str, Any]

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
CLIP = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
IDENTITY = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
UNEVEN = ((0.1, 1 / 3, 0.9), (0.7, 0.013, 3.0))

RESAMPLED = (
    "jpeg-1x1.jpg", "jpeg-17x33.jpg", "jpeg-301x17.jpg", "jpeg-3x400.jpg", "jpeg-420.jpg",
    "png-4x400.png", "png-rgb.png",
)
PROCESSED = (
    "jpeg-17x33.jpg", "jpeg-301x17.jpg", "jpeg-500x375.jpg", "jpeg-7x5.jpg", "jpeg-grey.jpg", "png-rgba.png",
)
DRAFTED = ((224, 224), (100, 75), (60, 40), (30, 20))
FILTERS = ("bicubic", "bilinear", "box", "hamming", "lanczos", "nearest")
TORCH_FILTERS = {
    "bicubic": InterpolationMode.BICUBIC, "bilinear": InterpolationMode.BILINEAR,
    "lanczos": InterpolationMode.LANCZOS, "nearest": InterpolationMode.NEAREST_EXACT,
}
SIZES = ((224, 224), (32, 48), (1, 1), (5, 3), (97, 61), (7, 450))


def digest(array: np.ndarray | torch.Tensor) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.is_file())


def images(data: Path) -> list[Path]:
    return files(data / "images") or files(data / "photos")


def read_rgb(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


# ------------------------------------------------------------------------------------ images


def imagenet224(data: Path) -> Iterator[Row]:
    resize, number = Resize((224, 224)), Compose([ToTensor(), Normalize(*IMAGENET)])
    for path in images(data):
        with Image.open(path) as image:
            form, mode = image.format, image.mode
        rgb = read_rgb(path)
        resized = resize(rgb)
        yield {
            "image": path.name, "width": rgb.width, "height": rgb.height, "format": form, "mode": mode,
            "rgb": digest(rgb), "resized": digest(resized), "tensor": digest(number(resized)),
        }


def resampled(data: Path, filters: Iterable[str], resize: Callable[..., Any]) -> Iterator[Row]:
    found = images(data)
    for path in [p for p in found if p.name in RESAMPLED] or found[::40]:
        rgb = read_rgb(path)
        kept = ((rgb.width, 29), (31, rgb.height), rgb.size)
        for name in filters:
            for width, height in SIZES + kept:
                yield {
                    "image": path.name, "filter": name, "width": width, "height": height,
                    "resized": digest(resize(rgb, (width, height), name)),
                }


def resample(data: Path) -> Iterator[Row]:
    return resampled(data, FILTERS, lambda rgb, size, name: rgb.resize(size, Image.Resampling[name.upper()]))


def torch_resample(data: Path) -> Iterator[Row]:
    def resize(rgb: Image.Image, size: tuple[int, int], name: str) -> torch.Tensor:
        pixels = torch.from_numpy(np.array(rgb)).permute(2, 0, 1)
        return v2.resize(pixels, [size[1], size[0]], TORCH_FILTERS[name], antialias=True).permute(1, 2, 0)

    return resampled(data, TORCH_FILTERS, resize)


def draft(data: Path) -> Iterator[Row]:
    for path in images(data):
        with Image.open(path) as opened:
            if opened.format != "JPEG":
                continue
        rgb = read_rgb(path)
        for width, height in DRAFTED:
            with Image.open(path) as opened:
                opened.draft("RGB", (width, height))
                drafted = opened.convert("RGB")
            resized = drafted.resize((width, height), Image.Resampling.BILINEAR)
            exact = rgb.resize((width, height), Image.Resampling.BILINEAR)
            apart = np.abs(np.asarray(resized).astype(int) - np.asarray(exact))
            yield {
                "image": path.name, "width": width, "height": height, "resized": digest(resized),
                "difference": [int(apart.max()), round(float(apart.mean()), 3)],
            }


def normalize(_: Path) -> Iterator[Row]:
    every = np.arange(256, dtype=np.uint8)

    def torchvision(mean: tuple, std: tuple) -> np.ndarray:
        line = Image.fromarray(np.stack([every] * 3, axis=-1)[None])
        return Compose([ToTensor(), Normalize(mean, std)])(line).numpy()[:, 0]

    def huggingface(mean: tuple, std: tuple, factor: float) -> np.ndarray:
        scaled = (every.astype(np.float64) * factor).astype(np.float32)
        return (scaled - np.array(mean, np.float32)[:, None]) / np.array(std, np.float32)[:, None]

    def row(convention: str, pair: tuple, factor: float | None, table: np.ndarray) -> Row:
        assert table.dtype == np.float32 and table.shape == (3, 256)
        return {
            "convention": convention, "mean": pair[0], "std": pair[1], "rescale_factor": factor,
            "sha256": [digest(channel) for channel in table],
            "table": table.view(np.uint32).tolist() if pair is IMAGENET and factor in (None, 1 / 255) else None,
        }

    for pair in (IMAGENET, CLIP, HALF, IDENTITY, UNEVEN):
        yield row("torchvision", pair, None, torchvision(*pair))
        for factor in (1 / 255, 1 / 127.5):
            yield row("huggingface", pair, factor, huggingface(*pair, factor))


def image_processor(folder: Path) -> Any:
    config = json.loads((folder / "preprocessor_config.json").read_text(encoding="utf8"))
    name = config.get("image_processor_type") or config["feature_extractor_type"]
    family = re.sub(r"(ImageProcessor(Fast|Pil)?|FeatureExtractor)$", "", name)
    module = import_module(f"transformers.models.{family.lower()}.image_processing_pil_{family.lower()}")
    return getattr(module, f"{family}ImageProcessorPil").from_pretrained(folder)


def processors(data: Path) -> Iterator[Row]:
    found = images(data)
    for folder in sorted((data / "processors").glob("*")):
        processor = image_processor(folder)
        for path in [p for p in found if p.name in PROCESSED] or found[::10]:
            tensor = processor(images=read_rgb(path), return_tensors="np")["pixel_values"][0]
            yield {
                "processor": folder.name, "image": path.name, "shape": list(tensor.shape),
                "dtype": str(tensor.dtype), "tensor": digest(tensor),
            }


def broken(data: Path) -> Iterator[Row]:
    for path in files(data / "broken"):
        row: Row = {"image": path.name, "opens": False, "error": None, "message": None, "rgb": None, "warning": None}
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warnings.simplefilter("ignore", ResourceWarning)  # of a file left open, not of the image
            try:
                row |= {"rgb": digest(read_rgb(path)), "opens": True}
            except Exception as error:
                row |= {"error": type(error).__name__, "message": str(error).replace(str(path), path.name)}
        row["warning"] = "; ".join(f"{w.category.__name__}: {w.message}" for w in caught) or None
        yield row


# -------------------------------------------------------------------------------------- text

TEXTS = [
    "",
    " ",
    " \t \n \r \v \f ",
    "a",
    "A",
    "7",
    "##s",
    "a red circle above two blue squares on a green background with a yellow triangle in the corner",
    "Three small dogs, sitting NEXT to the farmer's wooden bench.",
    "unphotographed, reddish-greenish octagonality; semi-transparently",
    "ThE MIXED cAsE of 3D, x86_64 and 2nd-hand B2B",
    "  leading, trailing and   inner    spaces  ",
    # white space: what Python, JavaScript and BERT call so differs
    "fs\x1cgs\x1drs\x1eus\x1fend",
    "nel\x85nbsp\xa0ogham\u1680en\u2000hair\u200aline\u2028para\u2029narrow\u202fmath\u205fideo\u3000end",
    "bom\ufeffzwsp\u200bzwnj\u200czwj\u200dwj\u2060shy\u00admvs\u180eend",
    "\ufeffa byte order mark first",
    "line one\nline two\r\nline three\rline four\ttab\vvt\fff",
    "nul\x00bel\x07bs\x08esc\x1bdel\x7fc1\x80\x9fend",
    "object \ufffc replacement \ufffd noncharacter \uffff \ufdd0 private \ue000 end",
    # letters whose case is special
    "\u0130stanbul I\u0307 \u0131 i DI\u015e ISPARTA",
    "300 \u212a (kelvin), 5 \u212b (\u00e5ngstr\u00f6m), \u2126 ohm, \u017fhort \u017f",
    "Stra\u00dfe STRASSE \u1e9e \ufb01ne \ufb02ag \ufb03x \u01c6 \u01c5 \u01c4",
    "\u039f\u0394\u039f\u03a3 \u03a3 \u03c2 \u03c3 \u03a3\u03a3 \u0391\u03a3. \u03b1\u03b2\u03b3",
    "\u00c6on \u00d8re \u0141\u00f3d\u017a \u00de\u00f3r \u00d0 \u0110 na\u00efve caf\u00e9 \u00c9COLE",
    # combining marks, compatibility forms, digits of other scripts
    "e\u0301 \u00e9 n\u0303 a\u030a\u0323 o\u0308\u0304 \u1ec7 q\u0307\u0323 \u0301lone z\u0361g",
    "a\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309 zalgo",
    "\uff32\uff45\uff44 \uff43\uff49\uff52\uff43\uff4c\uff45 \uff11\uff12\uff13\uff01",
    "\u2460 \u00b2 \u2075 \u00bd \u2168 \u0663\u0664 \u0967\u0968 \U0001d7d8 \U0001d400\U0001d41a",
    "\U00010400\U00010428 deseret \U0001e900\U0001e922 adlam",
    # scripts
    "\u4e16\u754c\u4f60\u597d",
    "red\u7ea2blue\u84dd mixed\u65e5\u672c\u8a9e\u30c6\u30ad\u30b9\u30c8 \u3072\u3089\u304c\u306a",
    "rare \U00020000\U0002a6d6 \uf900 \u3400 compat \u3007 \u3005 \u3006",
    "\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab \uac00",
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd \u0627\u0644\u0639\u0631\u0628\u064a\u0629",
    "\u0645\u064f\u0634\u064e\u0643\u064e\u0651\u0644",
    "rtl \u202eoverride\u202c \u200emark\u200f \u2066isolate\u2069 end",
    "\u041a\u0440\u0430\u0441\u043d\u044b\u0439 \u043a\u0440\u0443\u0433,",
    "\u0401\u043b\u043a\u0430 \u0451\u0436 \u0457 \u0439 \u0438\u0306",
    "\u0939\u093f\u0928\u094d\u0926\u0940 \u0e44\u0e17\u0e22 \u0e01\u0e33 \u10d0\u10d1 \u1c90 \u13a0 \uab70",
    # emoji
    "a \U0001f534 and a\U0001f7e6square\U0001f600\U0001f600",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
    "\U0001f44d\U0001f3fd \U0001f1eb\U0001f1ee 1\ufe0f\u20e3 \u2764\ufe0f \u263a",
    # punctuation
    string.punctuation,
    " ".join(string.punctuation),
    "".join(f"a{c}b" for c in string.punctuation),
    "it's a dog's life -- isn't it?! (yes...) [no] {maybe} <html> &amp; \\n %20",
    "\u201cquoted\u201d \u2018single\u2019 \u00abguillemets\u00bb",
    "\u2014 em \u2013 en \u2026 \u00bf\u00a1 \u3002\u3001\uff0c",
    "$9.99 \u20ac5 \u00a310 \u00a57 50% 1,234.56 -3.14e+10 #tag @user a_b ~c^d `e` x=y+z |w|",
    "https://example.org/a/b.html?c=d&e=%F0#f someone@example.org",
    # words that look special, words that are long
    "[CLS] [SEP] [MASK] [PAD] [UNK]",
    "[cls][SEP] [ SEP ] [MASK]ed un[MASK] [[SEP]] <|endoftext|> <|startoftext|> <s> </s> <pad>",
    "a [SEP] b [CLS]c[PAD]d",
    "x" * 99 + " y",
    "x" * 100 + " y",
    "x" * 101 + " y",
    "red" * 60,
    "\u00e9" * 100 + " \u00df" * 3,
    "-".join(["red"] * 40),
    "circle " * 300,
    "a red circle, " * 60,
    "word" + "\n" * 300 + "word",
    "q" * 5000,
    "z " * 13 + "fourteen",
    "z " * 14 + "fifteen",
    "z " * 125 + "last",
    "z " * 126 + "last",
]


def clean(text: str) -> str:
    return re.sub(r"[^a-zA-Z0-9\s]", "", text.lower())


def tokenizers(data: Path) -> Iterator[tuple[str, Tokenizer, dict[str, Any], str]]:
    """Name, tokenizer, tokenizer_config.json and side of truncation; no padding."""
    for path in sorted(data.glob("*/tokenizer.json")):
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.no_padding()
        config = json.loads(path.with_name("tokenizer_config.json").read_text(encoding="utf8"))
        yield path.parent.name, tokenizer, config, config.get("truncation_side", "right")


def tokens(data: Path) -> Iterator[Row]:
    captions = data / "captions.txt"
    texts = TEXTS + (captions.read_text(encoding="utf8").splitlines()[::200] if captions.exists() else [])
    for name, tokenizer, config, side in tokenizers(data):
        pad = config["pad_token"]
        pad_id = tokenizer.token_to_id(pad["content"] if isinstance(pad, dict) else pad)
        for length in (128, 16):
            tokenizer.enable_truncation(length, direction=side)
            for text in texts:
                for cleaned in (None, clean(text)):
                    encoding = tokenizer.encode(text if cleaned is None else cleaned)
                    if length == 128 or encoding.overflowing:
                        yield {
                            "tokenizer": name, "max_length": length, "text": text,
                            "clean": cleaned is not None, "cleaned_text": cleaned,
                            "ids": encoding.ids, "pad_id": pad_id, "length": len(encoding.ids),
                        }


PAIRS = [
    ("a red circle", "two blue squares"),
    ("", ""),
    ("", "a red circle"),
    ("a red circle", ""),
    ("a b c d e f g h i j k l m n o p", "q r s"),
    ("q r s", "a b c d e f g h i j k l m n o p"),
    ("a b c d e f g h i j k l", "m n o p q r s t u v w x"),
    ("a b c d e f g h i j k l m", "n o p q r s t u v w x y"),
    ("caf\u00e9 \u4e16\u754c \U0001f534", "[SEP] <mask> </s> Stra\u00dfe"),
]


def pairs(data: Path) -> Iterator[Row]:
    for name, tokenizer, _, side in tokenizers(data):
        for length in (128, 17, 16, 9, 5, 4):
            tokenizer.enable_truncation(length, direction=side)
            for text, text_pair in PAIRS:
                encoding = tokenizer.encode(text, text_pair)
                if length == 128 or encoding.overflowing:
                    yield {
                        "tokenizer": name, "max_length": length, "text": text, "text_pair": text_pair,
                        "ids": encoding.ids, "type_ids": encoding.type_ids,
                    }


LONG = "a red circle, two blue squares and caf\u00e9 \u4e16\u754c \U0001f534 on a Stra\u00dfe in the park"

# What a tokenizer of transformers is asked for, beside the sides of its configuration.
ENCODINGS = [
    {"texts": [LONG, "a cat"], "pairs": pairs, **options}
    for pairs in (None, ["two dogs and a red ball on the green grass", "b"])
    for options in (
        {"padding": True, "pad_to_multiple_of": 8},
        {"padding": "max_length", "max_length": 90, "pad_to_multiple_of": 16},
        *(
            {"padding": True, "truncation": truncation, "max_length": length, "stride": stride,
             "return_overflowing_tokens": True}
            for truncation in ("longest_first", "only_first", "only_second")
            for length in (8, 13, 20, 27)
            for stride in (0, 1, 3)
        ),
        {"padding": True, "truncation": "only_second", "max_length": 40, "pad_to_multiple_of": 8},
    )
]


ENCODED = ("input_ids", "attention_mask", "token_type_ids", "offset_mapping", "overflow_to_sample_mapping")


def encodings(data: Path) -> Iterator[Row]:
    for name, _, config, side in tokenizers(data):
        pad = config["pad_token"]
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_file=str(data / name / "tokenizer.json"), truncation_side=side,
            pad_token=pad["content"] if isinstance(pad, dict) else pad,
            padding_side=config.get("padding_side", "right"))
        for case in ENCODINGS:
            texts, text_pairs = case["texts"], case["pairs"]
            options = {option: value for option, value in case.items() if option not in ("texts", "pairs")}
            try:
                encoded = tokenizer(
                    texts, text_pairs, return_offsets_mapping=True, return_token_type_ids=True, **options)
                tensors = {tensor: json.dumps(encoded.get(tensor), separators=(",", ":")) for tensor in ENCODED}
                result = {
                    "dims": [len(encoded["input_ids"]), len(encoded["input_ids"][0])],
                    "first_ids": encoded["input_ids"][0],
                    "sha256": {
                        tensor: hashlib.sha256(numbers.encode()).hexdigest()[:16]
                        for tensor, numbers in tensors.items()
                    },
                }
            except BaseException as error:  # what Rust panics with is no Exception
                if isinstance(error, KeyboardInterrupt):
                    raise
                result = None
            yield {"tokenizer": name, **case, "result": result}


def cleaned_ranges(_: Path) -> Iterator[Row]:
    step = 0x400
    astral = (0x10400, 0x1D400, 0x1E800, 0x1F000, 0x1F400, 0x20000, 0xE0000, 0x10FC00)
    for start in (*range(0, 0xD800, step), *range(0xE000, 0x10000, step), *astral):
        text = "".join(clean(chr(point)) for point in range(start, start + step))
        yield {
            "start": start, "end": start + step - 1, "cleaned": text,
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
        }


# -------------------------------------------------------------------------------------- main

FAMILIES = {
    "imagenet224": imagenet224,
    "resample": resample,
    "resample.torch": torch_resample,
    "draft": draft,
    "processors": processors,
    "normalize": normalize,
    "broken": broken,
    "tokens": tokens,
    "pairs": pairs,
    "encodings": encodings,
    "clean": cleaned_ranges,
}


OF_PILLOW_12 = ("imagenet224", "resample", "draft")

PACKAGES = ("pillow", "numpy", "torch", "torchvision", "transformers", "tokenizers")
CODECS = ("libjpeg_turbo", "webp", "avif", "libtiff", "zlib")


def versions() -> dict[str, str]:
    packages = {name: version(name) for name in PACKAGES}
    codecs = {name: features.version(name) for name in CODECS}
    return {"python": platform.python_version(), "unicode": unicodedata.unidata_version, **packages, **codecs}


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the expected values of the tests.")
    parser.add_argument("--data", type=Path, required=True, help="folder with images/, broken/ and tokenizers")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the .jsonl files into")
    parser.add_argument("--only", choices=FAMILIES, help="write this file alone")
    options = parser.parse_args()

    options.out.mkdir(parents=True, exist_ok=True)
    suffix = ".pillow12" if version("pillow").startswith("12.") else ""
    for family in [options.only] if options.only else OF_PILLOW_12 if suffix else FAMILIES:
        lines = [json.dumps(row) + "\n" for row in FAMILIES[family](options.data)]
        if lines:
            (options.out / f"{family}{suffix}.jsonl").write_text("".join(lines), encoding="ascii", newline="\n")
        print(family, len(lines))
    text = "".join(f"{name} {number}\n" for name, number in versions().items())
    (options.out / f"VERSIONS{suffix}.txt").write_text(text, encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
