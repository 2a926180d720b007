"""Writes BMP, Netpbm, TGA and QOI files of every kind that their formats have, whole, unusual and
damaged, and asks Pillow 13 about each.

    python make_bitmaps.py ../data/damaged

OUT receives odd-bitmaps.bin and odd-bitmaps.jsonl, as images.bin and images.jsonl of make_damaged.py.
Pillow opens files by their paths: it maps some into memory then, and reads them otherwise.
"""

import hashlib
import json
import random
import struct
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

warnings.simplefilter("ignore")
DAMAGED = 120  # of each format


def noise(count: int, seed: int = 1, most: int = 256) -> bytes:
    drawn = random.Random(seed)
    return bytes(drawn.randrange(most) for _ in range(count))


# BMP

COLOURS = b"".join(bytes([37 * i % 256, 91 * i % 256, 150 * i % 256, 0]) for i in range(256))
GREYS = b"".join(bytes([i % 256] * 3 + [0]) for i in range(300))
BLACK_AND_WHITE = bytes(4) + b"\xff\xff\xff\0"


def bmp(size, bits, data, *, palette=b"", colours=0, header=40, compression=0, masks=(), offset=None, padding=b""):
    width, height = size
    behind = struct.pack(f"<{len(masks)}I", *masks)
    if header == 12:
        fields = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        fields = struct.pack("<IiiHHIIIIII", header, width, height, 1, bits, compression, len(data), 0, 0, colours, 0)
        fields += behind.ljust(header - 40, b"\0") if header > 40 else behind
    if offset is None:
        offset = 14 + len(fields) + len(palette) + len(padding)
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, offset) + fields + palette + padding + data


def rows(size, bits, seed=1):
    return noise((size[0] * bits + 31) // 32 * 4 * abs(size[1]), seed)


LAYOUTS = [
    (32, (0xFF0000, 0xFF00, 0xFF, 0)),
    (32, (0xFF000000, 0xFF0000, 0xFF00, 0)),
    (32, (0xFF000000, 0xFF00, 0xFF, 0)),
    (32, (0xFF000000, 0xFF0000, 0xFF00, 0xFF)),
    (32, (0xFF, 0xFF00, 0xFF0000, 0xFF000000)),
    (32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000)),
    (32, (0xFF000000, 0xFF00, 0xFF, 0xFF0000)),
    (32, (0, 0, 0, 0)),
    (32, (0xFF, 0xFF00, 0xFF0000, 0)),
    (24, (0xFF0000, 0xFF00, 0xFF)),
    (24, (0xFF, 0xFF00, 0xFF0000)),
    (16, (0xF800, 0x7E0, 0x1F)),
    (16, (0x7C00, 0x3E0, 0x1F)),
    (16, (0xF00, 0xF0, 0xF)),
    (8, (0xFF, 0xFF, 0xFF)),
]


