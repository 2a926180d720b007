"""Expected values for augmentation, explicit and random.

    python make_augmentation.py DATA OUT     # reads DATA/images and DATA/oriented, writes
                                             # OUT/augmentation.jsonl and OUT/draws.jsonl

A line of augmentation.jsonl is {"image", "options", "process", "sha256"}: the options of pixtok's
ImageProcessor and of its `process`, and the SHA-256 over the bytes that torchvision gives for the
same thing on a Pillow image (uint8 height x width x 3, or float32 3 x height x width where the
options say nothing of uint8).

A line of draws.jsonl is {"image", "options", "augmentation", "seed", "epoch", "index", "drawn",
"sha256"}: what torchvision's random transforms choose when their random numbers are those of NumPy's
Philox with key (seed, epoch) and counter (0, index, 0, 0), and what they make of the image. "image"
is a file, or [width, height] of a black image.
"""

import contextlib
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np
import torch
import torchvision.transforms.functional as tv
from PIL import Image, ImageOps
from torchvision.transforms import (
    Compose,
    InterpolationMode,
    RandomCrop,
    RandomHorizontalFlip,
    RandomResizedCrop,
    Resize,
)

RAW = {"type": "uint8", "layout": "hwc"}
IMAGES = [
    "jpeg-500x375.jpg",
    "jpeg-420.jpg",
    "jpeg-422.jpg",
    "jpeg-17x33.jpg",
    "jpeg-301x17.jpg",
    "jpeg-3x400.jpg",
    "jpeg-1x1.jpg",
    "jpeg-grey.jpg",
    "jpeg-cmyk.jpg",
    "jpeg-ycck.jpg",
    "png-rgb.png",
    "png-l-16bit.png",
    "png-4x400.png",
    "webp-lossy.webp",
]
FILTERS = [mode for mode in InterpolationMode if mode is not InterpolationMode.NEAREST_EXACT]
Line = dict[str, object]
Crop = tuple[int, int, int, int]  # top, left, height, width: torchvision's order


