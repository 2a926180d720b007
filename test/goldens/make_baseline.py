"""Writes small JPEG files for the decoder of our own: data/baseline, all of which it decodes, and
data/baseline-odd, of whose kinds or oddities it leaves every one to libjpeg-turbo.

    python make_baseline.py --data ../data
"""

import argparse
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

SIZES = [(1, 1), (5, 3), (8, 8), (9, 7), (16, 16), (17, 15), (31, 40), (33, 1), (1, 34), (40, 39)]


def image(width: int, height: int, seed: int, contrast: int = 60) -> Image.Image:
    """Smooth colours, with noise on the right half."""
    random = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    smooth = np.stack([128 + 100 * np.sin((x + c * y) / (5 + c)) for c in range(3)], axis=-1)
    noise = random.normal(0, contrast, smooth.shape) * (x >= width // 2)[..., None]
    return Image.fromarray(np.clip(smooth + noise, 0, 255).astype(np.uint8))


def encoded(picture: Image.Image, **options) -> bytes:
    target = io.BytesIO()
    picture.save(target, "JPEG", **options)
    return target.getvalue()


def segment(file: bytes, marker: int) -> int:
    """Where the first segment with a marker begins."""
    at = 2
    while file[at + 1] != marker:
        at += 2 + int.from_bytes(file[at + 2 : at + 4], "big")
    return at


def scan_data(file: bytes) -> int:
    at = segment(file, 0xDA)
    return at + 2 + int.from_bytes(file[at + 2 : at + 4], "big")


def as_440(file: bytes) -> bytes:
    """Of a file with 4:2:2: its blocks are those of another image with 4:4:0."""
    edited = bytearray(file)
    frame = segment(file, 0xC0)
    edited[frame + 5 : frame + 9] = file[frame + 7 : frame + 9] + file[frame + 5 : frame + 7]
    edited[frame + 11] = 0x12
    return bytes(edited)


def replaced(file: bytes, at: int, value: int) -> bytes:
    return file[:at] + bytes([value]) + file[at + 1 :]


def decoded() -> Iterator[tuple[str, bytes]]:
    for seed, (width, height) in enumerate(SIZES):
        for name, subsampling in {"444": 0, "422": 1, "420": 2}.items():
            options = {"quality": [30, 75, 95, 100][seed % 4], "subsampling": subsampling}
            if seed % 3 == 1:
                options["restart_marker_blocks"] = 1 + seed % 5
            if seed % 2 == 1:
                options["optimize"] = True
            file = encoded(image(width, height, seed), **options)
            chroma_is_narrow = subsampling != 0 and width <= 4
            if not chroma_is_narrow:
                yield f"{name}-{width}x{height}", file
            if name == "422":
                yield f"440-{height}x{width}", as_440(file)
        grey = image(width, height, seed).convert("L")
        yield f"grey-{width}x{height}", encoded(grey, quality=85)
        yield f"grey-factors-{width}x{height}", encoded(grey, quality=85, subsampling=2)
    # Eight numbers of restarts, and one again.
    yield "restart-rows", encoded(image(40, 160, 11), restart_marker_rows=1)
    yield "low-quality", encoded(image(40, 40, 12), quality=1)
    yield "saturated", encoded(image(40, 40, 13, contrast=2000), quality=100, subsampling=0)
    extended = bytearray(encoded(image(20, 20, 14)))
    extended[segment(bytes(extended), 0xC0) + 1] = 0xC1
    yield "extended", bytes(extended)
    yield "behind-end", encoded(image(20, 20, 15)) + b"more"


def odd() -> Iterator[tuple[str, bytes]]:
    picture = image(40, 40, 21)
    file = encoded(picture, subsampling=0)
    restarts = encoded(picture, restart_marker_blocks=2)
    yield "progressive", encoded(picture, progressive=True)
    yield "cmyk", encoded(picture.convert("CMYK"))
    yield "rgb", encoded(picture, keep_rgb=True)
    yield "narrow-chroma", encoded(image(4, 9, 22), subsampling=2)
    yield "without-end", file[:-2]
    yield "cut", file[: len(file) * 2 // 3]
    yield "cut-and-ended", file[: len(file) * 2 // 3] + b"\xff\xd9"
    yield "byte-before-end", file[:-2] + b"\x00\xff\xd9"
    yield "fill-before-end", file[:-2] + b"\xff\xff\xd9"
    yield "comment-before-end", file[:-2] + b"\xff\xfe\x00\x02\xff\xd9"
    yield "lines-behind-scan", file[:-2] + b"\xff\xdc\x00\x04\x00\x28\xff\xd9"
    yield "junk-in-header", file[:2] + b"junk" + file[2:]
    yield "jfif-of-other-version", replaced(file, 11, 2)
    first = restarts.index(b"\xff\xd0", scan_data(restarts))
    yield "restart-of-other-number", replaced(restarts, first + 1, 0xD3)
    yield "restart-missing", restarts[:first] + restarts[first + 2 :]
    yield "restart-doubled", restarts[:first] + b"\xff\xd0" + restarts[first:]
    interval = segment(restarts, 0xDD)
    yield "restart-interval-wrong", replaced(restarts, interval + 5, 3)
    frame = segment(file, 0xC0)
    yield "four-to-one-chroma", replaced(file, frame + 11, 0x41)
    yield "no-such-quantization", replaced(file, frame + 12, 3)
    scan = segment(file, 0xDA)
    yield "no-such-code-table", replaced(file, scan + 6, 0x33)
    yield "part-of-coefficients", replaced(file, scan + 12, 62)
    # The first symbol of the first table of AC stands for a run of 15 and one bit.
    tables = segment(file, 0xC4)
    ac = file.index(b"\xff\xc4", tables + 2)
    yield "past-the-block", replaced(file, ac + 4 + 17, 0xF1)
    # Products beyond 16 bits, and columns beyond what an image of 8 bits has.
    quantization = segment(file, 0xDB)
    large = bytearray(encoded(image(40, 40, 23, contrast=500), quality=95, subsampling=0))
    large[quantization + 5 : quantization + 69] = bytes([255] * 64)
    yield "out-of-range", bytes(large)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    for folder, files in {"baseline": decoded(), "baseline-odd": odd()}.items():
        (data / folder).mkdir(exist_ok=True)
        for name, file in files:
            (data / folder / f"{name}.jpg").write_bytes(file)


main()
