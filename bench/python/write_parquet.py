"""Writes pairs as the Hugging Face hub stores them: a struct of bytes and path, and a text.

    python bench/python/write_parquet.py MANIFEST OUT.parquet

MANIFEST has lines of {"image": path, "text": string}, with absolute paths. A hundred rows are a row group,
compressed with snappy, as `datasets` writes images.
"""

import json
import sys
from pathlib import Path

import datasets


def main() -> None:
    manifest, out = map(Path, sys.argv[1:])
    pairs = [json.loads(line) for line in manifest.read_text().splitlines()]
    images = [
        {"bytes": Path(pair["image"]).read_bytes(), "path": Path(pair["image"]).name}
        for pair in pairs
    ]
    columns = {"image": images, "text": [pair["text"] for pair in pairs]}
    features = datasets.Features({"image": datasets.Image(), "text": datasets.Value("string")})
    datasets.Dataset.from_dict(columns, features=features).to_parquet(out, batch_size=100)


if __name__ == "__main__":
    main()
