"""Makes JPEG files of arithmetic coding and without loss, damages them, and asks Pillow about each.

    python make_odd_jpegs.py LIBTURBOJPEG ../data/damaged

LIBTURBOJPEG is a libturbojpeg of version 3, as node_modules/@julusian/jpeg-turbo has it. OUT receives

    odd-jpegs.bin    files, one behind the other
    odd-jpegs.jsonl  as images.jsonl of make_damaged.py; `filler` is what is left out of a file

Everything comes from the seed below.
"""

import ctypes
import json
import random
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pillow_verdict import verdict

SEED = 1204
COUNT = 160
WIDTH, HEIGHT = 23, 17
# TJPARAM_*, TJSAMP_GRAY and TJPF_GRAY of turbojpeg.h
QUALITY, SUBSAMPLING, PROGRESSIVE, ARITHMETIC, LOSSLESS, PREDICTOR, RESTART_ROWS = 3, 4, 12, 14, 15, 16, 19
GREY, GREY_PIXELS = 3, 6
MARKERS = [0x01, 0xC0, 0xC4, 0xD0, 0xD3, 0xD8, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xE1, 0xF0, 0xFE]


def scene() -> np.ndarray:
    rng = np.random.default_rng(SEED)
    x = np.arange(WIDTH)[None, :] * 255 // WIDTH + np.zeros((HEIGHT, 1), int)
    y = np.arange(HEIGHT)[:, None] * 255 // HEIGHT + np.zeros((1, WIDTH), int)
    planes = np.stack([x, y, (x + y) // 2], axis=2) + rng.integers(-30, 31, (HEIGHT, WIDTH, 3))
    return np.clip(planes, 0, 255).astype(np.uint8)


def compressed(library: ctypes.CDLL, pixels: np.ndarray, parameters: dict[int, int]) -> bytes:
    library.tj3Init.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(library.tj3Init(0))
    for parameter, value in parameters.items():
        assert library.tj3Set(handle, parameter, value) == 0, (parameter, value)
    pixels = np.ascontiguousarray(pixels)
    out, size = ctypes.c_void_p(), ctypes.c_size_t()
    height, width = pixels.shape[:2]
    form = GREY_PIXELS if pixels.ndim == 2 else 0
    data = ctypes.c_void_p(pixels.ctypes.data)
    failed = library.tj3Compress8(handle, data, width, 0, height, form, ctypes.byref(out), ctypes.byref(size))
    assert failed == 0
    return ctypes.string_at(out, size.value)


def sources(library: ctypes.CDLL) -> Iterator[tuple[str, bytes]]:
    rgb = scene()
    for name, pixels, subsampling in (("grey", rgb[:, :, 0], GREY), ("444", rgb, 0), ("420", rgb, 2)):
        for rows in (0, 1):
            lossy = {SUBSAMPLING: subsampling, QUALITY: 90, ARITHMETIC: 1, RESTART_ROWS: rows}
            yield f"arithmetic {name} {rows}", compressed(library, pixels, lossy)
            yield f"arithmetic progressive {name} {rows}", compressed(library, pixels, lossy | {PROGRESSIVE: 1})
            if name == "420":
                continue
            for predictor in (1, 7):
                lossless = {SUBSAMPLING: subsampling, LOSSLESS: 1, PREDICTOR: predictor, RESTART_ROWS: rows}
                yield f"lossless {name} {predictor} {rows}", compressed(library, pixels, lossless)


def damaged(data: bytes, rng: random.Random) -> tuple[str, bytes]:
    how = rng.choice(["marker", "marker", "marker", "bit", "header", "cut", "left out", "twice"])
    scan = data.index(b"\xff\xda")
    at, length = rng.randrange(scan, len(data)), rng.randrange(1, 12)
    out = bytearray(data)
    if how == "marker":
        out[at : at + rng.choice([0, 2])] = bytes([0xFF, rng.choice(MARKERS)])
    elif how == "bit":
        out[at] ^= 1 << rng.randrange(8)
    elif how == "header":
        out[rng.randrange(2, scan + 14)] ^= 1 << rng.randrange(8)
    elif how == "cut":
        del out[len(out) - rng.choice([1, 2, 3, 4, 5, rng.randrange(1, len(out))]) :]
    elif how == "left out":
        del out[at : at + length]
    else:
        out[at:at] = out[at : at + length]
    return how, bytes(out)


def files(library: ctypes.CDLL) -> Iterator[tuple[dict, bytes]]:
    """Whole ones; whole ones behind a comment, so that their scans begin, or end, in the second 64 KiB; damaged ones."""
    rng = random.Random(SEED)
    made = list(sources(library))
    for name, data in made:
        yield {"name": name, "damage": "none", **verdict(data)}, data
        end = 65536 - 6 - data.index(b"\xff\xda")
        for length in (end - 100, end - 400, end + 4):
            comment = b"\xff\xfe" + struct.pack(">H", length + 2)
            whole = data[:2] + comment + bytes(length) + data[2:]
            facts = {"name": name, "damage": "comment", "filler": [6, length, 0], **verdict(whole)}
            yield facts, data[:2] + comment + data[2:]
    count = 0
    while count < COUNT:
        name, data = rng.choice(made)
        how, out = damaged(data, rng)
        answer = verdict(out)
        if answer is not None:
            count += 1
            yield {"name": name, "damage": how, **answer}, out


if __name__ == "__main__":
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    lines, data = [], b""
    for facts, each in files(ctypes.CDLL(sys.argv[1])):
        lines.append(json.dumps({**facts, "at": len(data), "bytes": len(each)}))
        data += each
    (folder / "odd-jpegs.bin").write_bytes(data)
    (folder / "odd-jpegs.jsonl").write_text("\n".join(lines) + "\n")
    print(len(lines), len(data))
