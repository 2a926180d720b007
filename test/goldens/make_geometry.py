"""Expected values for sizes, crops, padding, boxes, flips and EXIF orientation.

    python make_geometry.py DATA OUT     # reads DATA/images, draws DATA/oriented, writes
                                         # OUT/geometry.jsonl

A line is {"image", "options", "process", "sha256"}: the options of pixtok's ImageProcessor and of its
`process`, and the SHA-256 over the bytes that Pillow, torchvision or transformers give for the same
thing (uint8 height x width x 3, or float32 3 x height x width where the options say nothing of
uint8).
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torchvision.transforms.v2.functional as tv
from PIL import Image, ImageOps
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

RAW = {"type": "uint8", "layout": "hwc"}
IMAGES = [
    "jpeg-500x375.jpg",
    "jpeg-17x33.jpg",
    "jpeg-301x17.jpg",
    "jpeg-3x400.jpg",
    "jpeg-1x1.jpg",
    "png-rgb.png",
]
FILTERS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
Line = dict[str, object]


def sha(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def line(image: str, options: Line, result: np.ndarray, process: Line | None = None) -> Line:
    return {"image": image, "options": options, "process": process or {}, "sha256": sha(result)}


def torchvision_lines(name: str, image: Image.Image) -> Iterator[Line]:
    """Shorter or longer edge, then the middle."""
    for short, long, crop in [
        (32, None, 32),
        (32, None, 31),
        (33, None, 64),
        (40, 45, 41),
        (57, None, 20),
        (None, 50, 50),
        (None, 47, 24),
    ]:
        size = [short] if short is not None else None
        if min(tv._geometry._compute_resized_output_size(tv.get_size(image), size, long)) < 1:
            continue
        resized = tv.resize(image, size, max_size=long, interpolation=3)
        target = {"shortestEdge": short, "longestEdge": long}
        options = {
            **RAW,
            "resize": {key: value for key, value in target.items() if value is not None},
            "filter": "bicubic",
            "centerCrop": crop,
        }
        yield line(name, options, np.asarray(tv.center_crop(resized, [crop, crop])))
    for width, height in [(5, 9), (64, 20), (600, 3)]:
        crop = {"width": width, "height": height}
        options = {**RAW, "resize": None, "centerCrop": crop}
        yield line(name, options, np.asarray(tv.center_crop(image, [height, width])))


def hugging_face_lines(name: str, image: Image.Image) -> Iterator[Line]:
    """An image processor that does all there is to do."""
    normal = {"rescale": 1 / 255, "mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.4]}
    cases: list[tuple[Line, Line, int | None, int | None]] = [
        ({"shortest_edge": 32}, {"shortestEdge": 32}, 31, None),
        ({"shortest_edge": 33}, {"shortestEdge": 33}, 64, 70),
        (
            {"shortest_edge": 40, "longest_edge": 45},
            {"shortestEdge": 40, "longestEdge": 45},
            None,
            48,
        ),
        (
            {"shortest_edge": 41, "longest_edge": 44},
            {"shortestEdge": 41, "longestEdge": 44},
            43,
            None,
        ),
        ({"max_height": 30, "max_width": 50}, {"maxHeight": 30, "maxWidth": 50}, None, 50),
    ]
    for size, target, crop, pad in cases:
        processor = ViTImageProcessorPil(
            size=size,
            resample=3,
            do_center_crop=crop is not None,
            crop_size=crop and {"height": crop, "width": crop},
            do_pad=pad is not None,
            pad_size=pad and {"height": pad, "width": pad},
            image_mean=normal["mean"],
            image_std=normal["std"],
        )
        try:
            result = processor(images=image, return_tensors="np")["pixel_values"][0]
        except ValueError:
            continue  # an edge of zero pixels
        if min(result.shape) < 1:
            continue
        options = {
            **normal,
            "convention": "huggingface",
            "resize": target,
            "filter": "bicubic",
            "centerCrop": crop,
            "pad": pad,
        }
        yield line(name, options, result)


def box_lines(name: str, image: Image.Image) -> Iterator[Line]:
    """A part of the image, and its mirror image."""
    width, height = image.size
    boxes = [
        (0.25 * width, 0.1 * height, 0.8 * width, 0.9 * height),
        (0, 0, width, height / 2),
        (width / 3, height / 7, width, height),
    ]
    for box in boxes:
        if box[2] - box[0] < 1 or box[3] - box[1] < 1:
            continue
        for filter_name, code in FILTERS.items():
            for size in ((19, 23), (width, height)):
                options = {
                    **RAW,
                    "resize": {"width": size[0], "height": size[1]},
                    "filter": filter_name,
                }
                resized = image.resize(size, code, box=box)
                yield line(name, options, np.asarray(resized), {"box": box})
                mirrored = np.asarray(ImageOps.mirror(resized))
                yield line(name, options, mirrored, {"box": box, "horizontalFlip": True})
    for size in ((width, height), (width, 21), (21, height)):
        options = {**RAW, "resize": {"width": size[0], "height": size[1]}}
        mirrored = np.asarray(ImageOps.mirror(image.resize(size, Image.Resampling.BILINEAR)))
        yield line(name, options, mirrored, {"horizontalFlip": True})


def draw_oriented(folder: Path) -> None:
    """An image without any symmetry, in every orientation and format that can have one."""
    folder.mkdir(exist_ok=True)
    y, x = np.mgrid[0:24, 0:40]
    image = Image.fromarray(np.stack([x * 6, y * 10, (x * y) % 256], 2).astype(np.uint8))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        for suffix in ("jpg", "png", "webp"):
            image.save(folder / f"orientation-{orientation}.{suffix}", exif=exif, quality=90)
    big_endian = Image.Exif()
    big_endian.endian = ">"
    big_endian[0x010F] = "a maker"
    big_endian[0x0112] = 6
    image.save(folder / "big-endian.jpg", exif=big_endian)
    image.save(folder / "out-of-range.jpg", exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0")
    image.save(folder / "cut-exif.jpg", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01\x03\0")


def oriented_lines(folder: Path) -> Iterator[Line]:
    for path in sorted(folder.iterdir()):
        image = Image.open(path)
        upright = ImageOps.exif_transpose(image).convert("RGB")
        width, height = upright.size
        options = {**RAW, "resize": {"width": width, "height": height}, "exifOrientation": True}
        yield line(f"oriented/{path.name}", options, np.asarray(upright))


def main() -> None:
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    draw_oriented(data / "oriented")
    lines: list[Line] = []
    for name in IMAGES:
        image = Image.open(data / "images" / name).convert("RGB")
        for family in (torchvision_lines, hugging_face_lines, box_lines):
            lines.extend(family(f"images/{name}", image))
    lines.extend(oriented_lines(data / "oriented"))
    with (out / "geometry.jsonl").open("w", encoding="utf8") as file:
        for one in lines:
            file.write(json.dumps(one) + "\n")


if __name__ == "__main__":
    main()
