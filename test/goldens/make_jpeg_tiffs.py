"""Damages TIFF files whose strips or tiles are JPEG, and asks Pillow about each.

    python make_jpeg_tiffs.py ../data/damaged

OUT receives jpeg-tiffs.bin, the files one behind the other, and jpeg-tiffs.jsonl: of each, what it was, how it was damaged,
where it lies, whether Pillow opens it, and the SHA-256 of its RGB pixels where it does. Pillow 13 is needed.

Everything comes from the seed below.
"""

import io
import json
import random
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from pillow_verdict import verdict

SEED = 1207
COUNT = 240
WHOLE = 24  # of these, not damaged
SHORT, LONG, UNDEFINED = 3, 4, 7

Tags = dict[int, tuple[int, list[int]]]
MODES = {"ycc": ("RGB", 6, 3), "rgb": ("RGB", 2, 3), "grey": ("L", 1, 1), "inverted": ("L", 0, 1)}
MODES |= {"cmyk": ("CMYK", 5, 4), "rgba": ("RGBA", 2, 4)}
SAMPLINGS = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0"}


def scene(width: int, height: int, mode: str) -> Image.Image:
    rng = np.random.default_rng(SEED)
    x = np.arange(width)[None, :] * 255 // width + np.zeros((height, 1), int)
    y = np.arange(height)[:, None] * 255 // height + np.zeros((1, width), int)
    planes = np.stack([x, y, (x + y) // 2], axis=2) + rng.integers(-20, 21, (height, width, 3))
    image = Image.fromarray(np.clip(planes, 0, 255).astype(np.uint8))
    if mode != "RGBA":
        return image.convert(mode)
    image.putalpha(image.convert("L"))
    return image


def tiff(tags: Tags, blocks: list[bytes]) -> bytes:
    starts = [8 + sum(map(len, blocks[:i])) for i in range(len(blocks))]
    places, lengths = (324, 325) if 322 in tags else (273, 279)
    tags = tags | {places: (LONG, starts), lengths: (LONG, [len(block) for block in blocks])}
    data = b"".join(blocks)
    data += bytes(len(data) % 2)
    directory = 8 + len(data)
    end = directory + 2 + 12 * len(tags) + 4
    stored, values = b"", b""
    for tag in sorted(tags):
        kind, numbers = tags[tag]
        value = bytes(numbers) if kind == UNDEFINED else struct.pack(f"<{len(numbers)}{'HI'[kind == LONG]}", *numbers)
        if len(value) > 4:
            values, value = values + value, struct.pack("<I", end + len(values))
        stored += struct.pack("<HHI", tag, kind, len(numbers)) + value.ljust(4, b"\0")
    return struct.pack("<2sHI", b"II", 42, directory) + data + struct.pack("<H", len(tags)) + stored + bytes(4) + values


def segments(jpeg: bytes) -> list[tuple[int, int, int]]:
    """Start, end and marker of those in front of the scan's data."""
    found, at = [], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        end = at + 2 + struct.unpack_from(">H", jpeg, at + 2)[0]
        found.append((at, end, jpeg[at + 1]))
        if jpeg[at + 1] == 0xDA:
            break
        at = end
    return found


def parted(jpeg: bytes) -> tuple[bytes, bytes]:
    """Its tables, and the rest."""
    tables, rest = b"", b""
    for start, end, marker in segments(jpeg):
        if marker in (0xC4, 0xDB):
            tables += jpeg[start:end]
        else:
            rest += jpeg[start:end]
    return b"\xff\xd8" + tables + b"\xff\xd9", b"\xff\xd8" + rest + jpeg[end:]


def whole(rng: random.Random) -> tuple[str, Tags, list[bytes]]:
    kind = rng.choice(["ycc", "ycc", *MODES])
    mode, photometric, samples = MODES[kind]
    width, height, rows = rng.choice([(24, 20, 8), (17, 33, 16), (40, 16, 16)])
    tiled = rng.random() < 0.35
    across, down = (16, 16) if tiled else (width, rows)
    image = scene(width, height, mode)
    options: dict = {"quality": rng.choice([30, 75])}
    sampling = rng.choice(list(SAMPLINGS)) if kind == "ycc" else (1, 1)
    if kind == "ycc":
        options["subsampling"] = SAMPLINGS[sampling]
    if kind == "rgb":
        options["keep_rgb"] = True
    if rng.random() < 0.15:
        options["progressive"] = True
    if rng.random() < 0.25:
        options["restart_marker_blocks"] = rng.choice([1, 2])
    apart = "progressive" not in options and rng.random() < 0.7
    blocks, tables = [], b""
    for top in range(0, height, down):
        for left in range(0, width, across):
            whole_rows = tiled or rng.random() < 0.2
            part = image.crop((left, top, left + across, top + (down if whole_rows else min(down, height - top))))
            if kind == "rgba":
                part = Image.merge("CMYK", part.split())
            out = io.BytesIO()
            part.save(out, "JPEG", **options)
            jpeg = out.getvalue()
            if apart:
                tables, jpeg = parted(jpeg)
            blocks.append(jpeg)
    tags: Tags = {256: (SHORT, [width]), 257: (SHORT, [height]), 258: (SHORT, [8] * samples), 259: (SHORT, [7])}
    tags |= {262: (SHORT, [photometric]), 277: (SHORT, [samples])}
    tags |= {322: (SHORT, [across]), 323: (SHORT, [down])} if tiled else {278: (SHORT, [rows])}
    if kind == "rgba":
        tags[338] = (SHORT, [rng.choice([0, 1, 2])])
    if kind == "ycc" and rng.random() < 0.6:
        tags[530] = (SHORT, list(sampling))
    if apart:
        tags[347] = (UNDEFINED, list(tables))
    return f"{kind}{' tiles' if tiled else ''}", tags, blocks


TAILS = [b"\0\0\0", b"\xff\x02", b"\xff\xda\0\x08", b"\xff\xc4\0\0", b"\xff\xdb\0\x43\0" + bytes([9] * 64), b"\xff\xc8"]


def damaged_block(jpeg: bytes, how: str, rng: random.Random) -> bytes:
    out = bytearray(jpeg)
    at, length = rng.randrange(len(out)), rng.randrange(1, 30)
    parts = segments(jpeg)
    start, end, _ = rng.choice(parts)
    if how == "bit":
        out[at] ^= 1 << rng.randrange(8)
    elif how == "cut":
        del out[-rng.choice([1, 2, 3, 8, rng.randrange(1, len(out))]) :]
    elif how == "zeros":
        out[at : at + length] = bytes(len(out[at : at + length]))
    elif how == "head":
        out[rng.randrange(min(len(out), parts[-1][1] + 4))] ^= 1 << rng.randrange(8)
    elif how == "marker":
        out[at:at] = bytes([0xFF, rng.choice([0xD9, 0xD0, 0xD3, 0xD8, 0xC4, 0xDA, 0xFE, 0xE0, 0x01, 0x02, 0xDD])])
    elif how == "segment left out":
        del out[start:end]
    elif how == "segment twice":
        out[start:start] = jpeg[start:end]
    elif how == "left out":
        del out[at : at + length]
    elif how == "tail":
        out[-2:] = rng.choice(TAILS) + jpeg[-2:]
    for start, _, marker in parts:
        if marker not in (0xC0, 0xC2):
            continue
        if how == "size":
            place = start + rng.choice([5, 7])
            size = struct.unpack_from(">H", out, place)[0] + rng.choice([-1, 1, -8, 8, -4])
            struct.pack_into(">H", out, place, max(0, size))
        elif how == "sampling":
            out[start + 11 + 3 * rng.randrange(out[start + 9])] = rng.choice([0x11, 0x21, 0x22, 0x12, 0x41, 0x13, 0x10])
    return bytes(out)


OF_BLOCKS = ["bit", "bit", "cut", "cut", "zeros", "head", "marker", "marker", "segment left out", "segment twice", "left out"]
OF_BLOCKS += ["tail", "tail", "size", "size", "size", "sampling"]
OF_FILES = ["tables", "tables", "declared sampling", "exchanged", "fill order", "tables of blocks"]


def damaged(tags: Tags, blocks: list[bytes], rng: random.Random) -> tuple[str, Tags, list[bytes]]:
    how = rng.choice(OF_BLOCKS + OF_FILES)
    tags, blocks = dict(tags), list(blocks)
    i, j = rng.randrange(len(blocks)), rng.randrange(len(blocks))
    if how in OF_BLOCKS:
        blocks[i] = damaged_block(blocks[i], how, rng)
    elif how == "tables":
        tables = bytearray(tags.pop(347, (UNDEFINED, [0xFF, 0xD8, 0xFF, 0xD9]))[1])
        at = rng.randrange(len(tables))
        if rng.random() < 0.5:
            tables[at] ^= 1 << rng.randrange(8)
        else:
            del tables[at : at + rng.choice([1, 30, len(tables)])]
        if tables and rng.random() < 0.8:
            tags[347] = (UNDEFINED, list(tables))
    elif how == "declared sampling":
        tags[530] = (SHORT, rng.choice([[1, 1], [2, 2], [2, 1], [1, 2], [3, 1], [0, 0], [2, 2, 2]]))
    elif how == "exchanged":
        blocks[i], blocks[j] = blocks[j], blocks[i]
    elif how == "fill order":
        tags[266] = (SHORT, [2])
    else:  # those of the first stay
        blocks[1:] = [parted(block)[1] for block in blocks[1:]]
    return how, tags, blocks


def rare() -> Iterator[tuple[str, str, bytes]]:
    """Grey JPEG images called something else."""
    out = io.BytesIO()
    scene(24, 20, "L").save(out, "JPEG")
    tags: Tags = {256: (SHORT, [24]), 257: (SHORT, [20]), 258: (SHORT, [8]), 259: (SHORT, [7]), 277: (SHORT, [1])}
    colours = [number * 85 for number in range(768)]
    yield "palette", "none", tiff(tags | {262: (SHORT, [3]), 320: (SHORT, colours)}, [out.getvalue()])
    yield "one sample of YCbCr", "none", tiff(tags | {262: (SHORT, [6])}, [out.getvalue()])
    tile: Tags = {262: (SHORT, [1]), 322: (SHORT, [8000]), 323: (SHORT, [8000])}
    yield "a large tile with a small image", "none", tiff(tags | tile, [out.getvalue()])
    yield "signed grey", "none", tiff(tags | {262: (SHORT, [1]), 339: (SHORT, [2])}, [out.getvalue()])


def files() -> Iterator[tuple[str, str, bytes]]:
    rng = random.Random(SEED)
    for number in range(COUNT):
        name, tags, blocks = whole(rng)
        how = "none"
        if number >= WHOLE:
            how, tags, blocks = damaged(tags, blocks, rng)
        yield name, how, tiff(tags, blocks)
    yield from rare()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    lines, data = [], b""
    for name, how, each in files():
        lines.append(json.dumps({"name": name, "damage": how, **verdict(each), "at": len(data), "bytes": len(each)}))
        data += each
    (folder / "jpeg-tiffs.bin").write_bytes(data)
    (folder / "jpeg-tiffs.jsonl").write_text("\n".join(lines) + "\n")
    print(len(lines), len(data))
