"""Edits JPEG files where their segments, tables and scans have limits, and asks Pillow about each.

    python make_edited_jpegs.py LIBTURBOJPEG ../data/damaged

LIBTURBOJPEG is that of make_odd_jpegs.py. OUT receives

    edited-jpegs.bin    whole files, one behind the other
    edited-jpegs.jsonl  a line for each of these: {"whole", "at", "bytes"}; then one for each edit: {"of", "at", "removed",
                        "added"}, where `of` is a whole file and `added` hex that takes the place of so many bytes; with
                        "rgb", the first half of the SHA-256 of its pixels, where it opens, and "size" where it has
                        another one

Everything comes from the seed below.
"""

import ctypes
import io
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from make_odd_jpegs import HEIGHT, LOSSLESS, PREDICTOR, RESTART_ROWS, SUBSAMPLING, WIDTH, compressed, scene
from pillow_verdict import verdict
from PIL import Image

SEED = 1205
DATA_EDITS = 150  # of each whole file, in the data of its scans
KEPT = 0.6  # of all edits
TABLE_EDITS = 60  # of each, in its tables of codes

Edit = tuple[int, int, bytes]


def whole_files(library: ctypes.CDLL) -> Iterator[tuple[str, bytes]]:
    rgb = Image.fromarray(scene())

    def saved(image: Image.Image, **options: object) -> bytes:
        held = io.BytesIO()
        image.save(held, "JPEG", quality=75, optimize=True, **options)
        return held.getvalue()

    yield "grey", saved(rgb.convert("L"))
    yield "baseline", saved(rgb, subsampling=2)
    yield "restarts", saved(rgb, subsampling=0, restart_marker_blocks=1)
    yield "progressive", saved(rgb, subsampling=2, progressive=True)
    yield "progressive restarts", saved(rgb, subsampling=0, progressive=True, restart_marker_blocks=1)
    yield "progressive grey", saved(rgb.convert("L"), progressive=True)
    yield "cmyk", saved(rgb.convert("CMYK"))
    lossless = {SUBSAMPLING: 0, LOSSLESS: 1, PREDICTOR: 4, RESTART_ROWS: 1}
    yield "lossless", compressed(library, scene(), lossless)


def segments_of(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, where its length stands, and where what follows begins; of a scan the data come behind it."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF or data[at + 1] in (0, 0xFF) or 0xD0 <= data[at + 1] <= 0xD9:
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        yield data[at + 1], at + 2, at + 2 + length
        at += 2 + length


def number(data: bytes, at: int, more: int, size: int = 1) -> Edit:
    value = (int.from_bytes(data[at : at + size], "big") + more) % (1 << 8 * size)
    return at, size, value.to_bytes(size, "big")


def edits_of(data: bytes, rng: random.Random) -> Iterator[Edit]:
    segments = list(segments_of(data))
    codes: list[int] = []
    for marker, at, end in segments:
        yield at - 2, end - at + 2, b""  # left out
        yield at - 2, 0, data[at - 2 : end]  # twice
        for more in (-3, -2, -1, 1, 2, 3, 17):
            yield number(data, at, more, 2)
        yield at, 2, b"\0\0"
        yield at, 2, b"\0\2"
        yield at - 2, 0, b"\xff" * 3  # fill bytes
        yield at - 2, 0, b"\xff\0"
        yield at - 2, 0, b"x"
        for other in (0xC0, 0xC1, 0xC2, 0xC3, 0xC9, 0xCA, 0xCB, 0xCC, 0xD9, 0xDC, 0xE0, 0xEE, 0xFE):
            yield at - 1, 1, bytes([other])
        if marker in (0xC0, 0xC1, 0xC2, 0xC3, 0xDA, 0xDD):
            for place in range(at + 2, end):
                for value in {0, 1, 2, 3, 4, 5, 7, 8, 13, 14, 15, 16, 17, 63, 64, 255}:
                    if value != data[place] and rng.random() < (0.6 if len(segments) < 12 else 0.15):
                        yield place, 1, bytes([value])
                yield number(data, place, 1)
                yield number(data, place, -1)
        if marker == 0xC0 or marker == 0xC2:
            for value in (0, 1, 2, 65499, 65500, 65501):
                yield at + 3, 2, value.to_bytes(2, "big")
                yield at + 5, 2, value.to_bytes(2, "big")
        if marker == 0xC4:
            codes.extend(range(at + 2, end))
            for value in (0x03, 0x04, 0x10, 0x13, 0x14, 0x20):
                yield at + 2, 1, bytes([value])
            for place in range(at + 3, at + 19):
                if rng.random() < 0.4:
                    yield number(data, place, rng.choice([-1, 1]))
        if marker == 0xDB:
            for value in (0x01, 0x03, 0x04, 0x0F, 0x10, 0x13):
                yield at + 2, 1, bytes([value])
    for _ in range(TABLE_EDITS):
        place = rng.choice(codes)
        yield place, 1, bytes([rng.choice([0, 1, 15, 16, 17, 0xF0, 255, data[place] ^ 1, rng.randrange(256)])])
    scans = [end for marker, _, end in segments if marker == 0xDA]
    for _ in range(DATA_EDITS):
        first = rng.choice(scans)
        place = rng.randrange(first, min(first + 60, len(data)) if rng.random() < 0.5 else len(data))
        how = rng.choice(["bit", "byte", "marker", "restart", "out", "in", "cut", "end"])
        if how == "bit":
            yield place, 1, bytes([data[place] ^ 1 << rng.randrange(8)])
        elif how == "byte":
            yield place, 1, bytes([rng.randrange(256)])
        elif how == "marker":
            yield place, rng.choice([0, 1, 2]), bytes([0xFF, rng.choice([0, 0x01, 0xC4, 0xD8, 0xDA, 0xDD, 0xE5, 0xFE, 0xFF])])
        elif how == "restart":
            yield place, rng.choice([0, 2]), bytes([0xFF, 0xD0 + rng.randrange(8)])
        elif how == "out":
            yield place, rng.randrange(1, 6), b""
        elif how == "in":
            yield place, 0, rng.randbytes(rng.randrange(1, 6))
        elif how == "cut":
            yield place, len(data) - place, b""
        else:
            yield place, len(data) - place, b"\xff\xd9"


def main(out: Path, library: ctypes.CDLL) -> None:
    rng = random.Random(SEED)
    files, lines = b"", []
    made = list(whole_files(library))
    for name, data in made:
        lines.append(json.dumps({"whole": name, "at": len(files), "bytes": len(data)}))
        files += data
    for name, data in made:
        seen = {data}
        for at, removed, added in edits_of(data, rng):
            edited = data[:at] + added + data[at + removed :]
            if rng.random() >= KEPT:
                continue
            answer = None if edited in seen else verdict(edited)
            seen.add(edited)
            if answer is None:
                continue
            removed = min(removed, len(data) - at)
            facts = {"of": name, "at": at, "removed": removed, "added": added.hex()}
            if answer["opens"]:
                size = (answer["width"], answer["height"])
                facts |= {"rgb": answer["rgb"][:32]} | ({} if size == (WIDTH, HEIGHT) else {"size": size})
            lines.append(json.dumps(facts))
    (out / "edited-jpegs.bin").write_bytes(files)
    (out / "edited-jpegs.jsonl").write_text("\n".join(lines) + "\n")
    print(len(lines), len(files), sum(len(line) for line in lines))


if __name__ == "__main__":
    main(Path(sys.argv[2]), ctypes.CDLL(sys.argv[1]))