def sha(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def line(image: str, options: Line, process: Line, result: np.ndarray) -> Line:
    return {"image": image, "options": options, "process": process, "sha256": sha(result)}


def crop_option(crop: Crop) -> Line:
    return dict(zip(("top", "left", "height", "width"), crop))


def crops_of(width: int, height: int) -> list[Crop]:
    """All of it, single pixels, edges, and odd places and sizes in the middle."""
    crops = [
        (0, 0, height, width),
        (0, 0, 1, 1),
        (height - 1, width - 1, 1, 1),
        (0, 0, height, (width + 1) // 2),
        (height // 2, 0, height - height // 2, width),
        (height // 3, width // 3, height - height // 3, width - width // 3),
        (height // 5 | 1, width // 7 | 1, height // 2 | 1, width // 3 | 1),
        (height // 9, width // 2, height // 3, 1),
    ]
    inside = [
        (top, left, tall, wide)
        for top, left, tall, wide in crops
        if tall > 0 and wide > 0 and top + tall <= height and left + wide <= width
    ]
    return list(dict.fromkeys(inside))


def crop_lines(name: str, image: Image.Image) -> Iterator[Line]:
    for number, crop in enumerate(crops_of(*image.size)):
        _, _, height, width = crop
        sizes = [(19, 23), (width, height), (64, 7), (width, 21), (21, height)]
        for code, mode in enumerate(FILTERS):
            size = sizes[(number + code) % len(sizes)]
            options = {
                **RAW,
                "resize": {"width": size[0], "height": size[1]},
                "filter": mode.value,
            }
            resized = tv.resized_crop(image, *crop, list(size[::-1]), mode)
            process: Line = {"crop": crop_option(crop)}
            if (number + code) % 3 == 0:
                resized = tv.hflip(resized)
                process["horizontalFlip"] = True
            yield line(name, options, process, np.asarray(resized))


def standard_lines(name: str, image: Image.Image) -> Iterator[Line]:
    """The whole of a usual training chain."""
    for crop in crops_of(*image.size)[-3:]:
        resized = tv.hflip(tv.resized_crop(image, *crop, [224, 224]))
        mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
        tensor = tv.normalize(tv.to_tensor(resized), mean, std)
        process = {"crop": crop_option(crop), "horizontalFlip": True}
        yield line(name, {}, process, tensor.numpy())


def shortest_edge_lines(name: str, image: Image.Image) -> Iterator[Line]:
    """A crop before a resize that depends on the image's size."""
    for crop in crops_of(*image.size)[-3:]:
        cropped = tv.crop(image, *crop)
        resized = tv.resize(cropped, [40], InterpolationMode.BICUBIC)
        options = {**RAW, "resize": {"shortestEdge": 40}, "filter": "bicubic", "centerCrop": 33}
        result = np.asarray(tv.center_crop(resized, [33, 33]))
        yield line(name, options, {"crop": crop_option(crop)}, result)


def padded_crop(image: Image.Image, crop: Crop, fill: object) -> Image.Image:
    """A crop of which any part may lie outside of the image."""
    border = 64
    padded = tv.pad(image, border, fill=fill)
    return tv.crop(padded, crop[0] + border, crop[1] + border, *crop[2:])


def window_lines(name: str, image: Image.Image) -> Iterator[Line]:
    """A crop of the resized image, with a border around it."""
    options: Line = {**RAW, "resize": {"width": 30, "height": 22}}
    fills: list[object] = [0, 255, [1, 128, 250]]
    for number, mode in enumerate(FILTERS):
        resized = tv.resize(image, [22, 30], mode)
        for tall, wide in [(22, 30), (9, 11), (31, 13), (5, 40)]:
            places = [(-4, 3), (6, -5), (2, 1), (22 - tall, 30 - wide), (-tall, 0), (3, 29)]
            top, left = places[(number + tall) % len(places)]
            fill = fills[(number + wide) % len(fills)]
            result = padded_crop(resized, (top, left, tall, wide), fill)
            process: Line = {"window": {"top": top, "left": left, "fill": fill}}
            if (number + tall) % 2 == 0:
                result = tv.hflip(result)
                process["horizontalFlip"] = True
            size = {} if (tall, wide) == (22, 30) else {"centerCrop": {"width": wide, "height": tall}}
            each = {**options, **size, "filter": mode.value}
            yield line(name, each, process, np.asarray(result))
    # without a resize, to the right and below, and normalized
    for top, left, fill in [(-7, -3, [200, 0, 9]), (1, 1, 77)]:
        result = padded_crop(image, (top, left, 20, 26), fill)
        tensor = tv.normalize(tv.to_tensor(result), [0.5, 0.4, 0.3], [0.2, 0.3, 0.4])
        each = {"resize": None, "centerCrop": {"width": 26, "height": 20}}
        each |= {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.4]}
        process = {"window": {"top": top, "left": left, "fill": fill}}
        yield line(name, each, process, tensor.numpy())
    # of a crop
    crop = crops_of(*image.size)[-1]
    resized = tv.resized_crop(image, *crop, [22, 30])
    result = padded_crop(resized, (-3, 4, 22, 30), 5)
    process = {"crop": crop_option(crop), "window": {"top": -3, "left": 4, "fill": 5}}
    yield line(name, options, process, np.asarray(result))


def oriented_lines(folder: Path) -> Iterator[Line]:
    """Crops of the upright image."""
    for path in sorted(folder.glob("orientation-*")):
        upright = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
        width, height = upright.size
        crop = (3, 5, height - 10, width - 7)
        options = {**RAW, "resize": {"width": 13, "height": 11}, "exifOrientation": True}
        result = tv.resized_crop(upright, *crop, [11, 13])
        process = {"crop": crop_option(crop)}
        yield line(f"oriented/{path.name}", options, process, np.asarray(result))


@contextlib.contextmanager
def drawing_from(numbers: np.random.Generator) -> Iterator[None]:
    """torch takes its random numbers from here, and rounds none of them to float32."""

    def uniform(tensor: torch.Tensor, least: float, most: float) -> torch.Tensor:
        return tensor.fill_(numbers.random() * (most - least) + least)

    def randint(least: int, end: int, size: tuple[int]) -> torch.Tensor:
        return torch.tensor([least + int(numbers.random() * (end - least))])

    def rand(count: int) -> torch.Tensor:
        return torch.tensor([numbers.random() for _ in range(count)])

    torch.set_default_dtype(torch.float64)
    try:
        with (
            mock.patch.object(torch.Tensor, "uniform_", uniform),
            mock.patch.object(torch, "randint", randint),
            mock.patch.object(torch, "rand", rand),
        ):
            yield
    finally:
        torch.set_default_dtype(torch.float32)


def philox(seed: int, epoch: int, index: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=[seed, epoch], counter=[0, index, 0, 0]))


def transforms_of(options: Line, augmentation: Line) -> Compose:
    """The same in torchvision's words."""
    target, crop = options["resize"], options.get("centerCrop") or options["resize"]
    size = [crop["height"], crop["width"]]
    transforms: list[object] = []
    if "randomResizedCrop" in augmentation:
        transforms.append(RandomResizedCrop(size, **augmentation["randomResizedCrop"]))
    elif target is not None:
        short = target.get("shortestEdge")
        transforms.append(Resize(short or [target["height"], target["width"]]))
    if "randomCrop" in augmentation:
        names = {"padding": "padding", "padIfNeeded": "pad_if_needed", "fill": "fill"}
        given = {names[name]: value for name, value in augmentation["randomCrop"].items()}
        transforms.append(RandomCrop(size, **given))
    if "horizontalFlip" in augmentation:
        transforms.append(RandomHorizontalFlip(augmentation["horizontalFlip"]))
    return Compose(transforms)


def draw(image: Image.Image, transforms: Compose) -> tuple[list[int], np.ndarray]:
    """What random transforms choose, and what they make of an image."""
    drawn = [0, 0, image.height, image.width, 0]
    border = [0, 0]  # above and to the left
    original = {name: getattr(tv, name) for name in ("pad", "crop", "hflip")}

    def pad(image: Image.Image, padding: object, *arguments: object) -> Image.Image:
        sides = [padding] if isinstance(padding, int) else padding
        border[0] += sides[min(1, len(sides) - 1)]
        border[1] += sides[0]
        return original["pad"](image, padding, *arguments)

    def crop(image: Image.Image, *place: int) -> Image.Image:
        drawn[:4] = place[0] - border[0], place[1] - border[1], *place[2:]
        return original["crop"](image, *place)

    def hflip(image: Image.Image) -> Image.Image:
        drawn[4] = 1
        return original["hflip"](image)

    with mock.patch.multiple(tv, pad=pad, crop=crop, hflip=hflip):
        result = transforms(image)
    return drawn, np.asarray(result)


KEYS = [
    (0, 0, 0),
    (7, 1, 1),
    (7, 2, 123_456),
    (2**53 - 1, 2**53 - 1, 2**53 - 2),
]


FIXED: Line = {**RAW, "resize": {"width": 17, "height": 16}}
CENTRE: Line = {
    **RAW,
    "resize": {"shortestEdge": 20},
    "centerCrop": {"width": 13, "height": 11},
}
UNSCALED: Line = {**RAW, "resize": None, "centerCrop": {"width": 16, "height": 16}}
FLIP: Line = {"horizontalFlip": 0.5}
DRAWS: list[tuple[Line, Line]] = [
    (FIXED, {"randomResizedCrop": {}, **FLIP}),
    (FIXED, {"randomResizedCrop": {"scale": [0.5, 0.9], "ratio": [0.3, 4]}}),
    (FIXED, {"randomResizedCrop": {"scale": [1, 1], "ratio": [1, 1]}, **FLIP}),
    (FIXED, {"randomResizedCrop": {"scale": [0.01, 0.02]}}),
    (CENTRE, {"randomResizedCrop": {}}),
    (FIXED, FLIP),
    (FIXED, {"randomCrop": {"padding": 4}, **FLIP}),
    (FIXED, {"randomCrop": {}}),
    (FIXED, {"randomCrop": {"padding": [3, 0, 1, 7], "fill": 99}}),
    (CENTRE, {"randomCrop": {}, **FLIP}),
    (CENTRE, {"randomCrop": {"padding": [0, 9], "fill": [1, 2, 3]}}),
    (UNSCALED, {"randomCrop": {"padIfNeeded": True, "fill": [250, 0, 77]}, **FLIP}),
    (UNSCALED, {"randomCrop": {"padIfNeeded": True, "padding": [1, 2, 3, 4]}}),
]


def draw_lines(data: Path) -> Iterator[Line]:
    names = ["jpeg-500x375.jpg", "jpeg-17x33.jpg", "jpeg-3x400.jpg", "jpeg-cmyk.jpg", "png-rgb.png"]
    images: list[object] = [f"images/{name}" for name in names]
    images += [[1, 1], [1, 9], [9, 1], [2, 3], [500, 375], [10, 1000], [1999, 31], [640, 480]]
    cases = [(image, *draws, KEYS) for image in images for draws in DRAWS]
    cases.append(([500, 375], *DRAWS[0], [(1, 0, index) for index in range(100)]))
    cases.append(([37, 41], *DRAWS[6], [(1, 0, index) for index in range(100)]))
    for image, options, augmentation, keys in cases:
        if isinstance(image, str):
            image = Image.open(data / image).convert("RGB")
        else:
            image = Image.new("RGB", tuple(image))
        for seed, epoch, index in keys:
            with drawing_from(philox(seed, epoch, index)):
                drawn, result = draw(image, transforms_of(options, augmentation))
            yield {
                "image": image,
                "options": options,
                "augmentation": augmentation,
                "seed": seed,
                "epoch": epoch,
                "index": index,
                "drawn": drawn,
                "sha256": sha(result),
            }


def write(path: Path, lines: list[Line]) -> None:
    with path.open("w", encoding="utf8") as file:
        for one in lines:
            file.write(json.dumps(one) + "\n")


def main() -> None:
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    lines: list[Line] = []
    for name in IMAGES:
        image = Image.open(data / "images" / name).convert("RGB")
        for family in (crop_lines, standard_lines, shortest_edge_lines, window_lines):
            lines.extend(family(f"images/{name}", image))
    lines.extend(oriented_lines(data / "oriented"))
    write(out / "augmentation.jsonl", lines)
    write(out / "draws.jsonl", list(draw_lines(data)))


if __name__ == "__main__":
    main()
