"""Damages small images and asks Pillow about each.

    python make_damaged.py ../data/damaged

OUT receives

    images.bin    damaged files, one behind the other
    images.jsonl  of each: what it was, how it was damaged, where it lies, whether Pillow opens it, and
                    the SHA-256 of its RGB pixels where it does
    rearranged.bin    PNG files whose chunks, and TIFF files whose tags, are left out, repeated, moved or
    rearranged.jsonl  changed, one at a time; as images.jsonl
    turned.bin      images that declare an orientation in many ways
    turned.jsonl    of each, what ImageOps.exif_transpose makes of it

Everything comes from the seed below. Left out are kinds of which docs/exactness.md says that pixtok
refuses them, and damaged AVIF, which Pillow's decoder shows and sharp's refuses.
"""

import hashlib
import io
import json
import random
import struct
import sys
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin

SEED = 1201
EACH = 60  # damaged files of each format
REARRANGED = 220  # of each format
WIDTH, HEIGHT = 23, 17


def scene() -> Image.Image:
    rng = np.random.default_rng(SEED)
    x = np.arange(WIDTH)[None, :] * 255 // WIDTH + np.zeros((HEIGHT, 1), int)
    y = np.arange(HEIGHT)[:, None] * 255 // HEIGHT + np.zeros((1, WIDTH), int)
    planes = np.stack([x, y, (x + y) // 2], axis=2) + rng.integers(-8, 9, (HEIGHT, WIDTH, 3))
    return Image.fromarray(np.clip(planes, 0, 255).astype(np.uint8))


def saved(image: Image.Image, form: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(samples: np.ndarray, depth: int, colour: int, extra: bytes = b"", interlaced: bool = False, piece: int = 0) -> bytes:
    """A PNG file; its pixels in chunks of `piece` bytes."""

    def packed(part: np.ndarray) -> bytes:
        rows = b""
        for row in part if part.size else []:
            flat = row.reshape(-1)
            bits = (flat[:, None] >> np.arange(depth - 1, -1, -1)) & 1
            rows += b"\0" + np.packbits(bits.astype(np.uint8).reshape(-1)).tobytes()
        return rows

    parts = [samples[y::dy, x::dx] for x, y, dx, dy in PASSES] if interlaced else [samples]
    data = zlib.compress(b"".join(packed(part) for part in parts), 9)
    pieces = [data[i : i + piece] for i in range(0, len(data), piece)] if piece else [data]
    header = struct.pack(">IIBBBBB", samples.shape[1], samples.shape[0], depth, colour, 0, 0, interlaced)
    chunks = [chunk(b"IHDR", header), extra, *(chunk(b"IDAT", each) for each in pieces), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def sources() -> Iterator[tuple[str, bytes]]:
    rgb = scene()
    grey, palette, few, bilevel = rgb.convert("L"), rgb.quantize(40), rgb.quantize(5), rgb.convert("1")
    rgba = rgb.copy()
    rgba.putalpha(grey)
    samples, levels, indices = np.array(rgb, int), np.array(grey, int), np.array(palette, int)
    entries = chunk(b"PLTE", bytes(palette.getpalette()[:120]))
    texts = chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"tEXt", b"Title\0words")
    for interlaced in (False, True):
        kind = "interlaced" if interlaced else "plain"
        for depth in (1, 2, 4, 8, 16):
            yield f"png grey {depth} {kind}", png(levels * 257 >> (16 - depth), depth, 0, interlaced=interlaced)
        yield f"png rgb {kind}", png(samples, 8, 2, texts, interlaced, 200)
        yield f"png rgb 16 {kind}", png(samples * 257, 16, 2, interlaced=interlaced)
        yield f"png rgba {kind}", png(np.array(rgba, int), 8, 6, interlaced=interlaced)
        yield f"png palette {kind}", png(indices, 8, 3, entries, interlaced)
        yield f"png palette 2 {kind}", png(indices & 3, 2, 3, entries[:0] + chunk(b"PLTE", bytes(range(12))), interlaced)
    frames = [rgb, rgb.transpose(Image.Transpose.ROTATE_180)]
    yield "png filtered", saved(rgb, "PNG")
    yield "png animated", saved(rgb, "PNG", save_all=True, append_images=frames[1:])
    yield "gif", saved(palette, "GIF", interlace=0)
    yield "gif interlaced", saved(palette, "GIF", interlace=1)
    yield "gif transparent", saved(palette, "GIF", transparency=3)
    yield "gif grey", saved(grey, "GIF")
    yield "gif comment", saved(few, "GIF", comment=b"some words")
    yield "gif animated", saved(palette, "GIF", save_all=True, append_images=[frames[1].quantize(9)], loop=0)
    modes = {"rgb": rgb, "grey": grey, "palette": palette, "bilevel": bilevel, "rgba": rgba, "cmyk": rgb.convert("CMYK")}
    modes |= {"grey-alpha": rgba.convert("LA"), "float": grey.convert("F")}
    modes["grey16"] = Image.fromarray(np.array(grey).astype(np.uint16) * 257)
    for name, image in modes.items():
        for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits"):
            for rows in (HEIGHT, 5):
                yield f"tiff {name} {compression} {rows}", saved(image, "TIFF", compression=compression, tiffinfo={278: rows})
    for name in ("rgb", "grey16"):
        yield f"tiff {name} differences", saved(modes[name], "TIFF", compression="tiff_lzw", tiffinfo={317: 2})
    yield "tiff jpeg", saved(rgb, "TIFF", compression="jpeg", tiffinfo={278: 8})
    yield "tiff jpeg grey", saved(grey, "TIFF", compression="jpeg")
    yield "tiff turned", saved(rgb, "TIFF", tiffinfo={274: 6})
    yield "webp lossy", saved(rgb, "WEBP", quality=60)
    yield "webp lossless", saved(rgb, "WEBP", lossless=True)
    yield "webp alpha", saved(rgba, "WEBP", quality=60)
    yield "webp animated", saved(rgb, "WEBP", save_all=True, append_images=frames[1:])


def with_checksums(data: bytes) -> bytes:
    """A PNG file whose checksums are made right again."""
    out, at = data[:8], 8
    while at + 12 <= len(data):
        end = at + 8 + struct.unpack_from(">I", data, at)[0]
        if end + 4 > len(data):
            break
        out += data[at:end] + struct.pack(">I", zlib.crc32(data[at + 4 : end]))
        at = end + 4
    return out + data[at:]


def directory_of(data: bytes) -> range:
    at = struct.unpack_from("<I", data, 4)[0]
    return range(at, min(len(data), at + 2 + 12 * 12))


def damaged(data: bytes, name: str, rng: random.Random) -> tuple[str, bytes]:
    how = rng.choice(["bit", "bit", "byte", "cut", "cut", "header", "header", "zeros", "left out", "twice"])
    out = bytearray(data)
    at, length = rng.randrange(len(data)), rng.randrange(1, 40)
    if how == "bit":
        out[at] ^= 1 << rng.randrange(8)
    elif how == "byte":
        out[at] = rng.choice([0, 1, 127, 128, 255])
    elif how == "cut":
        del out[len(out) - rng.choice([1, 2, 4, 12, 16, rng.randrange(1, len(out))]) :]
    elif how == "header":
        at = rng.choice(directory_of(data)) if name.startswith("tiff") else rng.randrange(min(len(data), 120))
        out[at] ^= 1 << rng.randrange(8)
    elif how == "zeros":
        out[at : at + length] = bytes(len(out[at : at + length]))
    elif how == "left out":
        del out[at : at + length]
    else:
        out[at:at] = out[at : at + length]
    if name.startswith("png") and rng.random() < 0.3:
        return f"{how}, checksums right", with_checksums(bytes(out))
    return how, bytes(out)


def verdict(data: bytes, turn: bool = False) -> dict | None:
    """What Pillow says; None for images that are too large for a test."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > 1_000_000:
                return None
            rgb = (ImageOps.exif_transpose(image) if turn else image).convert("RGB")
    except Exception:
        return {"opens": False}
    digest = hashlib.sha256(rgb.tobytes()).hexdigest()
    return {"opens": True, "width": rgb.width, "height": rgb.height, "rgb": digest}


def damaged_files() -> Iterator[tuple[dict, bytes]]:
    rng = random.Random(SEED)
    groups: dict[str, list[tuple[str, bytes]]] = {}
    for name, data in sources():
        groups.setdefault(name.split()[0], []).append((name, data))
    for group in groups.values():
        count = 0
        while count < EACH:
            name, data = rng.choice(group)
            how, out = damaged(data, name, rng)
            answer = verdict(out)
            if answer is None or (name.startswith("tiff") and answer["opens"] and is_refused(out)):
                continue
            count += 1
            yield {"name": name, "damage": how, **answer}, out


def is_refused(data: bytes) -> bool:
    """Whether Pillow opens it as a kind that pixtok refuses."""
    with Image.open(io.BytesIO(data)) as image:
        tags = image.tag_v2
        return tags.get(262) in (6, 8) or tags.get(259) == 7


def rearranged_png(data: bytes) -> Iterator[tuple[str, bytes]]:
    chunks, at = [], 8
    while at < len(data):
        length = struct.unpack_from(">I", data, at)[0]
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length

    def file_of(*parts: tuple[bytes, bytes]) -> bytes:
        return data[:8] + b"".join(chunk(*part) for part in parts)

    for i, (name, body) in enumerate(chunks):
        before, after = chunks[:i], chunks[i + 1 :]
        what = name.decode()
        yield f"without {what}", file_of(*before, *after)
        for j in range(len(chunks)):
            rest = before + after
            yield f"{what} moved", file_of(*rest[:j], chunks[i], *rest[j:])
            yield f"{what} repeated", file_of(*chunks[:j], chunks[i], *chunks[j:])
        for length in {1, 2, 5, len(body) // 2}:
            yield f"{what} in two", file_of(*before, (name, body[:length]), (name, body[length:]), *after)
            yield f"{what} cut", file_of(*before, (name, body[:length]), *after)
        for at in range(8, 13) if name == b"IHDR" else ():
            for value in range(7):
                header = body[:at] + bytes([value]) + body[at + 1 :]
                yield "header changed", file_of((name, header), *after)


def rearranged_tiff(data: bytes) -> Iterator[tuple[str, bytes]]:
    start = struct.unpack_from("<I", data, 4)[0]
    places = [start + 2 + 12 * i for i in range(struct.unpack_from("<H", data, start)[0])]
    known = [256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 338, 339, 347]

    def with_entry(at: int, **values: int) -> bytes:
        entry = dict(zip(("tag", "type", "count", "value"), struct.unpack_from("<HHII", data, at))) | values
        return data[:at] + struct.pack("<HHII", *entry.values()) + data[at + 12 :]

    for at in places:
        tag = struct.unpack_from("<H", data, at)[0]
        for kind in range(19):
            yield f"type of {tag}", with_entry(at, type=kind)
        for count in (0, 1, 2, 3, 4, 100_000, 2**31):
            yield f"count of {tag}", with_entry(at, count=count)
        for value in (0, 1, 2, 3, 4, 5, 8, 16, 255, 65535):
            yield f"value of {tag}", with_entry(at, value=value)
        for other in known:
            yield f"{tag} called {other}", with_entry(at, tag=other)
        for other in places:
            yield f"{tag} twice", data[:at] + data[other : other + 12] + data[at + 12 :]


def rearranged_files() -> Iterator[tuple[dict, bytes]]:
    rng = random.Random(SEED)
    for form, rearranged in (("png", rearranged_png), ("tiff", rearranged_tiff)):
        files = [
            (name, how, out)
            for name, data in sources()
            if name.startswith(form) and "jpeg" not in name
            for how, out in rearranged(data)
        ]
        rng.shuffle(files)
        count = 0
        for name, how, out in files:
            answer = verdict(out)
            if answer is None or (form == "tiff" and answer["opens"] and is_refused(out)):
                continue
            count += 1
            yield {"name": name, "damage": how, **answer}, out
            if count == REARRANGED:
                break


def exif_variants() -> Iterator[tuple[str, bytes]]:
    def entry(order: str, kind: int, count: int, value: bytes, tag: int = 274) -> bytes:
        return struct.pack(order + "HHI", tag, kind, count) + value.ljust(4, b"\0")

    def tiff(order: str, *entries: bytes) -> bytes:
        head = b"II*\0" if order == "<" else b"MM\0*"
        return head + struct.pack(order + "IH", 8, len(entries)) + b"".join(entries) + b"\0\0\0\0"

    for order, name in (("<", "little-endian"), (">", "big-endian")):
        short, long = struct.pack(order + "H", 6), struct.pack(order + "I", 6)
        yield f"{name} SHORT", tiff(order, entry(order, 3, 1, short))
        yield f"{name} LONG", tiff(order, entry(order, 4, 1, long))
        yield f"{name} SSHORT", tiff(order, entry(order, 8, 1, short))
        yield f"{name} BYTE", tiff(order, entry(order, 1, 1, b"\x06"))
        yield f"{name} no value", tiff(order, entry(order, 3, 0, short))
        yield f"{name} two values", tiff(order, entry(order, 3, 2, short + struct.pack(order + "H", 3)))
        twice = entry(order, 3, 1, short) + entry(order, 3, 1, struct.pack(order + "H", 8))
        yield f"{name} twice", tiff(order, twice[:12], twice[12:])
        yield f"{name} out of range", tiff(order, entry(order, 3, 1, struct.pack(order + "H", 9)))
        yield f"{name} header twice", b"Exif\0\0Exif\0\0" + tiff(order, entry(order, 3, 1, short))
        yield f"{name} cut", tiff(order, entry(order, 3, 1, short), entry(order, 3, 1, short))[:-10]
    yield "nothing", b""


def xmp_of(value: int) -> bytes:
    return b'<x:xmpmeta><rdf:Description tiff:Orientation="%d"/></x:xmpmeta>' % value


def turned_files() -> Iterator[tuple[dict, bytes]]:
    rgb = scene()
    plain, webp = saved(rgb, "PNG"), saved(rgb, "WEBP", lossless=True, exif=b"x")

    def with_chunk(*chunks: bytes, last: bool = False) -> bytes:
        at = len(plain) - 12 if last else 33
        return plain[:at] + b"".join(chunks) + plain[at:]

    def raw_profile(exif: bytes) -> bytes:
        return b"Raw profile type exif\0\nexif\n%8d\n%s\n" % (len(exif), exif.hex().encode())

    def in_webp(exif: bytes) -> bytes:
        body = webp[: webp.rindex(b"EXIF")] + b"EXIF" + struct.pack("<I", len(exif)) + exif + b"\0" * (len(exif) % 2)
        return body[:4] + struct.pack("<I", len(body) - 8) + body[8:]

    def xmp_text(value: int) -> bytes:
        return chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp_of(value))

    files = []
    for name, exif in exif_variants():
        files.append((f"png eXIf {name}", with_chunk(chunk(b"eXIf", exif))))
        files.append((f"png raw profile {name}", with_chunk(chunk(b"tEXt", raw_profile(b"Exif\0\0" + exif)))))
        files.append((f"webp {name}", in_webp(exif)))
    exif = Image.Exif()
    exif[274] = 6
    bare = exif.tobytes()[6:]
    files += [
        ("png eXIf behind the pixels", with_chunk(chunk(b"eXIf", bare), last=True)),
        ("png packed raw profile", with_chunk(chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(raw_profile(bare)[22:])))),
        ("png XMP", with_chunk(xmp_text(8))),
        ("png EXIF over XMP", with_chunk(xmp_text(8), chunk(b"eXIf", bare))),
        ("webp XMP", saved(rgb, "WEBP", lossless=True, xmp=xmp_of(5))),
        ("tiff XMP", saved(rgb, "TIFF", tiffinfo={700: xmp_of(7)})),
        ("gif", saved(rgb.quantize(9), "GIF")),
    ]
    files += [(f"tiff {value}", saved(rgb, "TIFF", tiffinfo={274: value})) for value in range(1, 9)]
    files += [(f"tiff LZW grey16 {value}", saved(Image.fromarray(np.array(rgb.convert("L")).astype(np.uint16)), "TIFF", compression="tiff_lzw", tiffinfo={274: value})) for value in (5, 8)]
    for value in range(1, 9):
        exif[274] = value
        files.append((f"avif {value}", saved(rgb, "AVIF", quality=90, subsampling="4:4:4", exif=exif)))
    packed = zlib.compress(raw_profile(bare)[22:])
    files.append(("png packed raw profile without its checksum", with_chunk(chunk(b"zTXt", b"Raw profile type exif\0\0" + packed[:-4]))))
    for name, data in files:
        answer = verdict(data, turn=True)
        if answer is None or not answer["opens"]:
            answer = verdict(data)  # Pillow fails to read the orientation: upright here
        assert answer is not None
        yield {"name": name, **answer}, data


def write(out: Path, name: str, files: Iterator[tuple[dict, bytes]]) -> None:
    lines, data = [], b""
    for facts, each in files:
        lines.append(json.dumps({**facts, "at": len(data), "bytes": len(each)}))
        data += each
    (out / f"{name}.bin").write_bytes(data)
    (out / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    print(name, len(lines), len(data))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, "images", damaged_files())
    write(folder, "rearranged", rearranged_files())
    write(folder, "turned", turned_files())
