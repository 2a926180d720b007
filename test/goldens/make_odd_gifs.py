"""Writes GIF files that are whole but unusual, or broken in ways that chance does not find, and asks
Pillow about each.

    python make_odd_gifs.py ../data/damaged

OUT receives odd-gifs.bin and odd-gifs.jsonl, as images.bin and images.jsonl of make_damaged.py.
"""

import hashlib
import io
import json
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

COLOURS = bytes((37 * i + 90 * channel) % 256 for i in range(4) for channel in range(3))
GREYS = bytes(i for i in range(4) for _ in range(3))
TRANSPARENT = b"!\xf9\x04\x01\x00\x00\x02\x00"


def packed(codes: list[tuple[int, int]]) -> bytes:
    """Codes and their bits, in sub-blocks of 7 bytes."""
    held, bits = 0, 0
    for code, size in codes:
        held |= code << bits
        bits += size
    data = held.to_bytes((bits + 7) // 8, "little")
    blocks = [data[i : i + 7] for i in range(0, len(data), 7)]
    return b"".join(bytes([len(block)]) + block for block in blocks)


def literals(values: list[int], bits: int) -> bytes:
    """Each behind a code that clears the table, so that codes never grow."""
    clear = 1 << bits
    codes = [code for value in values for code in ((clear, bits + 1), (value, bits + 1))]
    return packed([*codes, (clear + 1, bits + 1)]) + b"\0"


def gif(data: bytes, *, canvas=(4, 3), frame=(0, 0, 4, 3), colours=COLOURS, own=b"", before=b"", bits=2, flags=0) -> bytes:
    def of(palette: bytes) -> int:
        return 0x80 | (len(palette) // 3).bit_length() - 2 if palette else 0

    screen = b"GIF89a" + struct.pack("<HHBBB", *canvas, of(colours), 1, 0) + colours
    return screen + before + b"," + struct.pack("<HHHHB", *frame, of(own) | flags) + own + bytes([bits]) + data + b";"


TWELVE = [0, 1, 2, 3, 3, 2, 1, 0, 1, 1, 2, 2]


def cases() -> Iterator[tuple[str, bytes]]:
    plain = literals(TWELVE, 2)
    yield "plain", gif(plain)
    for own_name, own in ("colours", COLOURS[::-1]), ("greys", GREYS):
        for all_name, colours in ("colours", COLOURS), ("greys", GREYS), ("none", b""):
            yield f"own {own_name}, all {all_name}", gif(plain, own=own, colours=colours)
            yield f"own {own_name}, all {all_name}, transparent", gif(plain, own=own, colours=colours, before=TRANSPARENT)
    yield "no colours", gif(plain, colours=b"")
    yield "indices beyond the colours", gif(literals([5, 6, 7] * 4, 3), bits=3)
    yield "canvas of nothing", gif(plain, canvas=(0, 0))
    yield "frame beyond the canvas", gif(plain, frame=(3, 5, 4, 3))
    yield "frame beyond the canvas, transparent", gif(plain, frame=(3, 5, 4, 3), before=TRANSPARENT)
    for frame in (0, 0, 0, 3), (0, 0, 4, 0), (0, 0, 0, 0), (2, 0, 0, 3), (0, 2, 4, 0), (2, 1, 0, 0):
        yield f"frame {frame}", gif(plain, frame=frame)
    for height in range(1, 13):
        yield f"interlaced, {height} rows", gif(literals(TWELVE[:height], 2), canvas=(1, height), frame=(0, 0, 1, height), flags=0x40)
    for bits in (0, 1, 8, 9, 11, 12, 13, 255):
        values = [value % (1 << min(bits, 12)) for value in [0, 700, 255, 256, 1, 3000, 2, 3, 4000, 5, 6, 7]]
        yield f"codes of {bits} bits", gif(literals(values, bits) if bits < 14 else plain, bits=bits)
    for bits in (2, 11, 12):
        named = [(1 << bits, bits + 1), (1, bits + 1)]
        following = (1 << bits) + 2
        yield f"a string that names itself, {bits} bits", gif(packed([*named, *[(following, bits + 1)] * 12]), bits=bits)
        yield f"the same once, {bits} bits", gif(packed([*named, (following, bits + 1), *[(1, bits + 1)] * 9]), bits=bits)
        yield f"a name too early, {bits} bits", gif(packed([*named, (following + 1, bits + 1), *[(1, bits + 1)] * 12]), bits=bits)
    yield "an end within", gif(packed([(4, 3), (1, 3), (5, 3), *[(4, 3), (1, 3)] * 12]))
    yield "an end within, and 64 KB behind", gif(packed([(4, 3), (1, 3), (5, 3), *[(4, 3), (1, 3)] * 12]) + b"\0" * 70_000)
    yield "an end, 64 KB behind", gif(packed([(4, 3), (1, 3), (5, 3)]) + b"\0" * 70_000 + plain)
    yield "no clear code", gif(packed([(value, 3 if i < 3 else 4) for i, value in enumerate(TWELVE)]))
    yield "empty sub-blocks", gif(plain[:3] + plain[3:8] + b"\0\0\0" + plain[8:])
    yield "87a", gif(plain).replace(b"GIF89a", b"GIF87a")
    yield "90a", gif(plain).replace(b"GIF89a", b"GIF90a")
    for name, before in (
        ("control of 3 bytes", b"!\xf9\x03\x00\x00\x00\x00"),
        ("transparent control of 3 bytes", b"!\xf9\x03\x01\x00\x00\x00"),
        ("control of 2 bytes", b"!\xf9\x02\x00\x00\x00"),
        ("control of none", b"!\xf9\x00\x00"),
        ("control of none, without an end", b"!\xf9\x00"),
        ("two controls", TRANSPARENT + b"!\xf9\x04\x00\x00\x00\x01\x00"),
        ("empty comment", b"!\xfe\x00"),
        ("comments", b"!\xfe\x03abc\x02de\x00!\xfe\x01f\x00"),
        ("loops", b"!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"),
        ("loops without a count", b"!\xff\x0bNETSCAPE2.0\x00\x00"),
        ("loops without an end", b"!\xff\x0bNETSCAPE2.0\x00"),
        ("an unknown extension", b"!\x01\x02ab\x03cde\x00"),
        ("what is no block", b"abc\x00"),
        ("the end", b";"),
    ):
        yield name, gif(plain, before=before)


def digest(image: Image.Image) -> str:
    return hashlib.sha256(image.tobytes()).hexdigest()


def on_white(image: Image.Image) -> Image.Image:
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA")).convert("RGB")


def main(out: Path) -> None:
    files, lines = b"", []
    for name, file in cases():
        line = {"name": f"gif: {name}", "damage": "made"}
        try:
            image = Image.open(io.BytesIO(file))
            image.load()
            rgb = image.convert("RGB")
        except (OSError, SyntaxError, ValueError):
            line |= {"opens": False}
        else:
            line |= {"opens": True, "width": rgb.width, "height": rgb.height, "rgb": digest(rgb)}
            try:
                line["white"] = digest(on_white(image))
            except ValueError:  # levels of grey with colours of the whole file: Pillow cannot tell
                pass
        lines.append(json.dumps(line | {"at": len(files), "bytes": len(file)}))
        files += file
    (out / "odd-gifs.bin").write_bytes(files)
    (out / "odd-gifs.jsonl").write_text("\n".join(lines) + "\n")


main(Path(sys.argv[1]))
