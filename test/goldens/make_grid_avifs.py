"""AVIF files that are grids of tiles, and what Pillow makes of each.

    python make_grid_avifs.py ../data/damaged

OUT receives grid-avifs.bin, the files one behind the other, and grid-avifs.jsonl: of each, what it is, where it lies, whether
Pillow opens it, and the SHA-256 of its RGB pixels. Pillow 13 is needed. The boxes are those of ISO/IEC 14496-12 and 23008-12.
"""

import io
import json
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from pillow_verdict import verdict

SIDE = 64  # tiles have no fewer pixels a side
WHOLE, TILE, DEPTHS, CODEC = 1, 2, 3, 4  # properties of all files; what follows is of colours
ESSENTIAL = 0x80


def box(name: bytes, *contents: bytes) -> bytes:
    body = b"".join(contents)
    return struct.pack(">I", 8 + len(body)) + name + body


def full_box(name: bytes, *contents: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(name, struct.pack(">I", version << 24 | flags), *contents)


def boxes(data: bytes) -> dict[bytes, bytes]:
    found, at = {}, 0
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        found[data[at + 4 : at + 8]] = data[at + 8 : at + size]
        at += size
    return found


def colours(matrix: int, whole_range: bool = True) -> bytes:
    return box(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, matrix, 0x80 if whole_range else 0))


def tile(number: int, subsampling: str) -> bytes:
    x, y = np.meshgrid(np.arange(SIDE), np.arange(SIDE))
    planes = [3 * x + 40 * number, 4 * y, x + y + 90 * number]
    out = io.BytesIO()
    image = Image.fromarray((np.stack(planes, axis=2) % 256).astype(np.uint8))
    image.save(out, "AVIF", quality=50, subsampling=subsampling)
    return out.getvalue()


def grid(size: tuple[int, int], subsampling: str, whole: list[bytes], tiles: list[bytes]) -> bytes:
    """Of tiles as few as cover the size, with these properties of colours."""
    width, height = size
    across, down = -(-width // SIDE), -(-height // SIDE)
    coded = [boxes(tile(number, subsampling)) for number in range(across * down)]
    of_tile = boxes(boxes(boxes(coded[0][b"meta"][4:])[b"iprp"])[b"ipco"])
    ids = range(2, 2 + len(coded))
    sizes = [full_box(b"ispe", struct.pack(">II", *each)) for each in (size, (SIDE, SIDE))]
    kept = [*sizes, *(box(name, of_tile[name]) for name in (b"pixi", b"av1C")), *whole, *tiles]

    def having(item: int, *properties: int) -> bytes:
        return struct.pack(">HB", item, len(properties)) + bytes(properties)

    of_whole = range(CODEC + 1, CODEC + 1 + len(whole))
    of_tiles = range(CODEC + 1 + len(whole), len(kept) + 1)
    items = [having(1, WHOLE, DEPTHS, *of_whole)]
    items += [having(item, TILE, DEPTHS, ESSENTIAL | CODEC, *of_tiles) for item in ids]
    properties = box(b"iprp", box(b"ipco", *kept), full_box(b"ipma", struct.pack(">I", len(items)), *items))

    def entry(item: int, kind: bytes, hidden: int) -> bytes:
        return full_box(b"infe", struct.pack(">HH", item, 0), kind, b"\0", version=2, flags=hidden)

    entries = [entry(1, b"grid", 0), *(entry(item, b"av01", 1) for item in ids)]
    of_grid = box(b"dimg", struct.pack(f">HH{len(ids)}H", 1, len(ids), *ids))
    data = [struct.pack(">BBBBHH", 0, 0, down - 1, across - 1, *size), *(each[b"mdat"] for each in coded)]

    def head(start: int) -> bytes:
        places = [start + sum(map(len, data[:i])) for i in range(len(data))]
        lies = [
            struct.pack(">HHHII", 1 + i, 0, 1, places[i], len(each)) for i, each in enumerate(data)
        ]
        meta = full_box(
            b"meta",
            full_box(b"hdlr", bytes(4), b"pict", bytes(13)),
            full_box(b"pitm", struct.pack(">H", 1)),
            full_box(b"iloc", struct.pack(">BBH", 0x44, 0, len(data)), *lies),
            full_box(b"iinf", struct.pack(">H", len(entries)), *entries),
            full_box(b"iref", of_grid),
            properties,
        )
        return box(b"ftyp", b"avif", bytes(4), b"avifmif1miaf") + meta

    return head(len(head(0)) + 8) + box(b"mdat", *data)


def files() -> Iterator[tuple[str, bytes]]:
    bt709, bt601 = colours(1), colours(6)
    for name, whole, tiles in (
        ("of the grid, others of its tiles", [bt709], [bt601]),
        ("of its tiles, others than those that are coded", [], [bt709]),
        ("of its tiles, which are not whole", [], [colours(6, False)]),
        ("that are coded", [], []),
    ):
        yield f"colours {name}", grid((2 * SIDE, SIDE), "4:2:0", whole, tiles)
    for size, subsampling in (((120, 110), "4:4:4"), ((120, 110), "4:2:0"), ((66, 64), "4:2:2")):
        yield f"{size} of {subsampling}", grid(size, subsampling, [bt601], [bt601])


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    lines, data = [], b""
    for name, each in files():
        lines.append(json.dumps({"name": name, **(verdict(each) or {}), "at": len(data), "bytes": len(each)}))
        data += each
    (folder / "grid-avifs.bin").write_bytes(data)
    (folder / "grid-avifs.jsonl").write_text("\n".join(lines) + "\n")
    print(len(lines), len(data))
