"""Damages small TIFF files of CCITT codes and asks Pillow about each.

    python make_fax.py ../data/damaged

OUT receives

    fax.bin    damaged files, one behind the other
    fax.jsonl  as images.jsonl of make_damaged.py

Everything comes from the seed below. Left out are files of which Pillow shows what its memory held
before: those that become another image where the C library fills new memory in another way.
"""

import hashlib
import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

SEED = 1203
COUNT = 162
SIZES = [(301, 30), (1300, 9)]


def saved(image: Image.Image, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, "TIFF", **options)
    return out.getvalue()


def sources() -> Iterator[tuple[str, bytes]]:
    rng = np.random.default_rng(SEED)
    for width, height in SIZES:
        x, y = np.arange(width)[None, :], np.arange(height)[:, None]
        pattern = ((x // 17 + y // 5) % 3 == 0) ^ (rng.random((height, width)) < 0.01)
        image = Image.fromarray((pattern * 255).astype(np.uint8)).convert("1")
        for rows in (height, 4):
            for compression in ("group3", "group4", "tiff_ccitt"):
                yield f"{compression} {rows}", saved(image, compression=compression, tiffinfo={278: rows})
            yield f"group3 mixed {rows}", saved(image, compression="group3", tiffinfo={278: rows, 292: 1})


def every_run() -> Iterator[tuple[str, bytes]]:
    """Runs of every length that has a code, white and then black, a row each."""
    lengths = [*range(64), *range(64, 2561, 64)]
    pattern = np.ones((len(lengths), 2 * max(lengths) + 80), bool)
    for row, length in zip(pattern, lengths):
        row[length : 2 * length] = False
    image = Image.fromarray((pattern * 255).astype(np.uint8)).convert("1")
    for compression in ("group3", "group4"):
        yield f"{compression} runs", saved(image, compression=compression)


def damaged(data: bytes, rng: random.Random) -> tuple[str, bytes]:
    with Image.open(io.BytesIO(data)) as image:
        strips = list(zip(image.tag_v2[273], image.tag_v2[279]))
    start, length = rng.choice(strips)
    at, end = start + rng.randrange(length), start + length
    out = bytearray(data)
    how = rng.choice(["bit", "bit", "byte", "zeros", "bytes", "copied"])
    if how == "bit":
        out[at] ^= 1 << rng.randrange(8)
    elif how == "byte":
        out[at] = rng.choice([0, 255, rng.randrange(256)])
    elif how == "zeros":
        out[at:end] = bytes(end - at)
    elif how == "bytes":
        for i in range(at, min(end, at + 5)):
            out[i] = rng.randrange(256)
    else:
        other = start + rng.randrange(length)
        count = min(end - at, end - other, 8)
        out[at : at + count] = out[other : other + count]
    return how, bytes(out)


def candidates() -> Iterator[tuple[str, str, bytes]]:
    rng = random.Random(SEED)
    files = list(sources())
    for name, data in [*files, *every_run()]:
        yield name, "none", data
    for _ in range(3 * COUNT):
        name, data = rng.choice(files)
        how, out = damaged(data, rng)
        if not (name.startswith("group4") and how == "zeros"):  # they end the strip
            yield name, how, out


def verdict(data: bytes) -> dict:
    try:
        with Image.open(io.BytesIO(data)) as image:
            rgb = image.convert("RGB")
    except Exception:
        return {"opens": False}
    return {"opens": True, "width": rgb.width, "height": rgb.height, "rgb": hashlib.sha256(rgb.tobytes()).hexdigest()}


def verdicts_by_memory(filling: str) -> list[dict]:
    """In a process whose C library (glibc) fills memory so."""
    environment = os.environ | {"MALLOC_PERTURB_": filling}
    answers = subprocess.run([sys.executable, __file__], env=environment, capture_output=True, check=True, text=True)
    return [json.loads(line) for line in answers.stdout.splitlines()]


def main(out: Path) -> None:
    answers = zip(candidates(), verdicts_by_memory("85"), verdicts_by_memory("190"))
    same = [(file, answer) for file, answer, other in answers if answer == other][:COUNT]
    at = 0
    with open(out / "fax.bin", "wb") as files, open(out / "fax.jsonl", "w") as lines:
        for (name, how, data), answer in same:
            files.write(data)
            lines.write(json.dumps({"name": name, "damage": how, **answer, "at": at, "bytes": len(data)}) + "\n")
            at += len(data)


if __name__ == "__main__":
    if len(sys.argv) == 2:
        main(Path(sys.argv[1]))
    else:
        for _, _, data in candidates():
            print(json.dumps(verdict(data)))
