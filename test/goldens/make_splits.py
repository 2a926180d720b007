"""Writes folders of splits, and what `datasets` reads of each split.

    python make_splits.py ../data ../data/splits

`expected.json` has, for each layout and split, the rows in their order: a file's name, and its text or class.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import datasets

IMAGE = "images/png-rgb.png"


def image(data: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(data / IMAGE, path)


def rows_of(folder: Path, builder: str, split: str) -> list[list[str]]:
    with tempfile.TemporaryDirectory() as cache:
        found = datasets.load_dataset(builder, data_dir=str(folder), split=split, cache_dir=cache)
        found = found.cast_column("image", datasets.Image(decode=False))
        names = found.features["label"].names if "label" in found.features else None
        return [
            [Path(row["image"]["path"]).name, names[row["label"]] if names else row["text"]]
            for row in found
        ]


def main() -> None:
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    if out.exists():
        shutil.rmtree(out)
    for split in ["train", "val"]:
        rows = [f"{split}-{i}.png,text {i} of {split}\n" for i in range(2)]
        for row in rows:
            image(data, out / "metadata" / split / row.split(",")[0])
        (out / "metadata" / split / "metadata.csv").write_text("file_name,text\n" + "".join(rows))
    for split in ["training", "test"]:
        for i, name in enumerate(["dog", "cat", "dog"]):
            image(data, out / "classes" / split / name / f"{split}-{i}.png")
    table = out / "hub" / "data"
    table.mkdir(parents=True)
    for split, parts in [("train", 2), ("test", 1)]:
        for part in range(parts):
            columns = {
                "image": [{"bytes": (data / IMAGE).read_bytes(), "path": f"{split}-{part}.png"}],
                "text": [f"part {part} of {split}"],
            }
            rows = datasets.Dataset.from_dict(columns).cast_column("image", datasets.Image(decode=False))
            rows.to_parquet(table / f"{split}-{part:05}-of-{parts:05}.parquet")
    asked = {
        "metadata": ("imagefolder", ["train", "validation"]),
        "classes": ("imagefolder", ["train", "test"]),
        "hub": ("parquet", ["train", "test"]),
    }
    expected = {
        layout: {split: rows_of(out / layout, builder, split) for split in splits}
        for layout, (builder, splits) in asked.items()
    }
    (out / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
