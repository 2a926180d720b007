"""Writes rows of two images as `datasets` does, and what it reads of them.

    python make_image_columns.py test/data test/data/image-columns

`pairs.parquet` is what Dataset.to_parquet() writes, `saved` what save_to_disk() does; the last row has no second image.
`expected.json` has the pixels of each row's images, the first resized to 5 x 4, the second to 3 x 6, in bytes.
"""

import json
import shutil
import sys
from pathlib import Path

import datasets
from PIL import Image

SIZES = {"image": (5, 4), "image2": (3, 6)}


def pixels(image, size):
    if image is None:
        return None
    return list(image.convert("RGB").resize(size, Image.Resampling.BILINEAR).tobytes())


def main() -> None:
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    names = ["jpeg-7x5.jpg", "png-rgb.png", "gif-still.gif"]
    files = [{"bytes": (data / "images" / name).read_bytes(), "path": None} for name in names]
    features = datasets.Features({
        "image": datasets.Image(),
        "image2": datasets.Image(),
        "text": datasets.Value("string"),
    })
    rows = datasets.Dataset.from_dict({
        "image": files,
        "image2": [files[1], files[2], None],
        "text": ["a", "b", "c"],
    }, features=features)
    rows.to_parquet(out / "pairs.parquet")
    rows.save_to_disk(out / "saved")
    read = [{name: pixels(row[name], size) for name, size in SIZES.items()} for row in rows]
    (out / "expected.json").write_text(json.dumps(read) + "\n")


main()
