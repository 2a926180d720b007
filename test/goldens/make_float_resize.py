"""Writes what torch's interpolate, and transformers' Owlv2, which filters first, make of float32 images.

    python make_float_resize.py ../data/goldens

Writes OUT/float_resize.jsonl. One JSON object a line: `filter` as native/transform/float_taps.h has them; `from` and
`to`, width and height; `seed` of the image: bytes of three planes, each the top 8 bits of
`state = (state * 1664525 + 1013904223) mod 2**32`, times float32(1 / 255); `sha256` of the result's float32 values.

On a CPU with AVX2 or AVX-512, and with two threads: with one, torch takes another way, and other last bits come out.
"""

import hashlib
import json
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import Owlv2ImageProcessor
from transformers.image_utils import SizeDict

FILTERS: dict[str, dict[str, Any]] = {
    "nearest": {"mode": "nearest-exact"},
    "antialiased-bilinear": {"mode": "bilinear", "antialias": True},
    "antialiased-bicubic": {"mode": "bicubic", "antialias": True},
    "bilinear": {"mode": "bilinear"},
    "bilinear-corner-to-corner": {"mode": "bilinear", "align_corners": True},
}
# Width and height before, and after: one pixel, one axis kept, up to and over the size that torch calls small.
SIZES = [
    ((1, 1), (5, 7)), ((7, 5), (1, 1)), ((7, 7), (1, 2)), ((40, 30), (40, 9)), ((40, 30), (11, 30)), ((30, 40), (30, 40)),
    ((50, 41), (64, 64)), ((50, 41), (65, 64)), ((233, 151), (97, 31)), ((233, 151), (98, 31)), ((21, 19), (150, 3)),
    ((301, 17), (32, 150)), ((3, 200), (140, 2)),
    ((47, 2), (39, 109)),
]
# Both sides shrink: by one pixel, by much, one much more than the other, to the size of the source on one side.
BLURRED_SIZES = [
    ((150, 150), (149, 149)), ((151, 151), (2, 2)), ((120, 120), (60, 119)), ((120, 120), (119, 8)), ((90, 90), (90, 40)),
    ((161, 161), (160, 144)), ((200, 200), (48, 48)), ((3, 3), (2, 2)), ((40, 70), (30, 33)), ((33, 32), (17, 3)),
]


def image(width: int, height: int, seed: int) -> torch.Tensor:
    state, values = seed, []
    for _ in range(3 * width * height):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(state >> 24)
    return torch.tensor(values, dtype=torch.uint8).reshape(1, 3, height, width) * (1 / 255)


def resized(name: str, pixels: torch.Tensor, width: int, height: int) -> torch.Tensor:
    if name == "blurred-bilinear":
        return Owlv2ImageProcessor().resize(pixels, SizeDict(height=height, width=width))
    return torch.nn.functional.interpolate(pixels, (height, width), **FILTERS[name])


def main() -> None:
    assert torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")
    torch.set_num_threads(2)
    drawn = random.Random(7)
    sizes = SIZES + [tuple((drawn.randint(1, 160), drawn.randint(1, 160)) for _ in range(2)) for _ in range(12)]
    lines = []
    for name in [*FILTERS, "blurred-bilinear"]:
        for seed, ((width, height), (to_width, to_height)) in enumerate(sizes if name in FILTERS else sizes + BLURRED_SIZES):
            try:
                result = resized(name, image(width, height, seed), to_width, to_height)
            except RuntimeError as error:  # a filter that is wider than the image
                print(name, (width, height), (to_width, to_height), error)
                continue
            digest = hashlib.sha256(np.ascontiguousarray(result.numpy()).tobytes()).hexdigest()
            lines.append({
                "filter": name, "from": {"width": width, "height": height}, "to": {"width": to_width, "height": to_height},
                "seed": seed, "sha256": digest,
            })
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (Path(sys.argv[1]) / "float_resize.jsonl").write_text(text, encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
