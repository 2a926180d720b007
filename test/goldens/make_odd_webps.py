"""Writes WebP files that are whole but unusual, or broken in ways that chance does not find, and asks
Pillow about each.

    python make_odd_webps.py ../data/damaged

OUT receives odd-webps.bin and odd-webps.jsonl, as images.bin and images.jsonl of make_damaged.py.
"""

import hashlib
import io
import json
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageOps

WIDTH, HEIGHT = 12, 8
ANIMATED, XMP, EXIF, ALPHA, ICC = 2, 4, 8, 16, 32

Chunk = tuple[bytes, bytes]


def scene(width: int = WIDTH, height: int = HEIGHT, shift: int = 0) -> Image.Image:
    """Colours and alpha in steps."""
    values = [
        ((37 * x + shift) % 256, (50 * y + 11 * x) % 256, (90 + 29 * (x ^ y)) % 256, 255 - 23 * ((x + y) % 12))
        for y in range(height)
        for x in range(width)
    ]
    return Image.frombytes("RGBA", (width, height), bytes(value for pixel in values for value in pixel))


def chunks_of(file: bytes) -> list[Chunk]:
    chunks, at = [], 12
    while at < len(file):
        size = struct.unpack_from("<I", file, at + 4)[0]
        chunks.append((file[at : at + 4], file[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    return chunks


def saved(image: Image.Image, **options) -> dict[bytes, bytes]:
    held = io.BytesIO()
    image.save(held, "WEBP", **options)
    return dict(chunks_of(held.getvalue()))


def chunk(name: bytes, contents: bytes, size: int | None = None, fill: bytes = b"\0") -> bytes:
    odd = fill if len(contents) % 2 else b""
    return name + struct.pack("<I", len(contents) if size is None else size) + contents + odd


def webp(*chunks: Chunk | bytes, size: int | None = None, behind: bytes = b"") -> bytes:
    """`size`: what the file says it is longer than it is."""
    body = b"WEBP" + b"".join(each if isinstance(each, bytes) else chunk(*each) for each in chunks)
    return b"RIFF" + struct.pack("<I", max(0, len(body) + (size or 0))) + body + behind


def head(flags: int, width: int = WIDTH, height: int = HEIGHT, more: bytes = b"") -> Chunk:
    return b"VP8X", struct.pack("<I", flags) + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3] + more


def frame(*chunks: Chunk | bytes, at=(0, 0), size=(WIDTH, HEIGHT), bits: int = 0, longer: int = 0) -> bytes:
    """ANMF; `longer`: what it says it is longer than it is."""
    numbers = (at[0] // 2, at[1] // 2, size[0] - 1, size[1] - 1, 100)
    header = b"".join(struct.pack("<I", number)[:3] for number in numbers) + bytes([bits])
    body = header + b"".join(each if isinstance(each, bytes) else chunk(*each) for each in chunks)
    return chunk(b"ANMF", body, len(body) + longer)


def orientation(value: int) -> bytes:
    exif = Image.Exif()
    exif[274] = value
    return exif.tobytes()


RGB, RGBA = scene().convert("RGB"), scene()
LOSSY = (b"VP8 ", saved(RGB, quality=60)[b"VP8 "])
LOSSLESS = (b"VP8L", saved(RGB, lossless=True)[b"VP8L"])
CLEAR = (b"VP8L", saved(RGBA, lossless=True, exact=True)[b"VP8L"])
PLANE = (b"ALPH", saved(RGBA, quality=60)[b"ALPH"])
RAW_PLANE = (b"ALPH", b"\0" + RGBA.getchannel("A").tobytes())
SMALL = (b"VP8L", saved(scene(6, 4, 90), lossless=True, exact=True)[b"VP8L"])
SMALL_LOSSY = (b"VP8 ", saved(scene(6, 4, 90).convert("RGB"), quality=60)[b"VP8 "])
SMALL_PLANE = (b"ALPH", b"\0" + scene(6, 4).getchannel("A").tobytes())
TURNED = (b"EXIF", orientation(6))
MIRRORED = (b"EXIF", orientation(2))
PACKET = (b"XMP ", b'<rdf:Description tiff:Orientation="8"/>')
PROFILE = (b"ICCP", b"no profile")
UNKNOWN = (b"abcd", b"what it is")
LOOPS = (b"ANIM", b"\xff\x80\x40\xff\0\0")


def rearranged(name: str, *chunks: Chunk) -> Iterator[tuple[str, bytes]]:
    """Each chunk left out, elsewhere, twice, shorter than it says, and something between each two."""
    for i, (what, contents) in enumerate(chunks):
        before, after = chunks[:i], chunks[i + 1 :]
        text = f"{name}: {what.decode().strip()} {i}"
        yield f"{text} left out", webp(*before, *after)
        for j in range(len(chunks)):
            rest = before + after
            if j != i:
                yield f"{text} at {j}", webp(*rest[:j], chunks[i], *rest[j:])
            yield f"{text} again at {j}", webp(*chunks[:j], chunks[i], *chunks[j:])
        for size in {0, 1, 5, 9, len(contents) // 2, len(contents) - 1} - {len(contents)}:
            if size >= 0:
                yield f"{text} cut to {size}", webp(*before, (what, contents[:size]), *after)
        for more in (-2, -1, 1, 2, 8, 1 << 20, (1 << 32) - 1 - len(contents), (1 << 32) - 9 - len(contents)):
            if len(contents) + more >= 0:
                yield f"{text} says {more:+} bytes", webp(*before, chunk(what, contents, len(contents) + more), *after)
        yield f"{text} renamed", webp(*before, (b"wxyz", contents), *after)
        for other in UNKNOWN, (b"abcd", b""), (b"abcd", b"odd"), PLANE, LOOPS:
            yield f"{text} behind {other[0].decode()} of {len(other[1])}", webp(*before, other, chunks[i], *after)
    for more in (-9, -8, -2, -1, 1, 2, 3, 8, 1 << 20):
        yield f"{name}: says {more:+} bytes", webp(*chunks, size=more)
    for count in (1, 2, 7, 8, 9, 30):
        yield f"{name}: {count} bytes behind its end", webp(*chunks, behind=b"x" * count)
        yield f"{name}: {count} bytes behind its chunks", webp(*chunks, b"x" * count)
        yield f"{name}: cut by {count}", webp(*chunks)[:-count]
    yield f"{name}: nothing behind its head", webp(*chunks)[:12]


def with_byte(contents: bytes, at: int, value: int) -> bytes:
    return contents[:at] + bytes([value]) + contents[at + 1 :]


def still() -> Iterator[tuple[str, bytes]]:
    yield "lossy", webp(LOSSY)
    yield "lossless", webp(LOSSLESS)
    yield "lossless with alpha", webp(CLEAR)
    for flags in (0, ALPHA):
        for name, image in ("lossy", [LOSSY]), ("lossless", [LOSSLESS]), ("clear", [CLEAR]), ("plane", [PLANE, LOSSY]):
            yield f"{name}, flags {flags}", webp(head(flags), *image)
        yield f"alpha behind the image, flags {flags}", webp(head(flags), LOSSY, PLANE)
        yield f"two planes of alpha, flags {flags}", webp(head(flags), PLANE, RAW_PLANE, LOSSY)
        yield f"a plane and lossless, flags {flags}", webp(head(flags), PLANE, LOSSLESS)
        yield f"something between alpha and image, flags {flags}", webp(head(flags), PLANE, UNKNOWN, LOSSY)
        yield f"two images, flags {flags}", webp(head(flags), LOSSY, LOSSLESS)
        yield f"two images, something between, flags {flags}", webp(head(flags), LOSSY, UNKNOWN, LOSSLESS)
    for value in range(256):
        yield f"flags {value}", webp(head(value), PLANE, LOSSY)
    for at in range(1, 4):
        yield f"reserved byte {at}", webp((b"VP8X", with_byte(head(ALPHA)[1], at, 255)), PLANE, LOSSY)
    for width, height in (WIDTH + 1, HEIGHT), (WIDTH, HEIGHT - 1), (1 << 24, 1), (1 << 24, 1 << 24), (1 << 16, 1 << 16):
        yield f"canvas of {width} x {height}", webp(head(0, width, height), LOSSY)
    for count in 1, 2, 3, 8:
        yield f"{count} bytes more in the head", webp(head(0, more=b"x" * count), LOSSY)
    yield "a simple file with chunks behind", webp(LOSSY, TURNED, UNKNOWN)
    yield "a simple file with alpha behind", webp(LOSSY, PLANE)
    yield "a simple file with alpha in front", webp(PLANE, LOSSY)
    yield "a simple file with something in front", webp(UNKNOWN, LOSSY)
    for first in range(256):
        yield f"alpha that begins with {first}", webp(head(ALPHA), (b"ALPH", bytes([first]) + RAW_PLANE[1][1:]), LOSSY)
    for count in 0, 1, 2, len(RAW_PLANE[1]) - 1, len(RAW_PLANE[1]) + 5:
        yield f"plane of {count} bytes", webp(head(ALPHA), (b"ALPH", (RAW_PLANE[1] + b"12345")[:count]), LOSSY)
        yield f"the same without its flag, {count}", webp(head(0), (b"ALPH", (RAW_PLANE[1] + b"12345")[:count]), LOSSY)
    for name, contents, places in ("lossy", LOSSY[1], 14), ("lossless", CLEAR[1], 8), ("plane", PLANE[1], 6):
        for at in range(places):
            for value in (0, 1, 2, 8, 16, 31, 64, 128, 255, contents[at] ^ 1, contents[at] ^ 128):
                changed = with_byte(contents, at, value)
                kind = {"lossy": b"VP8 ", "lossless": b"VP8L", "plane": b"ALPH"}[name]
                image = [(kind, changed)] if name != "plane" else [head(ALPHA), (kind, changed), LOSSY]
                yield f"{name}: byte {at} is {value}", webp(*image)
    for fill in b"\0", b"\1", b"\xff":
        yield f"filled up by {fill.hex()}", webp(head(0), chunk(b"abcd", b"odd", fill=fill), LOSSY)


def described() -> Iterator[tuple[str, bytes]]:
    for flags in range(0, 64, 4):
        if flags & (ALPHA | ICC):
            continue
        yield f"EXIF and XMP, flags {flags}", webp(head(flags), LOSSY, TURNED, PACKET)
    yield "EXIF in front of the image", webp(head(EXIF), TURNED, LOSSY)
    yield "the first of two EXIF", webp(head(EXIF), MIRRORED, LOSSY, TURNED)
    yield "an empty EXIF, then another", webp(head(EXIF), LOSSY, (b"EXIF", b""), TURNED)
    yield "an empty EXIF and XMP", webp(head(EXIF | XMP), LOSSY, (b"EXIF", b""), PACKET)
    yield "EXIF of three bytes and XMP", webp(head(EXIF | XMP), LOSSY, (b"EXIF", b"Exi"), PACKET)
    yield "EXIF without a prefix", webp(head(EXIF), LOSSY, (b"EXIF", TURNED[1][6:]))
    yield "EXIF cut", webp(head(EXIF), LOSSY, (b"EXIF", TURNED[1][:-9]))
    yield "a profile that is none", webp(head(ICC), PROFILE, LOSSY)
    yield "EXIF in a simple file", webp(LOSSY, TURNED)
    yield "EXIF in a frame", webp(head(ANIMATED | EXIF), LOOPS, frame(LOSSY, TURNED))
    yield "EXIF in a frame, then another", webp(head(ANIMATED | EXIF), LOOPS, frame(MIRRORED, LOSSY), frame(LOSSY), TURNED)
    yield "EXIF of an animation", webp(head(ANIMATED | EXIF), LOOPS, frame(LOSSY), frame(LOSSLESS), TURNED)


def animated() -> Iterator[tuple[str, bytes]]:
    for flags in (ANIMATED, ANIMATED | ALPHA, 0, ALPHA):
        for name, image in {
            "lossy": [LOSSY],
            "clear": [CLEAR],
            "plane": [PLANE, LOSSY],
            "plane behind": [LOSSY, PLANE],
            "plane alone": [PLANE],
            "two images": [LOSSY, CLEAR],
            "nothing": [],
            "something unknown": [UNKNOWN],
            "something unknown first": [UNKNOWN, LOSSY],
            "something unknown behind": [LOSSY, UNKNOWN],
        }.items():
            yield f"frame of {name}, flags {flags}", webp(head(flags), LOOPS, frame(*image))
            yield f"frame of {name}, then another, flags {flags}", webp(head(flags), LOOPS, frame(*image), frame(CLEAR))
            yield f"another, then frame of {name}, flags {flags}", webp(head(flags), LOOPS, frame(CLEAR), frame(*image))
        yield f"no frames, flags {flags}", webp(head(flags), LOOPS)
        yield f"an image behind ANIM, flags {flags}", webp(head(flags), LOOPS, LOSSY)
        yield f"an image behind a frame, flags {flags}", webp(head(flags), LOOPS, frame(CLEAR), LOSSY)
        yield f"a frame without ANIM, flags {flags}", webp(head(flags), frame(LOSSY))
        yield f"a frame and no ANIM but behind, flags {flags}", webp(head(flags), frame(LOSSY), LOOPS)
        for at in (0, 0), (2, 0), (0, 4), (6, 4), (8, 0), (0, 6), (1 << 24, 0), (0, (1 << 25) - 2):
            for name, image in ("clear", [SMALL]), ("lossy", [SMALL_LOSSY]), ("plane", [SMALL_PLANE, SMALL_LOSSY]):
                yield f"small {name} at {at}, flags {flags}", webp(head(flags), LOOPS, frame(*image, at=at, size=(6, 4)))
    for bits in range(8):
        yield f"bits {bits}", webp(head(ANIMATED | ALPHA), LOOPS, frame(SMALL, size=(6, 4), bits=bits), frame(CLEAR, bits=bits))
    for size in (1, 1), (6, 4), (WIDTH, HEIGHT + 1), (1 << 24, 1 << 24), (1 << 16, 1 << 16):
        yield f"frame that says {size}", webp(head(ANIMATED), LOOPS, frame(LOSSY, size=size))
    for longer in (-40, -20, -2, -1, 1, 2, 8, 100):
        yield f"frame that says {longer:+} bytes", webp(head(ANIMATED), LOOPS, frame(LOSSY, longer=longer), frame(CLEAR))
        yield f"last frame that says {longer:+} bytes", webp(head(ANIMATED), LOOPS, frame(LOSSY, longer=longer))
    for count in range(0, 9):
        yield f"ANIM of {count} bytes", webp(head(ANIMATED), (b"ANIM", b"\xff" * count), frame(LOSSY))
        yield f"a second ANIM of {count} bytes", webp(head(ANIMATED), LOOPS, (b"ANIM", b"\xff" * count), frame(LOSSY))
    for count in range(0, 17, 4):
        yield f"ANMF of {count} bytes", webp(head(ANIMATED), LOOPS, (b"ANMF", b"\0" * count), frame(LOSSY))
        yield f"ANMF of {count} bytes behind", webp(head(ANIMATED), LOOPS, frame(LOSSY), (b"ANMF", b"\0" * count))
    broken = (b"VP8 ", LOSSY[1][:20])
    yield "first frame broken", webp(head(ANIMATED), LOOPS, frame(broken), frame(LOSSY))
    yield "second frame broken", webp(head(ANIMATED), LOOPS, frame(LOSSY), frame(broken))
    yield "second frame without a head", webp(head(ANIMATED), LOOPS, frame(LOSSY), frame((b"VP8 ", b"no pixels of any kind")))
    yield "second frame beyond the canvas", webp(head(ANIMATED), LOOPS, frame(LOSSY), frame(LOSSY, at=(2, 0)))


def cases() -> Iterator[tuple[str, bytes]]:
    yield from still()
    yield from described()
    yield from animated()
    yield from rearranged("simple", LOSSY)
    yield from rearranged("clear", CLEAR)
    yield from rearranged("extended", head(ALPHA | EXIF | XMP), PLANE, LOSSY, TURNED, PACKET)
    moving = chunks_of(webp(head(ANIMATED | ALPHA | EXIF), LOOPS, frame(SMALL, at=(2, 2), size=(6, 4)), frame(PLANE, LOSSY), TURNED))
    yield from rearranged("animated", *moving)


def digest(image: Image.Image) -> str:
    return hashlib.sha256(image.tobytes()).hexdigest()


def on_white(image: Image.Image) -> Image.Image:
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA")).convert("RGB")


def verdict(file: bytes) -> dict:
    try:
        image = Image.open(io.BytesIO(file), formats=["WEBP"])
        image.load()
        rgb = image.convert("RGB")
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError):
        return {"opens": False}
    try:
        upright = ImageOps.exif_transpose(image).convert("RGB")
    except Exception:  # Pillow fails to read the orientation: upright here
        upright = rgb
    facts = {"opens": True, "width": rgb.width, "height": rgb.height, "rgb": digest(rgb), "white": digest(on_white(image))}
    turned = {"width": upright.width, "height": upright.height, "rgb": digest(upright)}
    return facts | ({"turned": turned} if turned["rgb"] != facts["rgb"] else {})


def main(out: Path) -> None:
    files, lines, places = b"", [], {}
    for name, file in cases():
        if file in places:
            continue
        places[file] = len(files)
        lines.append(json.dumps({"name": f"webp: {name}", "damage": "made", **verdict(file), "at": len(files), "bytes": len(file)}))
        files += file
    (out / "odd-webps.bin").write_bytes(files)
    (out / "odd-webps.jsonl").write_text("\n".join(lines) + "\n")
    print(len(lines), len(files))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