def bmps() -> Iterator[tuple[str, bytes]]:
    for bits in (1, 4, 8, 16, 24, 32):
        palette = COLOURS[: 4 << bits] if bits <= 8 else b""
        for size in (7, 5), (8, 3), (1, 1), (7, -5), (33, 2):
            yield f"{bits} bits, {size}", bmp(size, bits, rows(size, bits), palette=palette)
        small = b"".join(palette[i : i + 3] for i in range(0, len(palette), 4))
        yield f"{bits} bits, OS/2", bmp((7, 5), bits, rows((7, 5), bits), palette=small, header=12)
        for header in (52, 56, 64, 108, 124):
            yield f"{bits} bits, header of {header}", bmp((7, 5), bits, rows((7, 5), bits), palette=palette, header=header)
        data = rows((7, 5), bits)
        yield f"{bits} bits, last row without its gap", bmp((7, 5), bits, data[: len(data) - (4 - (7 * bits + 7) // 8 % 4) % 4], palette=palette)
        yield f"{bits} bits, a byte less than its pixels", bmp((8, 5), bits, rows((8, 5), bits)[: (8 * bits // 8 + 3) // 4 * 16 + bits - 1], palette=palette)
        yield f"{bits} bits, pixels further on", bmp((7, 5), bits, data, palette=palette, padding=b"gap")
        yield f"{bits} bits, pixels at 0", bmp((7, 5), bits, data, palette=palette, offset=0)
        yield f"{bits} bits, pixels at 3", bmp((7, 5), bits, data, palette=palette, offset=3)
        yield f"{bits} bits, pixels behind the header", bmp((7, 5), bits, data, palette=palette, offset=54)
    for count in (0, 1, 2, 3, 16, 200, 256, 257, 300):
        for name, palette in ("colours", COLOURS * 2), ("greys", GREYS):
            for bits in (1, 4, 8):
                yield f"{bits} bits, {count} {name}", bmp((3, 2), bits, rows((3, 2), bits), palette=palette[: 4 * count], colours=count)
                yield f"{bits} bits, {count} {name}, and more bytes", bmp((9, 2), bits, noise(64), palette=palette[: 4 * count], colours=count)
    for bits in (1, 4, 8):
        yield f"{bits} bits, black and white", bmp((11, 2), bits, rows((11, 2), bits), palette=BLACK_AND_WHITE, colours=2)
    yield "palette cut off", bmp((1, 1), 8, b"", palette=COLOURS[:30], colours=256, offset=20)
    for colours in (65536, 65537, 2**32 - 1):
        yield f"{colours} colours", bmp((2, 2), 8, noise(8), palette=GREYS, colours=colours)
    for bits, masks in LAYOUTS:
        data = rows((5, 3), bits)
        for header in (40, 52, 56, 108):
            yield f"{bits} bits, masks {masks}, header of {header}", bmp((5, 3), bits, data, compression=3, masks=masks, header=header, palette=COLOURS[:8] if bits == 8 else b"")
    for header in (0, 3, 13, 41, 68, 2**31):
        yield f"header of {header}", bmp((2, 2), 24, noise(12)).replace(struct.pack("<I", 40), struct.pack("<I", header), 1)
    for bits in (0, 2, 15, 64):
        yield f"{bits} bits", bmp((2, 2), bits, noise(32))
    for compression in (4, 5, 6, 11, 12):
        yield f"compression {compression}", bmp((2, 2), 24, noise(32), compression=compression)
    for size in (0, 2), (2, 0), (-3, 2), (2**31 - 1, 2), (2, -(2**31)), (2, -(2**24) - 5):
        yield f"size {size}", bmp(size, 24, noise(32))
    for name, runs in RUNS.items():
        for compression in (1, 2):
            for size in (5, 3), (5, -3):
                for name_of, palette in ("colours", COLOURS), ("greys", GREYS[:1024]):
                    yield f"runs of kind {compression}, {name}, {name_of}, {size}", bmp(size, 8, runs, palette=palette, compression=compression)
    for bits in (1, 4, 16, 24, 32):
        for palette in COLOURS, BLACK_AND_WHITE, bytes(4):
            for compression in (1, 2):
                yield f"runs of {bits} bits", bmp((5, 3), bits, RUNS["lines"], palette=palette, colours=len(palette) // 4, compression=compression)


RUNS = {
    "lines": b"\5\x12\0\0\5\x34\0\0\5\x56\0\1",
    "no ends": b"\5\x12\5\x34\5\x56",
    "a run too long": b"\7\x12\0\0\5\x34\0\0\5\x56\0\1",
    "lines that end early": b"\2\x12\0\0\1\x34\0\0\0\0\0\1",
    "an early end": b"\2\x12\0\1",
    "cut off": b"\5\x12\0",
    "a skip": b"\2\x12\0\2\1\1\2\x34\0\0\5\x56\0\1",
    "a skip to the end": b"\2\x12\0\2\xff\xff",
    "a skip cut off": b"\2\x12\0\2\1",
    "as they are": b"\0\3\x12\x34\x56\0\0\5\x11\x22\x33\x44\x55\0\0\5\x99\0\1",
    "as they are, odd": b"\0\5\x12\x34\x56\x78\x9a\0\0\5\x11\x22\x33\x44\x55\0\0\0\0\5\x99\0\1",
    "as they are, 4": b"\0\4\x12\x34\x56\x78\1\x77\0\0\5\x98\0\0\5\x99",
    "as they are, longer than a row": b"\0\x0b\x12\x34\x56\x78\x9a\xbc\xde\xf0\x11\x22\x33\0\4\x55\0\0\2\1",
    "as they are to the end": b"\0\x0f" + bytes(range(15)),
    "as they are beyond the end": b"\0\xff" + bytes(range(15)),
    "as they are, cut off": b"\0\x0f" + bytes(range(6)),
    "nothing": b"",
}


# Netpbm


def ppms() -> Iterator[tuple[str, bytes]]:
    for magic, bands in ("P5", 1), ("P6", 3), ("P0CMYK", 4), ("PyRGBA", 4), ("PyCMYK", 4), ("PyP", 1):
        for most in (1, 2, 100, 254, 255, 256, 300, 1000, 65534, 65535):
            count = 7 * 5 * bands * (1 if most < 256 else 2)
            yield f"{magic} of {most}", f"{magic}\n7 5\n{most}\n".encode() + noise(count)
            yield f"{magic} of {most}, small", f"{magic} 7 5 {most} ".encode() + noise(count, most=min(most + 1, 4))
        yield f"{magic}, cut off", f"{magic}\n7 5\n255\n".encode() + noise(35 * bands - 1)
        yield f"{magic} of 100, cut off", f"{magic}\n7 5\n100\n".encode() + noise(35 * bands - 1)
        yield f"{magic} of 1000, cut off", f"{magic}\n7 5\n1000\n".encode() + noise(70 * bands - 1)
        for most in (0, -1, 65536):
            yield f"{magic} of {most}", f"{magic}\n7 5\n{most}\n".encode() + noise(400)
    for width in (1, 7, 8, 9, 33):
        yield f"P4, {width}", f"P4\n{width} 3\n".encode() + noise((width + 7) // 8 * 3)
    yield "P4, cut off", b"P4\n9 3\n" + noise(5)
    floats = [1.9, 300, float("nan"), -3, float("inf"), 254.99, 0.5, 1e-40, -0.0, 255, 128, float("-inf")]
    for scale in "-1", "-1.0", "1", "+2.5", "1e5", ".5", "5.", "1_0.0", "0", "-0.0", "inf", "nan", "x", "1e400", "1e308", "1.8e308", "1e-324", "3e-324", "2e-324", "1e-9999", "_1", "1_", "1__0", "1e", "0x1":
        order = "<" if scale.startswith("-") else ">"
        yield f"Pf, scale {scale}", f"Pf\n4 3\n{scale}\n".encode() + struct.pack(f"{order}12f", *floats)
    yield "P1", b"P1\n# comment\n4 3\n1 0 1 0\n0101\n11 # end\n 00"
    yield "P1, with more", b"P1 4 3 101001011100 1111"
    yield "P1, with what is no pixel behind", b"P1 4 3 101001011100 P1"
    yield "P1, with a 2", b"P1 4 3 101002011100"
    yield "P1, cut off", b"P1 4 3 10100201110"
    yield "P1, a comment at its end", b"P1 4 3 101001011100 # and"
    for magic, bands in ("P2", 1), ("P3", 3):
        for most in (1, 7, 255, 256, 65535):
            drawn = random.Random(most)
            values = [str(drawn.randrange(most + 1)) for _ in range(12 * bands)]
            yield f"{magic} of {most}", f"{magic}\n4 3\n{most}\n{' '.join(values)}".encode()
        plain = f"{magic} 4 3 9 ".encode()
        digits = [b"%d" % (i % 10) for i in range(12 * bands)]
        text = b" ".join(digits)
        yield f"{magic}, comments", plain + text.replace(b" 5", b" #five\n5").replace(b"7 ", b"7#\r ")
        yield f"{magic}, a number that goes on behind a comment", plain + b"0#\n1 " + b" ".join(digits[1:])
        yield f"{magic}, too large", plain + text.replace(b"9", b"10")
        yield f"{magic}, negative", plain + text.replace(b"3", b"-3")
        yield f"{magic}, minus 0", plain + text.replace(b"0", b"-0")
        yield f"{magic}, signs and zeros", plain + text.replace(b"3", b"+3").replace(b"4", b"0000000004")
        yield f"{magic}, eleven digits", plain + text.replace(b"4", b"00000000004")
        yield f"{magic}, eleven digits behind the last", plain + text + b" 00000000004 "
        yield f"{magic}, eleven digits at the end", plain + text + b" 00000000004"
        yield f"{magic}, a word behind the last", plain + text + b" word"
        yield f"{magic}, a word", plain + text.replace(b"4", b"x")
        yield f"{magic}, underscores", plain + text.replace(b"4", b"0_4")
        yield f"{magic}, two underscores", plain + text.replace(b"4", b"0__4")
        yield f"{magic}, cut off", plain + b" ".join(digits[:-1])
        yield f"{magic}, white space of all kinds", plain + text.replace(b"2 ", b"2\t\v\f\r\n ")
        yield f"{magic}, a zero byte", plain + text.replace(b"2 ", b"2\0 ")
    block = 1 << 20
    for name, filler in ("a comment over the end of a block", b"#" + b"x" * (block - 3)), ("blanks", b" " * (block - 3)):
        for end in b"\n5 6 7", b"\r\n5 6 7\n", b"\n\r5 6 7\r", b"x\n5 6 7", b"1\r5 6 7 8", b" 51 6 7":
            yield f"P2, {name}, {end!r}", b"P2 2 2 255 4 " + filler + end
    for header in (
        b"P6\t2\x0b1\x0c255\r", b"P6 2 1 255", b"P6 # c\n2#c\r1 255\n", b"P6 2#c\n1 1 255\n", b"P6\n2 1 255#", b"P6 02 0_1 +255 ", b"P6 2 -1 255 ",
        b"P6 0 1 255 ", b"P6 2 0 255 ", b"P6 2.0 1 255 ", b"P6 00000000002 1 255 ", b"P6 0000000002 1 255 ", b"P6 99999999 1 255 ", b"P6 9999999999 9999999999 255 ",
        b"P6", b"P6 ", b"P6 2", b"P6#\n2 1 255 ", b"P7 2 1 255 ", b"P0 2 1 255 ", b"PF 2 1 -1 ", b"P62 1 255 ", b"P6\x002 1 255 ", b"PyRGBA2 1 255 ", b"P0CMYK2 1 255 ",
    ):
        yield f"header {header!r}", header + noise(12)


# TGA


def tga(kind, depth, data, *, size=(5, 3), flags=0, colours=None, first=0, count=None, colour_bits=24, name=b"", footer=b"\0" * 26, origin=(0, 0)):
    palettes = 0 if colours is None else 1
    palette = colours or b""
    count = len(palette) * 8 // (colour_bits or 8) if count is None else count
    head = struct.pack("<BBBHHBHHHHBB", len(name), palettes, kind, first, count, colour_bits if palettes else 0, *origin, *size, depth, flags)
    return head + name + palette + data + footer


def packets(pixels: list[bytes], width: int) -> bytes:
    """In turns runs and pixels as they are, within rows."""
    packed = b""
    for at in range(0, len(pixels), width):
        row = pixels[at : at + width]
        half = width // 2
        if half:
            packed += bytes([0x80 | half - 1]) + row[0]
        packed += bytes([width - half - 1]) + b"".join(row[half:])
    return packed


def tgas() -> Iterator[tuple[str, bytes]]:
    version2 = bytes(4) + bytes(4) + b"TRUEVISION-XFILE.\0"
    for kind in (0, 1, 2, 3, 4, 32, 33):
        for depth in (1, 8, 15, 16, 24, 32):
            bytes_ = (depth + 7) // 8
            pixels = [noise(bytes_, seed) for seed in range(15)]
            for colours in (None, noise(48)):
                named = f"kind {kind}, {depth} bits{'' if colours is None else ', palette'}"
                short = [bytes(b % 16 for b in pixel) for pixel in pixels]
                for flags in (0, 0x10, 0x20, 0x30):
                    yield f"{named}, flags {flags}", tga(kind, depth, b"".join(short if colours else pixels), flags=flags, colours=colours)
                    yield f"{named}, packed, flags {flags}", tga(kind | 8, depth, packets(short if colours else pixels, 5), flags=flags, colours=colours)
    for bits in (8, 15, 16, 24, 32):
        for count in (0, 1, 16, 256, 257):
            for first in (0, 3):
                colours = noise(bits // 8 * count, bits)
                for kind, depth in (1, 8), (3, 8), (3, 16):
                    data = noise(15 * depth // 8, most=20)
                    yield f"kind {kind}, {depth} bits, {count} colours of {bits} bits from {first} on", tga(kind, depth, data, colours=colours, count=count, first=first, colour_bits=bits)
    yield "palette cut off", tga(1, 8, b"", colours=noise(20), count=200, footer=b"")
    data = noise(60)
    for name, footer in (
        ("none", b""), ("24 bytes", b"\0" * 24), ("version 2", version2), ("an extension far away", b"\xff\xff\xff\x7f" + version2[4:]),
    ):
        yield f"footer: {name}", tga(2, 32, data, footer=footer)
        yield f"footer: {name}, 16 bits", tga(2, 16, data[:2], size=(1, 1), footer=footer)
        yield f"footer: {name}, 24 bits", tga(2, 24, data[:3], size=(1, 1), footer=footer)
    for kind in (0, 1, 3, 4):
        extension = b"\xef\1".ljust(494, b"\0") + bytes([kind])
        yield f"attributes of type {kind}", tga(2, 32, data, footer=extension + struct.pack("<II", 18 + 60, 0) + b"TRUEVISION-XFILE.\0")
        yield f"attributes of type {kind}, mirrored", tga(2, 32, data, flags=0x30, footer=extension + struct.pack("<II", 18 + 60, 0) + b"TRUEVISION-XFILE.\0")
    row = [bytes([i, 0, 0]) for i in range(15)]
    joined = b"".join(row)
    for name, packed in (
        ("as they are over rows", b"\x0e" + joined),
        ("as they are over rows, then a run", b"\x0b" + joined[:36] + b"\x82abc"),
        ("a run over rows", b"\x8eabc"),
        ("as they are, more than there are", b"\x0f" + joined + b"abc"),
        ("as they are, more than there are, cut off", b"\x10" + joined + b"abc"),
        ("cut off", b"\x0d" + joined[:30]),
        ("a run cut off", b"\x09" + joined[:30] + b"\x84a"),
        ("a run that is too long", b"\x09" + joined[:30] + b"\x85abc"),
    ):
        yield f"packed, {name}", tga(10, 24, packed, footer=b"")
        yield f"packed, {name}, and more", tga(10, 24, packed, footer=b"\0" * 100)
    yield "name", tga(2, 24, noise(45), name=b"a name")
    yield "name of 255", tga(2, 24, noise(45), name=bytes(255))
    yield "name cut off", tga(2, 24, b"", name=b"a name", footer=b"")[:20]
    for footer in (b"", b"\0" * 100):
        yield f"ten bytes of name, {len(footer)} behind", tga(2, 24, noise(45), name=b"0123456789", footer=footer)
        yield f"ten bytes of name, {len(footer)} behind, small", tga(2, 24, noise(3), size=(1, 1), name=b"0123456789", footer=footer)
        yield f"ten bytes of name, {len(footer)} behind, palette", tga(1, 8, noise(15, most=5), colours=noise(15), name=b"0123456789", footer=footer)
    yield "row cut off", tga(2, 24, noise(44), footer=b"")
    yield "whole without a footer", tga(2, 24, noise(45), footer=b"")
    yield "origin", tga(2, 24, noise(45), origin=(3, 7))
    yield "colours without a palette", tga(2, 24, noise(45)).replace(b"\0\0\2\0\0\0\0", b"\0\0\2\0\0\0\1", 1)
    for size in (0, 3), (3, 0), (65535, 1), (1, 65535):
        yield f"size {size}", tga(2, 24, noise(45), size=size)
    yield "17 bytes", tga(2, 24, b"")[:17]


# QOI


def qoi(size, channels, data, space=0):
    return b"qoif" + struct.pack(">IIBB", *size, channels, space) + data


def qois() -> Iterator[tuple[str, bytes]]:
    end = b"\0" * 7 + b"\1"
    drawn = random.Random(3)

    def chunks(count: int) -> bytes:
        data = b""
        for _ in range(count):
            kind = drawn.randrange(6)
            data += (
                b"\xfe" + noise(3, drawn.random()), b"\xff" + noise(4, drawn.random()), bytes([drawn.randrange(64)]), bytes([64 + drawn.randrange(64)]),
                bytes([128 + drawn.randrange(64), drawn.randrange(256)]), bytes([192 + drawn.randrange(6)]),
            )[kind]
        return data

    for channels in (3, 4, 0, 1, 255):
        for i in range(12):
            yield f"{channels} channels, {i}", qoi((7, 5), channels, chunks(40) + end)
    yield "a run beyond the end", qoi((3, 2), 3, b"\xfe\1\2\3\xfd" + end)
    yield "a run first", qoi((3, 2), 4, b"\xc2\xfe\1\2\3\xc5" + end)
    yield "indices first", qoi((3, 2), 4, bytes(range(6)))
    for data in b"", b"\xfe\1\2\3", b"\xfe\1\2", b"\xff\1\2\3", b"\x80", b"\xc1\x80":
        yield f"cut off, {data.hex()}", qoi((3, 2), 3, data)
    for size in (0, 2), (2, 0), (2**31, 1), (2**32 - 1, 2**32 - 1), (2000000, 1):
        yield f"size {size}", qoi(size, 3, b"\xfd" * 20)
    whole = qoi((1, 1), 3, b"\xfe\1\2\3")
    for length in range(4, len(whole)):
        yield f"{length} bytes", whole[:length]
    yield "no pixels", qoi((1, 1), 3, b"")[:13]


def damaged(format_: str, files: list[bytes]) -> Iterator[tuple[str, bytes]]:
    drawn = random.Random(format_)
    some = [file for file in files if 0 < len(file) < 4000]
    for i in range(DAMAGED):
        file = bytearray(drawn.choice(some))
        for _ in range(1 + drawn.randrange(3)):
            at = drawn.randrange(len(file)) if drawn.random() < 0.4 else drawn.randrange(min(len(file), 60))
            file[at] = drawn.choice((0, 1, 255, drawn.randrange(256), file[at] ^ 1 << drawn.randrange(8)))
        if i % 6 == 0:
            del file[drawn.randrange(len(file)) :]
        yield f"damaged {i}", bytes(file)


def digest(image: Image.Image) -> str:
    return hashlib.sha256(image.tobytes()).hexdigest()


def on_white(image: Image.Image) -> Image.Image:
    # Pillow cannot tell of indices without a palette
    if (image.mode == "P" and image.palette is None) or not image.has_transparency_data:
        return image.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA")).convert("RGB")


def verdict(path: Path) -> dict[str, object]:
    try:
        image = Image.open(path)
        if image.format not in ("BMP", "PPM", "TGA", "QOI"):
            return {"opens": False}  # another format, of which pixtok reads none that begins so
        image.load()
        rgb = image.convert("RGB")
    except Exception:  # of any kind: Pillow has many for damaged files
        return {"opens": False}
    return {"opens": True, "width": rgb.width, "height": rgb.height, "rgb": digest(rgb), "white": digest(on_white(image))}


def main(out: Path) -> None:
    files, lines = bytearray(), []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image"
        for format_, make in ("bmp", bmps), ("ppm", ppms), ("tga", tgas), ("qoi", qois):
            whole = list(make())
            for name, file in [*whole, *damaged(format_, [file for _, file in whole])]:
                path.write_bytes(file)
                line = {"name": f"{format_}: {name}", "damage": "made", **verdict(path)}
                if len(file) > 1 << 20:  # mostly of one byte: the block that Pillow reads at a time
                    filler = max(set(file), key=file.count)
                    start = file.index(bytes([filler]) * 1000)
                    length = len(file[start:]) - len(file[start:].lstrip(bytes([filler])))
                    line["filler"] = [start, length, filler]
                    file = file[:start] + file[start + length :]
                lines.append(json.dumps(line | {"at": len(files), "bytes": len(file)}))
                files += file
    (out / "odd-bitmaps.bin").write_bytes(files)
    (out / "odd-bitmaps.jsonl").write_text("\n".join(lines) + "\n")


main(Path(sys.argv[1]))
