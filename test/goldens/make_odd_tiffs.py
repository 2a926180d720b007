"""Makes TIFF files of kinds that are rare, changes a tag of each, and asks Pillow about them.

    python make_odd_tiffs.py ../data/damaged

OUT receives

    odd-tiffs.bin    files, one behind the other
    odd-tiffs.jsonl  as images.jsonl of make_damaged.py

Everything comes from the seed below. ZSTD data are not damaged: decoders see more or less of it.
"""

import io
import json
import random
import struct
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from pillow_verdict import verdict

SEED = 1205
EACH = 3  # files with one tag changed, of each whole one
WIDTH, HEIGHT = 13, 9
TILE = 16
BYTE, SHORT, LONG, IFD = 1, 3, 4, 13
FORMATS = {BYTE: "B", SHORT: "H", LONG: "I", IFD: "I"}

Tags = dict[int, tuple[int, list[int]]]


def tiff(entries: list[tuple[int, int, list[int]]], data: bytes, order: str) -> bytes:
    directory = 8 + len(data)
    end = directory + 2 + 12 * len(entries) + 4
    stored, values = b"", b""
    for tag, kind, numbers in entries:
        value = struct.pack(f"{order}{len(numbers)}{FORMATS[kind]}", *numbers)
        if len(value) > 4:
            values, value = values + value, struct.pack(order + "I", end + len(values))
        stored += struct.pack(order + "HHI", tag, kind, len(numbers)) + value.ljust(4, b"\0")
    header = struct.pack(order + "2sHI", b"II" if order == "<" else b"MM", 42, directory)
    return header + data + struct.pack(order + "H", len(entries)) + stored + bytes(4) + values


def tags_of(bits: int, samples: int, photometric: int, planes: bool, **others: list[int]) -> Tags:
    size = (WIDTH * bits * (1 if planes else samples) + 7) // 8 * HEIGHT
    count = samples if planes else 1
    tags: Tags = {
        256: (SHORT, [WIDTH]), 257: (SHORT, [HEIGHT]), 258: (SHORT, [bits] * samples), 259: (SHORT, [1]),
        262: (SHORT, [photometric]), 273: (LONG, [8 + i * size for i in range(count)]),
        277: (SHORT, [samples]), 278: (SHORT, [HEIGHT]), 279: (LONG, [size] * count),
    }
    if planes:
        tags[284] = (SHORT, [2])
    return tags | {int(name[1:]): (SHORT, numbers) for name, numbers in others.items()}


def kinds() -> Iterator[tuple[str, Tags]]:
    grey, colour, palette, cmyk, ycc = 1, 2, 3, 5, 6
    few, many = list(range(0, 65536, 1366))[:48], list(range(0, 65536, 86))[:768]
    for extra in (0, 1, 2):
        yield f"grey and extra {extra}", tags_of(8, 2, grey, False, t338=[extra])
        yield f"grey and extra {extra} in planes", tags_of(8, 2, grey, True, t338=[extra])
    yield "YCbCr", tags_of(8, 3, ycc, False)
    yield "YCbCr subsampled", tags_of(8, 3, ycc, False, t530=[2, 2])
    yield "YCbCr in planes", tags_of(8, 3, ycc, True)
    for bits in (8, 16):
        yield f"rgb {bits} in planes", tags_of(bits, 3, colour, True)
        yield f"rgba {bits} in planes", tags_of(bits, 4, colour, True, t338=[2])
        yield f"cmyk {bits} in planes", tags_of(bits, 4, cmyk, True)
    yield "multiplied by alpha in planes", tags_of(8, 4, colour, True, t338=[1])
    for bits in (1, 2, 4, 8, 12, 16, 32):
        yield f"grey {bits} in one plane", tags_of(bits, 1, grey, False, t284=[2])
    for bits in (1, 8):
        yield f"inverted {bits} in one plane", tags_of(bits, 1, 0, False, t284=[2])
        yield f"reversed {bits} in one plane", tags_of(bits, 1, grey, False, t284=[2], t266=[2])
    yield "signed 16 in one plane", tags_of(16, 1, grey, False, t284=[2], t339=[2])
    yield "signed 32 in one plane", tags_of(32, 1, grey, False, t284=[2], t339=[2])
    yield "float in one plane", tags_of(32, 1, grey, False, t284=[2], t339=[3])
    yield "palette 4 in one plane", tags_of(4, 1, palette, False, t284=[2], t320=few)
    yield "palette 8 in one plane", tags_of(8, 1, palette, False, t284=[2], t320=many)
    yield "two photometric interpretations", tags_of(8, 1, grey, False, t262=[1, 1])


