"""Expected values for augmentation: explicit crops and flips.

    python make_augmentation.py DATA OUT     # reads DATA/pictures and DATA/oriented, writes
                                             # OUT/augmentation.jsonl

A line is {"image", "options", "process", "sha256"}: the options of pixtok's ImageProcessor and of its
`process`, and the SHA-256 over the bytes that torchvision gives for the same thing on a Pillow image
(uint8 height x width x 3, or float32 3 x height x width where the options say nothing of uint8).
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torchvision.transforms.functional as tv
from PIL import Image, ImageOps
from torchvision.transforms import InterpolationMode

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


def line(image: str, options: Line, process: Line, result: np.ndarray) -> Line:
    digest = hashlib.sha256(np.ascontiguousarray(result).tobytes()).hexdigest()
    return {"image": image, "options": options, "process": process, "sha256": digest}


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


def main() -> None:
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    lines: list[Line] = []
    for name in PICTURES:
        picture = Image.open(data / "pictures" / name).convert("RGB")
        for family in (crop_lines, standard_lines, shortest_edge_lines):
            lines.extend(family(f"pictures/{name}", picture))
    lines.extend(oriented_lines(data / "oriented"))
    with (out / "augmentation.jsonl").open("w", encoding="utf8") as file:
        for one in lines:
            file.write(json.dumps(one) + "\n")


if __name__ == "__main__":
    main()
