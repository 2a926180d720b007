"""Expected values for augmentation, explicit and random.

    python make_augmentation.py DATA OUT     # reads DATA/pictures and DATA/oriented, writes
                                             # OUT/augmentation.jsonl and OUT/draws.jsonl

A line of augmentation.jsonl is {"image", "options", "process", "sha256"}: the options of pixtok's
ImageProcessor and of its `process`, and the SHA-256 over the bytes that torchvision gives for the
same thing on a Pillow image (uint8 height x width x 3, or float32 3 x height x width where the
options say nothing of uint8).

A line of draws.jsonl is {"image", "options", "augmentation", "seed", "epoch", "index", "drawn",
"sha256"}: what torchvision's random transforms choose when their random numbers are those of NumPy's
Philox with key (seed, epoch) and counter (0, index, 0, 0), and what they make of the picture. "image"
is a file, or [width, height] of a black picture.
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
    RandomHorizontalFlip,
    RandomResizedCrop,
    Resize,
)

RAW = {"type": "uint8", "layout": "hwc"}
PICTURES = [
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


def crop_lines(name: str, picture: Image.Image) -> Iterator[Line]:
    for number, crop in enumerate(crops_of(*picture.size)):
        _, _, height, width = crop
        sizes = [(19, 23), (width, height), (64, 7), (width, 21), (21, height)]
        for code, mode in enumerate(FILTERS):
            size = sizes[(number + code) % len(sizes)]
            options = {
                **RAW,
                "resize": {"width": size[0], "height": size[1]},
                "filter": mode.value,
            }
            resized = tv.resized_crop(picture, *crop, list(size[::-1]), mode)
            process: Line = {"crop": crop_option(crop)}
            if (number + code) % 3 == 0:
                resized = tv.hflip(resized)
                process["horizontalFlip"] = True
            yield line(name, options, process, np.asarray(resized))


def standard_lines(name: str, picture: Image.Image) -> Iterator[Line]:
    """The whole of a usual training chain."""
    for crop in crops_of(*picture.size)[-3:]:
        resized = tv.hflip(tv.resized_crop(picture, *crop, [224, 224]))
        mean, std = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
        tensor = tv.normalize(tv.to_tensor(resized), mean, std)
        process = {"crop": crop_option(crop), "horizontalFlip": True}
        yield line(name, {}, process, tensor.numpy())


def shortest_edge_lines(name: str, picture: Image.Image) -> Iterator[Line]:
    """A crop before a resize that depends on the picture's size."""
    for crop in crops_of(*picture.size)[-3:]:
        cropped = tv.crop(picture, *crop)
        resized = tv.resize(cropped, [40], InterpolationMode.BICUBIC)
        options = {**RAW, "resize": {"shortestEdge": 40}, "filter": "bicubic", "centerCrop": 33}
        result = np.asarray(tv.center_crop(resized, [33, 33]))
        yield line(name, options, {"crop": crop_option(crop)}, result)


def oriented_lines(folder: Path) -> Iterator[Line]:
    """Crops of the upright picture."""
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


def draw(
    picture: Image.Image, size: tuple[int, int], augmentation: Line
) -> tuple[list[int], np.ndarray]:
    """What the random transforms choose, and what they make of a picture."""
    drawn = [0, 0, picture.height, picture.width, 0]

    def resized_crop(image: Image.Image, *arguments: object, **options: object) -> Image.Image:
        drawn[:4] = arguments[:4]
        return original_resized_crop(image, *arguments, **options)

    def hflip(image: Image.Image) -> Image.Image:
        drawn[4] = 1
        return original_hflip(image)

    original_resized_crop, original_hflip = tv.resized_crop, tv.hflip
    if "randomResizedCrop" in augmentation:
        transforms = [RandomResizedCrop(size, **augmentation["randomResizedCrop"])]
    else:
        transforms = [Resize(size)]
    if "horizontalFlip" in augmentation:
        transforms.append(RandomHorizontalFlip(augmentation["horizontalFlip"]))
    with (
        mock.patch.object(tv, "resized_crop", resized_crop),
        mock.patch.object(tv, "hflip", hflip),
    ):
        result = Compose(transforms)(picture)
    return drawn, np.asarray(result)


KEYS = [
    (0, 0, 0),
    (7, 0, 0),
    (7, 1, 0),
    (7, 1, 1),
    (7, 2, 123_456),
    (2**53 - 1, 2**53 - 1, 2**53 - 2),
]


def draw_lines(data: Path) -> Iterator[Line]:
    flip = {"horizontalFlip": 0.5}
    kinds: list[Line] = [
        {"randomResizedCrop": {}, **flip},
        {"randomResizedCrop": {"scale": [0.5, 0.9], "ratio": [0.3, 4]}},
        {"randomResizedCrop": {"scale": [1, 1], "ratio": [1, 1]}, **flip},
        {"randomResizedCrop": {"scale": [0.01, 0.02]}},
        flip,
    ]
    images: list[object] = [f"pictures/{name}" for name in PICTURES if name != "jpeg-1x1.jpg"]
    images += [[1, 1], [1, 9], [9, 1], [2, 3], [500, 375], [10, 1000], [1999, 31], [640, 480]]
    cases = [(image, kind, KEYS) for image in images for kind in kinds]
    cases.append(([500, 375], kinds[0], [(1, 0, index) for index in range(100)]))
    for image, kind, keys in cases:
        if isinstance(image, str):
            picture = Image.open(data / image).convert("RGB")
        else:
            picture = Image.new("RGB", tuple(image))
        for seed, epoch, index in keys:
            with drawing_from(philox(seed, epoch, index)):
                drawn, result = draw(picture, (16, 17), kind)
            yield {
                "image": image,
                "options": {**RAW, "resize": {"width": 17, "height": 16}},
                "augmentation": kind,
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
    for name in PICTURES:
        picture = Image.open(data / "pictures" / name).convert("RGB")
        for family in (crop_lines, standard_lines, shortest_edge_lines):
            lines.extend(family(f"pictures/{name}", picture))
    lines.extend(oriented_lines(data / "oriented"))
    write(out / "augmentation.jsonl", lines)
    write(out / "draws.jsonl", list(draw_lines(data)))


if __name__ == "__main__":
    main()