def zstd() -> Iterator[tuple[str, bytes]]:
    rng = np.random.default_rng(SEED)
    rgb = Image.fromarray(rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8))
    grey, rgba = rgb.convert("L"), rgb.copy()
    rgba.putalpha(grey)
    modes = {"rgb": rgb, "grey": grey, "palette": rgb.quantize(9), "rgba": rgba, "bilevel": rgb.convert("1")}
    modes |= {"cmyk": rgb.convert("CMYK"), "float": grey.convert("F"), "grey-alpha": rgba.convert("LA")}
    modes |= {"grey16": Image.fromarray(np.array(grey).astype(np.uint16) * 257), "flat": Image.new("RGB", (400, 300), (9, 8, 7))}
    for name, image in modes.items():
        for rows in (image.height, 4):
            for predictor in (1, 3 if name == "float" else 2):
                if predictor == 2 and name == "bilevel":
                    continue
                out = io.BytesIO()
                image.save(out, "TIFF", compression="zstd", tiffinfo={278: rows, 317: predictor})
                yield f"zstd {name} {rows} {predictor}", out.getvalue()


def changed(entries: list[tuple[int, int, list[int]]], rng: random.Random) -> tuple[str, list]:
    out = list(entries)
    i = rng.randrange(len(out))
    tag, kind, numbers = out[i]
    how = rng.choice(["twice", "in front", "place", "negative", "large"])
    if how == "twice":
        out.insert(i + 1, (tag, kind, [rng.choice([0, 1, 2, 5])] * len(numbers)))
    elif how == "in front":
        out.insert(0, (tag, kind, [rng.choice([0, 1, 2, 5])] * len(numbers)))
    elif how == "place" and kind == LONG:
        out[i] = (tag, IFD, numbers)
    elif how == "large":
        out.insert(i, (65000, BYTE, [0] * rng.choice([500, 3000])))
        out.insert(i, (65001, BYTE, [0] * 2000))
    else:
        out[i] = (tag, SHORT, [rng.choice([0, 1, 2, 3, 8, 16, 255])])
    return f"{how} {tag}", out


def tiled(bits: int, samples: int, photometric: int) -> Tags:
    """Planes in tiles of which those to the right and below go beyond the image."""
    tags = tags_of(bits, samples, photometric, True)
    count = samples * -(-WIDTH // TILE) * -(-HEIGHT // TILE)
    size = TILE * TILE * bits // 8
    lie = {324: (LONG, [8 + i * size for i in range(count)]), 325: (LONG, [size] * count)}
    whole = {tag: value for tag, value in tags.items() if tag not in (273, 278, 279)}
    return whole | lie | {322: (SHORT, [TILE]), 323: (SHORT, [TILE])}


def together(order: str, pixels: bytes) -> Iterator[tuple[str, bytes]]:
    """What is rare twice."""
    colour = 2
    kinds = [
        ("grey 16 of reversed bits", tags_of(16, 1, 1, False, t266=[2])),
        ("floats of reversed bits", tags_of(32, 1, 1, False, t339=[3], t266=[2])),
        ("rgb and alpha and one more in planes", tags_of(8, 5, colour, True, t338=[2, 0])),
        ("rgb and two more in planes", tags_of(8, 5, colour, True, t338=[0, 0])),
        ("grey 16 in one plane of tiles", tiled(16, 1, 1)),
        ("rgb 8 in planes of tiles", tiled(8, 3, colour)),
        ("rgb 16 in planes of tiles", tiled(16, 3, colour)),
    ]
    for name, tags in kinds:
        yield f"{name} {order}", tiff([(tag, *tags[tag]) for tag in sorted(tags)], pixels, order)


def files() -> Iterator[tuple[str, str, bytes]]:
    rng = random.Random(SEED)
    pixels = np.random.default_rng(SEED).integers(0, 256, WIDTH * HEIGHT * 8, dtype=np.uint8).tobytes()
    for name, data in zstd():
        yield name, "none", data
        directory = struct.unpack_from("<I", data, 4)[0]
        for _ in range(EACH):
            out = bytearray(data)
            at = rng.randrange(directory, min(len(out), directory + 2 + 12 * 12))
            out[at] ^= 1 << rng.randrange(8)
            yield name, "header", bytes(out)
        yield name, "cut", data[: rng.randrange(8, len(data))]
    for order in "<>":
        for name, tags in kinds():
            entries = [(tag, *tags[tag]) for tag in sorted(tags)]
            yield f"{name} {order}", "none", tiff(entries, pixels, order)
            for _ in range(EACH):
                how, others = changed(entries, rng)
                yield f"{name} {order}", how, tiff(others, pixels, order)
    for order in "<>":
        for name, data in together(order, pixels * 2):
            yield name, "none", data


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    lines, data = [], b""
    for name, damage, each in files():
        answer = verdict(each)
        if answer is None:
            continue
        lines.append(json.dumps({"name": name, "damage": damage, **answer, "at": len(data), "bytes": len(each)}))
        data += each
    (folder / "odd-tiffs.bin").write_bytes(data)
    (folder / "odd-tiffs.jsonl").write_text("\n".join(lines) + "\n")
    print(len(lines), len(data))
