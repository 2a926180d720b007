"""TIFF files with alpha, or a sample that is taken for it, and what Pillow makes of each on white.

    python make_alpha_tiffs.py ../data/damaged

OUT receives alpha-tiffs.bin, the files one behind the other, and alpha-tiffs.jsonl: of each, what it is, where it lies, whether
Pillow opens it, and the SHA-256 of its RGB pixels and of those on white. Pillow 13 is needed.
"""

import hashlib
import io
import json
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

SEED = 1208
WIDTH, HEIGHT = 13, 9
SHORT, LONG = 3, 4
WITH_ALPHA = ("RGBA", "LA", "PA")

Tags = dict[int, tuple[int, list[int]]]


def tiff(tags: Tags, blocks: list[bytes], order: str) -> bytes:
    starts = [8 + sum(map(len, blocks[:i])) for i in range(len(blocks))]
    tags = tags | {273: (LONG, starts), 279: (LONG, [len(block) for block in blocks])}
    data = b"".join(blocks)
    data += bytes(len(data) % 2)
    directory = 8 + len(data)
    end = directory + 2 + 12 * len(tags) + 4
    stored, values = b"", b""
    for tag in sorted(tags):
        kind, numbers = tags[tag]
        value = struct.pack(f"{order}{len(numbers)}{'HI'[kind == LONG]}", *numbers)
        if len(value) > 4:
            values, value = values + value, struct.pack(order + "I", end + len(values))
        stored += struct.pack(order + "HHI", tag, kind, len(numbers)) + value.ljust(4, b"\0")
    header = struct.pack(order + "2sHI", b"II" if order == "<" else b"MM", 42, directory)
    return header + data + struct.pack(order + "H", len(tags)) + stored + bytes(4) + values


def packed() -> Iterator[tuple[str, bytes]]:
    pixels = np.random.default_rng(SEED).integers(0, 256, (HEIGHT, WIDTH, 4), dtype=np.uint8)
    rgba = Image.fromarray(pixels, "RGBA")
    for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd", "jpeg"):
        for turn in (1, 3, 6):
            for extra in (0, 1, 2):
                out = io.BytesIO()
                rgba.save(out, "TIFF", compression=compression, tiffinfo={274: turn, 278: 8, 338: extra})
                yield f"RGBA {compression}, turn {turn}, extra {extra}", out.getvalue()
            out = io.BytesIO()
            rgba.convert("LA").save(out, "TIFF", compression=compression, tiffinfo={274: turn, 278: 8})
            yield f"LA {compression}, turn {turn}", out.getvalue()


def stored() -> Iterator[tuple[str, bytes]]:
    pixels = np.random.default_rng(SEED).integers(0, 256, WIDTH * HEIGHT * 8, dtype=np.uint8).tobytes()
    size = WIDTH * HEIGHT
    base: Tags = {256: (SHORT, [WIDTH]), 257: (SHORT, [HEIGHT]), 259: (SHORT, [1]), 278: (SHORT, [HEIGHT])}
    for order in "<>":
        for bits in (8, 16):
            for extra in (None, 0, 1, 2, 999):
                tags = base | {258: (SHORT, [bits] * 4), 262: (SHORT, [2]), 277: (SHORT, [4])}
                if extra is not None:
                    tags[338] = (SHORT, [extra])
                bytes_each = size * bits // 8
                yield f"RGBA of {bits} bits {order}, extra {extra}", tiff(tags, [pixels[: 4 * bytes_each]], order)
                planes = [pixels[i * bytes_each : (i + 1) * bytes_each] for i in range(4)]
                yield f"planes of {bits} bits {order}, extra {extra}", tiff(tags | {284: (SHORT, [2])}, planes, order)
        for extra in (0, 2):
            tags = base | {258: (SHORT, [8, 8]), 262: (SHORT, [3]), 277: (SHORT, [2]), 338: (SHORT, [extra])}
            tags[320] = (SHORT, [85 * number for number in range(768)])
            yield f"palette and extra {extra} {order}", tiff(tags, [pixels[: 2 * size]], order)


def digest(image: Image.Image) -> str:
    return hashlib.sha256(image.tobytes()).hexdigest()


def on_white(image: Image.Image) -> Image.Image:
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA")).convert("RGB")


def verdict(data: bytes) -> dict:
    try:
        with Image.open(io.BytesIO(data)) as image:
            rgb = image.convert("RGB")
            white = on_white(image) if image.mode in WITH_ALPHA else rgb
    except Exception:
        return {"opens": False}
    return {"opens": True, "width": rgb.width, "height": rgb.height, "rgb": digest(rgb), "white": digest(white)}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    lines, data = [], b""
    for name, each in [*packed(), *stored()]:
        lines.append(json.dumps({"name": name, "damage": "none", **verdict(each), "at": len(data), "bytes": len(each)}))
        data += each
    (folder / "alpha-tiffs.bin").write_bytes(data)
    (folder / "alpha-tiffs.jsonl").write_text("\n".join(lines) + "\n")
    print(len(lines), len(data))
