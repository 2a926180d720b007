"""Times Pillow's decoders: files in memory to RGB.

    python time_decodes.py THREADS SECONDS LIST...

A LIST has one path a line. Its files are decoded in turn, once uncounted and then for SECONDS, at least
once. Prints a JSON array: images and seconds of each list.
"""

from __future__ import annotations

import io
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

EXIT_UNAVAILABLE = 69


def decode_list(list_file: str, threads: int, least_seconds: float) -> dict[str, float]:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    paths = Path(list_file).read_text(encoding="utf-8").split("\n")
    files = [Path(path).read_bytes() for path in paths if path]

    def decode(file: bytes) -> None:
        Image.open(io.BytesIO(file)).convert("RGB")

    # Pillow lets go of the interpreter's lock while it decodes.
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(decode, files))
        images = 0
        start = time.perf_counter()
        while True:
            list(pool.map(decode, files))
            images += len(files)
            seconds = time.perf_counter() - start
            if seconds >= least_seconds:
                return {"images": images, "seconds": seconds}


def main() -> None:
    threads, seconds, *lists = sys.argv[1:]
    print(json.dumps([decode_list(name, int(threads), float(seconds)) for name in lists]))


if __name__ == "__main__":
    try:
        main()
    except ImportError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_UNAVAILABLE)
