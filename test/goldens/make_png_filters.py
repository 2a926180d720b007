"""PNG files whose rows have each filter in each place, with the pixels that Pillow reads of them.

    python make_png_filters.py OUT

writes OUT/png-filters.jsonl.
"""

import base64
import io
import json
import random
import struct
import sys
import zlib
from pathlib import Path

from PIL import Image

ROWS = 6
# what: width, depth, colour type, bytes of a row
KINDS = {
    "RGB of 8 bits": (3, 8, 2, 9),
    "RGB of 16 bits": (2, 16, 2, 12),
    "grey of 8 bits": (5, 8, 0, 5),
    "grey of 4 bits": (5, 4, 0, 3),
    "grey and alpha of 8 bits": (3, 8, 4, 6),
}
# none, sub, up, average, Paeth: each behind others, and three of them in the first row, which has none above it
FILTERS = [[0, 1, 2, 3, 4, 3], [3, 4, 1, 2, 3, 4], [2, 3, 3, 4, 4, 1], [4, 2, 4, 1, 3, 0]]


def chunk(name: bytes, data: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + checksum


def png(draw: random.Random, kind: tuple[int, int, int, int], filters: list[int]) -> bytes:
    width, depth, colour, row_bytes = kind
    packed = b"".join(bytes([one]) + draw.randbytes(row_bytes) for one in filters)
    head = struct.pack(">IIBBBBB", width, ROWS, depth, colour, 0, 0, 0)
    chunks = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(packed, 9)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def main(out: Path) -> None:
    draw = random.Random(5)
    lines = []
    for what, kind in KINDS.items():
        for filters in FILTERS:
            file = png(draw, kind, filters)
            with Image.open(io.BytesIO(file)) as image:
                rgb = image.convert("RGB").tobytes()
            lines.append(
                {
                    "what": what,
                    "filters": filters,
                    "file": base64.b64encode(file).decode(),
                    "rgb": rgb.hex(),
                }
            )
    (out / "png-filters.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
