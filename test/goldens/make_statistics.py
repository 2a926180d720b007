"""Expected statistics of the pixels of the test's images, by Pillow and NumPy.

    python make_statistics.py DATA OUT       # reads DATA/images, writes OUT/statistics.jsonl

A line is {"options", "images", "pixels", "mean", "std", "histograms"}: the options of pixtok's
ImageProcessor; the files, in order; how many pixels they have together after resizing and cropping;
mean and standard deviation (of the population) of red, green and blue divided by 255; and how often each
of the 256 values is in them. Zeros of a centre crop count, those of `pad` do not.
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

BILINEAR, BICUBIC = Image.Resampling.BILINEAR, Image.Resampling.BICUBIC


def cropped(pixels: np.ndarray, size: int) -> np.ndarray:
    """The middle, as torchvision's center_crop."""
    height, width, _ = pixels.shape
    missing = ((max(0, size - height), 0), (max(0, size - width), 0), (0, 0))
    pixels = np.pad(pixels, missing)
    top, left = (round((side - size) / 2) for side in pixels.shape[:2])
    return pixels[top : top + size, left : left + size]


def size(width: int, height: int) -> dict[str, int]:
    return {"width": width, "height": height}


CASES = [
    ({}, lambda image: np.asarray(image.resize((224, 224), BILINEAR))),
    (
        {"resize": size(40, 40), "centerCrop": 31, "filter": "bicubic"},
        lambda image: cropped(np.asarray(image.resize((40, 40), BICUBIC)), 31),
    ),
    (
        {"resize": size(24, 16), "centerCrop": 32},
        lambda image: cropped(np.asarray(image.resize((24, 16), BILINEAR)), 32),
    ),
    (
        {"resize": size(20, 30), "pad": 40},
        lambda image: np.asarray(image.resize((20, 30), BILINEAR)),
    ),
]


def main() -> None:
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    paths = sorted((data / "images").iterdir())
    images = [Image.open(path).convert("RGB") for path in paths]
    with (out / "statistics.jsonl").open("w", encoding="ascii", newline="\n") as file:
        for options, prepare in CASES:
            pixels = np.concatenate([prepare(image).reshape(-1, 3) for image in images])
            channels = [np.ascontiguousarray(channel) for channel in pixels.T]
            line = {
                "options": options,
                "images": [path.name for path in paths],
                "pixels": len(pixels),
                "mean": [float((channel / 255).mean()) for channel in channels],
                "std": [float((channel / 255).std()) for channel in channels],
                "histograms": [np.bincount(channel, minlength=256).tolist() for channel in channels],
            }
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
