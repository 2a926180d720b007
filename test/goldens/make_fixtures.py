"""Draws what the tests ship: small images, broken files and a small tokenizer.

    python make_fixtures.py ../data

Everything comes from the seeds below, nothing from a photo or a published text. OUT receives

    images/    one file per way an image can be stored; every one opens in Pillow
    broken/      damaged, hostile or mislabelled files; broken.jsonl says which of them open
    processors/  a folder with a preprocessor_config.json for each kind of image processor
    wordpiece/   vocab.txt, tokenizer.json, tokenizer_config.json of a lower-casing BERT tokenizer
    bpe/         tokenizer.json, tokenizer_config.json of a byte-level BPE as RoBERTa's, padded and
                 truncated on the left
    unigram/     the same two files of a Unigram tokenizer as T5's, with a truncation of its own

and the one line of output per folder is: its name, the number of files in it, their bytes.
Another zlib may compress the PNG files to other bytes of the same pixels.
"""

import argparse
import io
import json
import string
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from math import log
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import BPE, Unigram, WordPiece
from tokenizers.trainers import BpeTrainer, WordPieceTrainer

Files = dict[str, bytes]

# ---------------------------------------------------------------------------------- drawing


def scene(width: int, height: int, seed: int, channels: int = 3, noise: int = 12) -> np.ndarray:
    """Ramps, shapes with hard edges, fine stripes and noise, as height x width x channels uint8."""
    rng = np.random.default_rng(seed)
    x = np.arange(width) * 255 // max(width - 1, 1)
    y = np.arange(height) * 255 // max(height - 1, 1)
    planes = []
    for _ in range(channels):
        a, b = rng.integers(-100, 101, size=2)
        plane = Image.fromarray(np.clip(128 + ((x - 128) * a + (y[:, None] - 128) * b) // 128, 0, 255).astype(np.uint8))
        draw = ImageDraw.Draw(plane)
        for kind in range(6):
            corners = rng.integers(0, (width, height), size=(3, 2))
            box = [*corners[:2].min(axis=0).tolist(), *corners[:2].max(axis=0).tolist()]
            value = int(rng.integers(256))
            if kind % 3 == 0:
                draw.ellipse(box, fill=value)
            elif kind % 3 == 1:
                draw.rectangle(box, fill=value)
            else:
                draw.polygon(corners.ravel().tolist(), fill=value)
        for at in range(width // 2, width // 2 + min(width // 4, 24), 2):
            draw.line([(at, height // 3), (at, height // 2)], fill=255)
        planes.append(np.asarray(plane, dtype=np.int16) + rng.integers(-noise, noise + 1, size=(height, width)))
    return np.clip(np.stack(planes, axis=-1), 0, 255).astype(np.uint8)


def image(width: int, height: int, seed: int, mode: str = "RGB") -> Image.Image:
    drawn = scene(width, height, seed, len(Image.new(mode, (1, 1)).getbands()))
    return Image.frombytes(mode, (width, height), drawn.tobytes())


def holes(width: int, height: int) -> np.ndarray:
    """An alpha plane: a soft ramp with a fully clear block in the middle and an opaque edge."""
    alpha = np.broadcast_to(np.arange(width) * 255 // (width - 1), (height, width)).astype(np.uint8)
    alpha[height // 4 : height // 2, width // 4 : width // 2] = 0
    alpha[-4:] = 255
    return alpha


def saved(image: Image.Image, form: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


# ------------------------------------------------------------------------------------ colour


def icc_profile() -> bytes:
    """An RGB monitor profile unlike sRGB: red and green change places, gamma is 1.0."""

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))

    name = b"pixtok test\0"
    linear = b"curv\0\0\0\0" + struct.pack(">IH", 1, 256) + b"\0\0"
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.3851, 0.7169, 0.0971),
        b"gXYZ": xyz(0.4361, 0.2225, 0.0139),
        b"bXYZ": xyz(0.1431, 0.0606, 0.7141),
        b"rTRC": linear,
        b"gTRC": linear,
        b"bTRC": linear,
    }
    table, body, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for tag, data in tags.items():
        data += bytes(-len(data) % 4)
        table += struct.pack(">4sII", tag, start + len(body), len(data))
        body += data
    date = struct.pack(">6H", 2020, 1, 1, 0, 0, 0)
    white = struct.pack(">3i", 63190, 65536, 54061)
    head = struct.pack(">4sI4s4s4s12s4s", b"\0\0\0\0", 0x02100000, b"mntr", b"RGB ", b"XYZ ", date, b"acsp")
    head += bytes(28) + white + bytes(48)
    return struct.pack(">I", start + len(body)) + head + table + body


# --------------------------------------------------------------------------------------- PNG

ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
GREY, RGB, INDEX, GREY_ALPHA, RGB_ALPHA = 0, 2, 3, 4, 6


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(samples: np.ndarray, depth: int, colour: int, extra: bytes = b"", adam7: bool = False) -> bytes:
    """Any PNG, also those Pillow does not write. `samples` is height x width x channels."""
    lines = b""
    for x, y, dx, dy in ADAM7 if adam7 else [(0, 0, 1, 1)]:
        part = samples[y::dy, x::dx].astype(np.uint16)
        if part.size:
            bits = part[..., None] >> np.arange(depth - 1, -1, -1) & 1
            packed = np.packbits(bits.reshape(len(part), -1).astype(np.uint8), axis=1)
            lines += b"".join(b"\0" + row.tobytes() for row in packed)
    header = struct.pack(">IIBBBBB", samples.shape[1], samples.shape[0], depth, colour, 0, 0, adam7)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
            + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b""))


def pngs() -> Iterator[tuple[str, bytes]]:
    w, h = 61, 43
    rgb, grey, alpha = scene(w, h, 301), scene(w, h, 302, 1), holes(w, h)[..., None]
    wide = scene(w, h, 303).astype(np.uint16) * 256 + scene(w, h, 304)
    # 16-bit grey: half of it below 256, where Pillow's saturation leaves something to see
    deep = np.where(np.arange(w)[:, None] < w // 2, grey.astype(np.uint16), grey.astype(np.uint16) * 257)
    ramp = scene(256, 1, 305).tobytes()

    def palette(entries: int) -> bytes:
        return chunk(b"PLTE", ramp[: 3 * entries])

    yield "l", saved(image(w, h, 306, "L"), "PNG")
    yield "la", saved(Image.merge("LA", [image(w, h, 307, "L"), Image.fromarray(holes(w, h))]), "PNG")
    yield "rgb", saved(image(w, h, 308), "PNG")
    rgba = Image.fromarray(np.concatenate([rgb, alpha], axis=2))
    yield "rgba", saved(rgba, "PNG")
    yield "rgb-interlaced", png(rgb, 8, RGB, adam7=True)
    yield "rgba-interlaced", png(np.concatenate([rgb, alpha], axis=2), 8, RGB_ALPHA, adam7=True)
    yield "p", saved(image(w, h, 309).quantize(64, dither=Image.Dither.NONE), "PNG")
    yield "p-trns", png(grey, 8, INDEX, palette(256) + chunk(b"tRNS", bytes(range(0, 256, 2))))
    yield "p-short-palette", png(grey % 20, 8, INDEX, palette(20))
    yield "p-interlaced", png(grey % 16, 4, INDEX, palette(16), adam7=True)
    for depth in (1, 2, 4):
        yield f"l-{depth}bit", png(grey >> (8 - depth), depth, GREY)
        yield f"p-{depth}bit", png(grey >> (8 - depth), depth, INDEX, palette(1 << depth))
    yield "p-1bit-trns", png(grey >> 7, 1, INDEX, palette(2) + chunk(b"tRNS", b"\0\x80"))
    yield "l-trns", png(grey, 8, GREY, chunk(b"tRNS", struct.pack(">H", int(grey[0, 0, 0]))))
    yield "rgb-trns", png(rgb, 8, RGB, chunk(b"tRNS", struct.pack(">3H", *rgb[0, 0].tolist())))
    yield "l-16bit", png(deep, 16, GREY)
    yield "l-16bit-interlaced", png(deep, 16, GREY, adam7=True)
    yield "l-16bit-trns", png(deep, 16, GREY, chunk(b"tRNS", struct.pack(">H", int(deep[0, 0, 0]))))
    yield "la-16bit", png(np.concatenate([deep, alpha.astype(np.uint16) * 257], axis=2), 16, GREY_ALPHA)
    yield "rgb-16bit", png(wide, 16, RGB)
    yield "rgba-16bit", png(np.concatenate([wide, alpha.astype(np.uint16) * 257], axis=2), 16, RGB_ALPHA)
    yield "gamma", png(rgb, 8, RGB, chunk(b"gAMA", struct.pack(">I", 100000)))
    yield "icc", saved(image(w, h, 310), "PNG", icc_profile=icc_profile())
    yield "orientation-6", saved(image(w, h, 311), "PNG", exif=orientation(6))
    yield "1x1", saved(image(1, 1, 312), "PNG")
    yield "4x400", saved(image(4, 400, 313), "PNG")  # 100 times as tall as wide, not more
    yield "animated", saved(image(w, h, 314), "PNG", save_all=True, append_images=[image(w, h, 315)])


# -------------------------------------------------------------------------------------- JPEG


def orientation(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


def jpeg(image: Image.Image, quality: int = 80, subsampling: int = 2, **options) -> bytes:
    return saved(image, "JPEG", quality=quality, subsampling=subsampling, **options)


def segment(data: bytes, *markers: int) -> slice:
    """Where the first segment with one of the markers lies, its two marker bytes included."""
    at = 2
    while True:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] in markers:
            return slice(at, end)
        at = end


def splice(data: bytes, start: int, end: int, new: bytes) -> bytes:
    return data[:start] + new + data[end:]


def scan(data: bytes, part: float) -> int:
    """The offset that lies `part` of the way from the first entropy-coded byte to the end."""
    start = segment(data, 0xDA).stop
    return start + int((len(data) - start) * part)


def with_junk(data: bytes, junk: bytes = b"\x00\x41\x00\x42") -> bytes:
    """Bytes that belong to nothing, between the first segment and the second."""
    end = segment(data, 0xE0).stop
    return splice(data, end, end, junk)


def jpegs() -> Iterator[tuple[str, bytes]]:
    w, h = 150, 100
    yield "420", jpeg(image(w, h, 101))
    yield "422", jpeg(image(w, h, 102), subsampling=1)
    yield "444", jpeg(image(w, h, 103), subsampling=0)
    yield "grey", jpeg(image(w, h, 104, "L"))
    yield "rgb", jpeg(image(w, h, 105), keep_rgb=True, subsampling=0)
    yield "progressive", jpeg(image(w, h, 106), progressive=True)
    yield "progressive-444", jpeg(image(w, h, 107), progressive=True, subsampling=0)
    yield "restarts", jpeg(image(w, h, 108), restart_marker_blocks=3)
    yield "restart-rows", jpeg(image(w, h, 109), restart_marker_rows=1)
    yield "low-quality", jpeg(image(w, h, 110), quality=5)
    yield "high-quality", jpeg(image(w, h, 111), quality=98)
    yield "optimized", jpeg(image(w, h, 112), optimize=True)
    yield "500x375", jpeg(image(500, 375, 113))
    for number, (width, height) in enumerate([(1, 1), (7, 5), (17, 33), (301, 17), (3, 400)]):
        yield f"{width}x{height}", jpeg(image(width, height, 120 + number))
    yield "17x33-422", jpeg(image(17, 33, 126), subsampling=1)
    yield "orientation-6", jpeg(image(90, 60, 130), exif=orientation(6))
    yield "icc", jpeg(image(w, h, 131), icc_profile=icc_profile())
    yield "comment", jpeg(image(w, h, 132), comment="a red circle above two blue squares")

    thin = image(w, h, 133, "CMYK").point(lambda ink: ink // 2)  # full ink would leave little to see
    cmyk = jpeg(thin, subsampling=0)
    adobe = segment(cmyk, 0xEE)
    yield "cmyk", cmyk
    yield "cmyk-no-adobe", splice(cmyk, adobe.start, adobe.stop, b"")
    # planes that read well as YCCK (luma, two chromas about the middle, little black), declared so
    luma = [255 - ink // 2 for ink in range(256)]
    chroma = [64 + ink // 2 for ink in range(256)]
    black = [ink // 4 for ink in range(256)]
    ycck = jpeg(image(w, h, 135, "CMYK").point(luma + chroma + chroma + black), subsampling=0)
    yield "ycck", splice(ycck, adobe.stop - 1, adobe.stop, b"\x02")

    plain = jpeg(image(w, h, 134))
    yield "junk-in-header", with_junk(plain)
    yield "junk-before-eoi", splice(plain, len(plain) - 2, len(plain) - 2, b"\x00extraneous")
    yield "padded-markers", with_junk(plain, b"\xff\xff\xff")
    yield "trailing-garbage", plain + b"after the end \xff\xd8\xff and more" * 4


# ------------------------------------------------------------------------------- WebP and GIF


def webps() -> Iterator[tuple[str, bytes]]:
    w, h = 97, 65
    clear = Image.fromarray(np.concatenate([scene(w, h, 401), holes(w, h)[..., None]], axis=2))
    yield "lossy", saved(image(w, h, 402), "WEBP", quality=80)
    yield "lossless", saved(image(w, h, 403), "WEBP", lossless=True)
    yield "lossy-alpha", saved(clear, "WEBP", quality=80)
    yield "lossless-alpha", saved(clear, "WEBP", lossless=True, exact=True)
    yield "icc", saved(image(w, h, 404), "WEBP", quality=80, icc_profile=icc_profile())
    yield "orientation-6", saved(image(w, h, 405), "WEBP", quality=80, exif=orientation(6))
    yield "animated", saved(image(w, h, 406), "WEBP", save_all=True, append_images=[image(w, h, 407)], duration=100)


def gif_on_canvas(image: Image.Image, extra: int, background: int, **options) -> bytes:
    """A GIF whose only frame lies `extra` pixels inside a larger canvas."""
    data = saved(image, "GIF", interlace=False, **options)
    palette = 3 << (data[10] & 7) + 1
    at = data.index(b",", 13 + palette)
    canvas = struct.pack("<HHBB", image.width + 2 * extra, image.height + 2 * extra, data[10], background)
    return splice(splice(data, at + 1, at + 5, struct.pack("<HH", extra, extra)), 6, 12, canvas)


def gifs() -> Iterator[tuple[str, bytes]]:
    w, h = 71, 47
    still, other = (image(w, h, seed).quantize(32, dither=Image.Dither.NONE) for seed in (501, 502))
    yield "still", saved(still, "GIF", interlace=False)
    yield "interlaced", saved(still, "GIF", interlace=True)
    yield "grey", saved(image(w, h, 503, "L"), "GIF", optimize=False)
    yield "transparency", saved(still, "GIF", transparency=3)
    yield "animated", saved(still, "GIF", save_all=True, append_images=[other], duration=100)
    yield "animated-transparency", saved(
        still, "GIF", save_all=True, append_images=[other], duration=100, transparency=3, disposal=2)
    yield "canvas", gif_on_canvas(still, 5, background=7)
    yield "canvas-transparency", gif_on_canvas(still, 5, background=7, transparency=3)


# ------------------------------------------------------------------------------ AVIF and TIFF


def avif(image: Image.Image, subsampling: str = "4:2:0", quality: int = 70, **options) -> bytes:
    return saved(image, "AVIF", subsampling=subsampling, quality=quality, speed=8, max_threads=1, **options)


def with_matrix(data: bytes, number: int) -> bytes:
    """The same samples, declared to be of another matrix (ITU-T H.273)."""
    at = data.index(b"nclx") + 8
    return splice(data, at, at + 2, struct.pack(">H", number))


def avifs() -> Iterator[tuple[str, bytes]]:
    w, h = 61, 43  # odd: the last column's chroma has no neighbour
    yield "420", avif(image(w, h, 801))
    yield "422", avif(image(w, h, 802), "4:2:2")
    yield "444", avif(image(w, h, 803), "4:4:4")
    yield "even", avif(image(64, 48, 804))
    yield "1x1", avif(image(1, 1, 805))
    yield "grey", avif(image(w, h, 806, "L"), "4:0:0")
    yield "limited", avif(image(w, h, 807), range="limited")
    yield "grey-limited", avif(image(w, h, 808, "L"), "4:0:0", range="limited")
    yield "bt709", with_matrix(avif(image(w, h, 809)), 1)
    yield "bt709-limited", with_matrix(avif(image(w, h, 810), range="limited"), 1)
    yield "bt2020", with_matrix(avif(image(w, h, 811)), 9)
    # the colour is then the bit stream's own
    yield "no-colr", avif(image(w, h, 812), range="limited").replace(b"colrnclx", b"freenclx")
    clear = Image.fromarray(np.concatenate([scene(w, h, 813), holes(w, h)[..., None]], axis=2))
    yield "alpha", avif(clear)
    yield "icc", avif(image(w, h, 814), icc_profile=icc_profile())
    yield "orientation-6", avif(image(w, h, 815), exif=orientation(6))  # becomes a property of the file's
    yield "animated", avif(image(w, h, 816), save_all=True, append_images=[image(w, h, 817)])


def tiff(image: Image.Image, compression: str | None = None, **options) -> bytes:
    return saved(image, "TIFF", compression=compression, **options)


def tiled(image: Image.Image, side: int = 16) -> bytes:
    """An uncompressed RGB TIFF of tiles, which Pillow does not write."""
    across, down = -(-image.width // side), -(-image.height // side)
    padded = Image.new("RGB", (across * side, down * side))
    padded.paste(image)
    boxes = [(x, y, x + side, y + side) for y in range(0, padded.height, side) for x in range(0, padded.width, side)]
    size, count = 3 * side * side, len(boxes)
    body = b"".join(padded.crop(box).tobytes() for box in boxes)
    bits, offsets = 8, 8 + 6
    counts = offsets + 4 * count
    start = counts + 4 * count
    entries = [
        (256, 3, 1, image.width), (257, 3, 1, image.height), (258, 3, 3, bits), (259, 3, 1, 1), (262, 3, 1, 2),
        (277, 3, 1, 3), (322, 3, 1, side), (323, 3, 1, side), (324, 4, count, offsets), (325, 4, count, counts),
    ]
    lists = struct.pack(f"<3H{2 * count}I", 8, 8, 8, *(start + size * i for i in range(count)), *[size] * count)
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<2sHI", b"II", 42, start + len(body)) + lists + body + directory + bytes(4)


def tiffs() -> Iterator[tuple[str, bytes]]:
    w, h = 61, 43
    rgb = image(w, h, 901)
    clear = Image.fromarray(np.concatenate([scene(w, h, 902), holes(w, h)[..., None]], axis=2))
    yield "rgb", tiff(rgb)
    yield "tiled", tiled(rgb)
    yield "strips", tiff(rgb, "tiff_lzw", strip_size=3 * w * 5)
    yield "deflate", tiff(rgb, "tiff_adobe_deflate")
    yield "packbits", tiff(rgb, "packbits")
    yield "jpeg", tiff(rgb, "jpeg")
    yield "big", tiff(rgb, big_tiff=True)
    yield "grey", tiff(image(w, h, 903, "L"), "tiff_lzw")
    yield "bilevel", tiff(image(w, h, 904, "L").convert("1"), "group4")
    yield "palette", tiff(rgb.quantize(40, dither=Image.Dither.NONE), "tiff_lzw")
    yield "rgba", tiff(clear, "tiff_lzw")
    yield "cmyk", tiff(image(w, h, 905, "CMYK").point(lambda ink: ink // 2), "tiff_lzw")
    deep = scene(w, h, 906, 1)[..., 0].astype(np.uint16)
    yield "16bit", tiff(Image.fromarray(np.where(np.arange(w) < w // 2, deep, deep * 257).astype(np.uint16)))
    # Pillow turns these, whatever it does about EXIF's orientation
    for value in (3, 6, 7):
        yield f"orientation-{value}", tiff(image(w, h, 910 + value), "tiff_lzw", tiffinfo={274: value})
    yield "pages", tiff(rgb, save_all=True, append_images=[image(w, h, 920)])


def images() -> Files:
    files = {f"jpeg-{name}.jpg": data for name, data in jpegs()}
    for form, made in (
        ("png", pngs()), ("webp", webps()), ("gif", gifs()), ("avif", avifs()), ("tiff", tiffs()),
    ):
        files.update({f"{form}-{name}.{form}": data for name, data in made})
    files["png-named.jpg"] = saved(image(40, 30, 601), "PNG")
    files["jpeg-named.png"] = jpeg(image(40, 30, 602))
    return files


# ------------------------------------------------------------------------------------ broken


def app(number: int, body: bytes) -> bytes:
    return b"\xff" + bytes([0xE0 + number]) + struct.pack(">H", len(body) + 2) + body


def ends_whole_without_its_last_bytes() -> bytes:
    """A JPEG that Pillow opens though its end marker is cut off: libjpeg had read far enough."""
    for seed in range(720, 800):
        data = jpeg(image(48, 40, seed))[:-2]
        try:
            Image.open(io.BytesIO(data)).load()
            return data
        except OSError:
            continue
    raise RuntimeError("no seed gives such a file")


def damaged_jpegs() -> Files:
    """One fault each, of those on which Pillow's plugin, libjpeg and other decoders differ."""
    plain = jpeg(image(48, 40, 710))
    progressive = jpeg(image(48, 40, 711), progressive=True)
    restarts = jpeg(image(48, 40, 712), restart_marker_blocks=1)
    inks = jpeg(image(48, 40, 713, "CMYK"))

    def dropped(data: bytes, marker: int) -> bytes:
        """Without every segment of a kind in front of the scan."""
        kept, at = data[:2], 2
        while data[at + 1] != 0xDA:
            end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
            kept += b"" if data[at + 1] == marker else data[at:end]
            at = end
        return kept + data[at:]

    def behind_start(new: bytes, data: bytes = plain) -> bytes:
        return splice(data, 2, 2, new)

    def changed(data: bytes, marker: int, at: int, new: bytes) -> bytes:
        start = segment(data, marker).start + at
        return splice(data, start, start + len(new), new)

    def in_scan(new: bytes, part: float = 0.5, data: bytes = plain) -> bytes:
        at = scan(data, part)
        return splice(data, at, at + len(new), new)

    def ending(new: bytes, data: bytes = plain) -> bytes:
        return data[:-2] + new

    frame = plain[segment(plain, 0xC0)]
    tables = segment(plain, 0xC4)
    second = restarts.index(b"\xff\xd1")
    exif_resolution = struct.pack("<4sIHHHI4sHHI4sI", b"II*\0", 8, 2, 0x011A, 1, 1, b"\x48\0\0\0", 0x0128, 3, 1, b"\2\0\0\0", 0)
    files = {
        # a warning of libjpeg's in front of an error
        "junk-then-no-quantization": with_junk(dropped(plain, 0xDB)),
        "junk-then-no-huffman": with_junk(dropped(progressive, 0xC4)),
        "junk-then-bad-huffman": splice(plain, tables.start, tables.start + 21, b"\0\x41" + plain[tables][:5] + b"\xff" * 16),
        "app0-length-bit": changed(plain, 0xE0, 3, bytes([plain[segment(plain, 0xE0).start + 3] ^ 0x40])),
        "no-quantization": dropped(plain, 0xDB),
        "no-huffman-progressive": dropped(progressive, 0xC4),
        # markers within the data of a scan
        **{
            f"marker-in-scan-{marker:02x}": in_scan(b"\xff" + bytes([marker]))
            for marker in (0x01, 0xC0, 0xC4, 0xD0, 0xD8, 0xD9, 0xDA, 0xDB, 0xE1, 0xF0, 0xFE)
        },
        **{
            f"marker-in-progressive-scan-{marker:02x}": in_scan(b"\xff" + bytes([marker]), 0.6, progressive)
            for marker in (0x02, 0xC4, 0xD3, 0xD9, 0xFE)
        },
        # what comes behind the last row
        "ends-without-last-bytes": ends_whole_without_its_last_bytes(),
        **{f"cut-by-{count}": plain[:-count] for count in range(3, 9)},
        **{f"cmyk-cut-by-{count}": inks[:-count] for count in (2, 3, 4)},
        "ends-with-frame": ending(frame),
        "ends-with-scan": ending(b"\xff\xda\0\x0c"),
        "ends-with-comment": ending(b"\xff\xfe\x40\0abc"),
        "ends-with-reserved-marker": ending(b"\xff\xf0\xff\xd9"),
        "ends-with-zeros": ending(bytes(40)),
        "ends-with-other-bytes": ending(b"no end marker at all"),
        # restart markers
        "restart-missing": splice(restarts, second, second + 2, b""),
        "restart-early": splice(restarts, second + 1, second + 2, b"\xd3"),
        "restart-late": splice(restarts, second + 1, second + 2, b"\xd0"),
        "restart-far-away": splice(restarts, second + 1, second + 2, b"\xd5"),
        "restart-is-invalid-marker": splice(restarts, second + 1, second + 2, b"\x03"),
        "restarts-of-progressive-renumbered": jpeg(
            image(48, 40, 714), progressive=True, restart_marker_rows=1).replace(b"\xff\xd1", b"\xff\xd5"),
        # what Pillow's plugin refuses, or passes over, before libjpeg is asked
        "jfif-short": behind_start(app(0, b"JFIF\0\1")),
        "adobe-short": behind_start(app(14, b"Adobe\0")),
        "icc-short": behind_start(app(2, b"ICC_PROFILE\0\1")),
        "photoshop-without-name": behind_start(app(13, b"Photoshop 3.0\x008BIM\3\xed")),
        "photoshop-cut": behind_start(app(13, b"Photoshop 3.0\x008BIM\3\xed\0\0\0\0\0\x10ab")),
        "exif-resolution-of-one-byte": behind_start(app(1, b"Exif\0\0" + exif_resolution)),
        "quantization-short": changed(plain, 0xDB, 4, b"\x10"),
        "segment-of-length-0": behind_start(b"\xff\xe5\0\0"),
        "marker-in-header-02": behind_start(b"\xff\x02"),
        "marker-in-header-c8": behind_start(b"\xff\xc8"),
        "marker-in-header-d5": behind_start(b"\xff\xd5"),
        "two-frames": splice(plain, tables.start, tables.start, frame),
        "frame-of-2-layers": changed(plain, 0xC0, 9, b"\2"),
        "frame-of-12-bits": changed(plain, 0xC0, 4, b"\x0c"),
        "frame-of-other-coding": changed(plain, 0xC0, 1, b"\xc5"),
        "sampling-of-0": changed(plain, 0xC0, 11, b"\x02"),
        "sampling-of-3-by-2": changed(plain, 0xC0, 11, b"\x32"),
        "scan-of-unknown-component": changed(plain, 0xDA, 5, b"\x09"),
        "scan-of-missing-table": changed(plain, 0xDA, 6, b"\x33"),
        "scan-parameters": changed(plain, 0xDA, 11, b"\0\0\0"),
        "progressive-scan-parameters": changed(progressive, 0xDA, 11, b"\0\x05\0"),
    }
    return {f"jpeg-{name}.jpg": data for name, data in files.items()}


def broken() -> Files:
    rng = np.random.default_rng(700)
    plain, progressive = jpeg(image(120, 90, 701)), jpeg(image(120, 90, 702), progressive=True)
    restarts = jpeg(image(120, 90, 703), restart_marker_rows=1)
    lossless = saved(image(60, 40, 704), "PNG")
    webp, gif = saved(image(60, 40, 705), "WEBP"), saved(image(60, 40, 706, "L"), "GIF")

    def corrupt(data: bytes) -> bytes:
        # no 0xFF goes in and none is overwritten, so no marker appears or is lost
        start, length = scan(data, 0.5), 24
        while b"\xff" in data[start - 1 : start + length]:
            start += 1
        return splice(data, start, start + length, rng.integers(0, 255, size=length, dtype=np.uint8).tobytes())

    def huge(data: bytes, at: int, code: str) -> bytes:
        return splice(data, at, at + struct.calcsize(code), struct.pack(code, 60000, 60000))

    def flip(data: bytes, at: int) -> bytes:
        return splice(data, at, at + 1, bytes([data[at] ^ 0x55]))

    at_frame = segment(plain, 0xC0).start + 5
    big_header = huge(lossless[12:29], 4, ">II")
    data_start = lossless.index(b"IDAT") + 4
    crc = data_start + int.from_bytes(lossless[data_start - 8 : data_start - 4], "big")
    return {
        "cut-in-header.jpg": plain[: segment(plain, 0xC4).start + 9],
        "cut-at-scan.jpg": plain[: scan(plain, 0)],
        "cut-at-30.jpg": plain[: scan(plain, 0.3)],
        "cut-at-70.jpg": plain[: scan(plain, 0.7)],
        "cut-before-eoi.jpg": plain[:-2],
        "cut-in-eoi.jpg": plain[:-1],
        "cut-progressive.jpg": progressive[: scan(progressive, 0.5)],
        "cut-progressive-before-eoi.jpg": progressive[:-2],
        "cut-restarts.jpg": restarts[: scan(restarts, 0.5)],
        "cut-junk-in-header.jpg": with_junk(plain)[: scan(plain, 0.7)],
        "cut-and-padded.jpg": plain[: scan(plain, 0.5)] + bytes(len(plain) - scan(plain, 0.5)),
        "early-eoi.jpg": plain[: scan(plain, 0.5)] + b"\xff\xd9",
        "early-eoi-progressive.jpg": progressive[: scan(progressive, 0.5)] + b"\xff\xd9",
        "corrupt-run.jpg": corrupt(plain),
        "corrupt-run-progressive.jpg": corrupt(progressive),
        "corrupt-run-restarts.jpg": corrupt(restarts),
        **damaged_jpegs(),
        "no-huffman-tables.jpg": splice(plain, segment(plain, 0xC4).start, segment(plain, 0xDA).start, b""),
        "zero-width.jpg": splice(plain, at_frame + 2, at_frame + 4, b"\0\0"),
        "huge.jpg": huge(plain, at_frame, ">HH"),
        "text.jpg": b"This is a line of text, not an image.\n",
        "empty.jpg": b"",
        "soi-only.jpg": b"\xff\xd8\xff",
        "cut.png": lossless[: len(lossless) // 2],
        "no-iend.png": lossless[:-12],
        "huge.png": lossless[:8] + chunk(b"IHDR", big_header[4:]) + lossless[33:],
        "idat-crc.png": flip(lossless, crc),
        "ihdr-crc.png": flip(lossless, 29),
        "idat-data.png": flip(lossless, data_start + (crc - data_start) // 2),
        "random.png": rng.bytes(2000),
        "cut.webp": webp[: len(webp) // 2],
        "cut.gif": gif[: len(gif) // 2],
    }


# -------------------------------------------------------------------------- image processors


def image_processors() -> Files:
    """Configurations as published over the years: sizes are small, the keys are those in use."""

    def square(side: int) -> dict[str, int]:
        return {"height": side, "width": side}

    half = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
    imagenet = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
    configs = {
        "bit-defaults": {"image_processor_type": "BitImageProcessor"},
        "bit-dinov2": {
            "image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 64}, "crop_size": square(56),
            "resample": 3, "do_convert_rgb": True, "rescale_factor": 0.00392156862745098, **imagenet,
        },
        "blip": {"image_processor_type": "BlipImageProcessor", "size": {"height": 48, "width": 64}},
        "blip-defaults": {"image_processor_type": "BlipImageProcessor"},
        "clip-crop-only": {"image_processor_type": "CLIPImageProcessor", "do_resize": False, "crop_size": square(45)},
        "clip-defaults": {"image_processor_type": "CLIPImageProcessor"},
        "clip-integers": {
            "feature_extractor_type": "CLIPFeatureExtractor", "do_center_crop": True, "do_normalize": True,
            "do_resize": True, "size": 64, "crop_size": 56, "resample": 3,
            "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711],
        },
        "clip-small-size": {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 30}, "crop_size": 41},
        "convnext-224": {
            "image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 224}, "crop_pct": 0.875,
            "resample": 3, **imagenet,
        },
        "convnext-384": {"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 384}},
        "convnext-crop-pct": {
            "image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 60}, "crop_pct": 0.9,
        },
        "convnext-integers": {"feature_extractor_type": "ConvNextFeatureExtractor", "size": 64, "crop_pct": 0.95},
        "deit-defaults": {"image_processor_type": "DeiTImageProcessor"},
        "deit-integers": {"feature_extractor_type": "DeiTFeatureExtractor", "size": 64, "crop_size": 56, **imagenet},
        "siglip": {
            "image_processor_type": "SiglipImageProcessor", "size": square(64), "resample": 3,
            "rescale_factor": 0.00392156862745098, **half,
        },
        "siglip-defaults": {"image_processor_type": "SiglipImageProcessor"},
        "vit-defaults": {"image_processor_type": "ViTImageProcessor"},
        "vit-integers": {
            "feature_extractor_type": "ViTFeatureExtractor", "do_normalize": True, "do_resize": True, "size": 64,
            "resample": 2, **half,
        },
        "vit-no-normalize": {"image_processor_type": "ViTImageProcessor", "size": square(40), "do_normalize": False},
        "vit-resized-only": {
            "image_processor_type": "ViTImageProcessor", "size": square(40), "resample": 1,
            "do_normalize": False, "do_rescale": False,
        },
    }
    return {
        f"{name}/preprocessor_config.json": (json.dumps(config, indent=2) + "\n").encode()
        for name, config in configs.items()
    }


# --------------------------------------------------------------------------------- tokenizer

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
# Some letters beyond ASCII, so that not every foreign word is one [UNK], whatever happened to it before.
FOREIGN = (
    "ßæøıłþ" "αβγδεζηθικλμνξοπρςστυφχψω" "абвгдежзийклмнопрстуфхцчшщъыьэюя" "אבגדהוזחט" "ابتثجحخ" "世中人你北口大好山日木本水火界語"
)

WORDS = {
    "colour": (
        "red blue green yellow orange purple pink brown black white grey gray cyan magenta teal navy maroon olive "
        "lime turquoise violet indigo gold silver beige ivory crimson scarlet coral salmon lavender tan bronze "
        "amber emerald"
    ),
    "shade": "light dark pale bright deep soft dull vivid faded glowing",
    "shape": (
        "circle square triangle rectangle star ring diamond hexagon pentagon octagon ellipse oval cross line dot "
        "stripe arrow heart crescent spiral cube sphere cone cylinder pyramid arc wave zigzag trapezoid rhombus "
        "polygon disc bar frame"
    ),
    "size": "small large big tiny huge little wide narrow tall short long thin thick giant medium",
    "count": "two three four five six seven eight nine ten eleven twelve several many some few",
    "place": (
        "above below beside under over behind inside near between around against beneath outside along across"
    ),
    "corner": "top bottom left right upper lower",
    "style": (
        "striped dotted checkered plain outlined filled hollow rounded tilted rotated overlapping shaded blurred "
        "transparent shiny solid dashed crooked"
    ),
    "animal": (
        "dog cat horse bird cow sheep elephant bear zebra giraffe lion tiger monkey rabbit fox wolf deer mouse "
        "duck goose chicken fish shark whale dolphin turtle frog snake lizard spider butterfly bee owl eagle "
        "parrot penguin swan goat pig donkey camel kangaroo panda squirrel hedgehog"
    ),
    "person": (
        "man woman boy girl child person baby player rider farmer chef doctor teacher worker artist student"
    ),
    "thing": (
        "ball car bus train truck bicycle boat airplane bridge house tower tree flower table chair bench bed lamp "
        "window door book clock phone laptop camera umbrella bottle cup plate bowl fork knife spoon hat shirt "
        "shoe bag box basket kite skateboard surfboard guitar piano mirror fence ladder candle vase pillow "
        "blanket toy sign wheel"
    ),
    "food": (
        "apple banana orange lemon pear cherry grape strawberry tomato carrot potato onion broccoli bread cheese "
        "pizza sandwich cake donut cookie egg soup salad coffee tea milk juice"
    ),
    "scene": (
        "beach field forest mountain river lake street city kitchen room garden park desert sky ocean hill road "
        "farm market station harbor valley meadow snow sand grass water wall floor ceiling sunset night morning "
        "background"
    ),
    "action": (
        "running jumping sitting standing sleeping eating drinking flying swimming walking playing looking "
        "waiting riding holding carrying throwing catching climbing resting smiling reading talking dancing "
        "singing hiding"
    ),
    "material": "wooden metal glass plastic stone paper leather brick cotton ceramic",
    "medium": "photo picture image drawing painting sketch cartoon view scene illustration poster",
    "manner": (
        "close blurry old new young beautiful empty full busy quiet sunny cloudy rainy foggy wet dry open closed "
        "broken"
    ),
}

PATTERNS = """
a {colour} {shape} {place} {count} {colour} {shape}s on a {colour} background
a {colour} {shape} in the {corner} {corner} corner
a {size} {shade} {colour} {shape} to the left of a {style} {shape}
{count} {style} {colour} {shape}s, one {size} {shape} and a {colour} {thing}
there are {number} {shape}s and {number} {thing}s in the {medium}
a {medium} of a {manner} {animal} {action} {place} the {thing} on the {scene}
the {person} is {action} with a {material} {thing} in the {manner} {scene}
{count} {animal}s are {action} next to the {person}'s {colour} {thing}
a {material} {thing} with {count} {food}s on top of it
the {person} has a {food} and some {colour} {food} on a {thing}
an {manner} {scene} with a {colour} {thing}; a {person} {action} at the {corner} side
this is a {manner} {medium}: {count} {person}s {action} in front of a {scene}
no. {number}: {colour} and {colour} {shape}s around the center of the {size} {shape}
half of the {shape} is {colour}, the other half has {shade} {colour} {shape}s from edge to edge
"""


def captions(count: int, seed: int = 801) -> Iterator[str]:
    rng = np.random.default_rng(seed)
    words = {kind: text.split() for kind, text in WORDS.items()}
    patterns = PATTERNS.strip().splitlines()
    for _ in range(count):
        text = patterns[rng.integers(len(patterns))]
        while "{" in text:
            kind = text[text.index("{") + 1 : text.index("}")]
            word = str(rng.integers(100)) if kind == "number" else words[kind][rng.integers(len(words[kind]))]
            text = text.replace("{" + kind + "}", word, 1)
        yield text


def wordpiece() -> Files:
    letters = string.punctuation + string.digits + string.ascii_lowercase + FOREIGN
    # Given as special, the alphabet gets fixed ids, and training is the same in every run.
    alphabet = SPECIAL + sorted(letters) + [f"##{c}" for c in sorted(letters)]

    tokenizer = Tokenizer(WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = WordPieceTrainer(vocab_size=1800, min_frequency=2, special_tokens=alphabet, show_progress=False)
    tokenizer.train_from_iterator(captions(8000), trainer)
    vocab = dict(sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1]))

    tokenizer = Tokenizer(WordPiece(vocab, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[(token, vocab[token]) for token in ("[CLS]", "[SEP]")])
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(SPECIAL)
    config = {
        "backend": "tokenizers",
        "cls_token": "[CLS]",
        "do_lower_case": True,
        "mask_token": "[MASK]",
        "model_max_length": 512,
        "pad_token": "[PAD]",
        "sep_token": "[SEP]",
        "strip_accents": None,
        "tokenize_chinese_chars": True,
        "tokenizer_class": "BertTokenizer",
        "unk_token": "[UNK]",
    }
    return {"vocab.txt": "".join(f"{token}\n" for token in vocab).encode(), **tokenizer_files(tokenizer, config)}


def tokenizer_files(tokenizer: Tokenizer, config: dict) -> Files:
    return {
        "tokenizer.json": (tokenizer.to_str(pretty=True) + "\n").encode(),
        "tokenizer_config.json": (json.dumps(config, indent=2) + "\n").encode(),
    }


def bpe() -> Files:
    tokenizer = Tokenizer(BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = BpeTrainer(
        vocab_size=900, min_frequency=2, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator(captions(4000), trainer)
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer_files(tokenizer, {
        "bos_token": "<s>",
        "eos_token": "</s>",
        "model_max_length": 128,
        "pad_token": {"__type": "AddedToken", "content": "<pad>", "special": True},
        "padding_side": "left",
        "tokenizer_class": "RobertaTokenizer",
        "truncation_side": "left",
    })


def unigram() -> Files:
    # Counted rather than trained: the trainer's sums depend on the order of a hash table.
    pieces = Counter(
        word[start:end]
        for text in captions(2000) for word in ("\u2581" + part for part in text.split())
        for start in range(len(word)) for end in range(start + 1, min(start + 9, len(word)) + 1))
    letters = sorted({*"\u2581", *string.punctuation, *string.digits, *string.ascii_letters, *FOREIGN})
    longer = sorted((piece for piece in pieces if len(piece) > 1), key=lambda p: (-pieces[p] * len(p), p))
    total = sum(pieces.values())
    scored = [(piece, round(log(max(pieces[piece], 1) / total), 4)) for piece in letters + longer[:600]]

    tokenizer = Tokenizer(Unigram([("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *scored], unk_id=2))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(["<pad>", "</s>", "<unk>"])
    tokenizer.enable_truncation(24)
    tokenizer.enable_padding(length=24, pad_id=0, pad_token="<pad>")
    return tokenizer_files(tokenizer, {
        "eos_token": "</s>",
        "model_max_length": 10**30,
        "pad_token": "<pad>",
        "tokenizer_class": "T5Tokenizer",
        "unk_token": "<unk>",
    })


def main() -> None:
    kinds = {
        "images": images, "broken": broken, "processors": image_processors,
        "wordpiece": wordpiece, "bpe": bpe, "unigram": unigram,
    }
    parser = argparse.ArgumentParser(description="Draw the files the tests ship.")
    parser.add_argument("out", type=Path, help="folder to write a folder of each kind into")
    parser.add_argument("--only", choices=kinds, help="make this folder alone")
    options = parser.parse_args()
    out: Path = options.out
    for folder, make in {options.only: kinds[options.only]}.items() if options.only else kinds.items():
        files = make()
        (out / folder).mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            (out / folder / name).parent.mkdir(exist_ok=True)
            (out / folder / name).write_bytes(data)
        print(folder, len(files), sum(map(len, files.values())))


if __name__ == "__main__":
    main()
