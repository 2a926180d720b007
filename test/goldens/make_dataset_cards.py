"""Which files `datasets` takes for each config and split that a README names.

    python make_dataset_cards.py test/data/goldens     # writes dataset-cards.json

Each file is a CSV of one row, which has the file's path as its text.
"""

import json
import sys
import tempfile
from pathlib import Path

import datasets

FILES = [
    "data/train-0.csv", "data/train-1.csv", "data/test.csv", "data/deep/er/x.csv", "data/deep/y.csv", "top.csv",
    "data/.hidden.csv", "data/__cache__/z.csv", "fr/train/a.csv", "fr/train/b.csv", "fr/dev.csv", "extra[1].csv",
]

CARDS = {
    "patterns of splits": """
configs:
- config_name: en
  default: true
  data_files:
  - split: train
    path: data/train-*.csv
  - split: test
    path:
    - data/test.csv
    - "top.csv"
- config_name: fr
  data_dir: fr
  data_files:
  - split: train
    path: "train/?.csv"
  - split: validation
    path: dev.csv
dataset_info:
  download_size: 1
""",
    "one pattern, any folders": """
license: mit
configs:
- config_name: all
  data_files: "data/**/*.csv"
""",
    "a list of patterns, sets of characters": """
configs:
  - config_name: default
    data_files: ["data/train-[!1].csv", "**/y.csv", "top.csv"]
  - config_name: other
    data_files: ["data/**", "fr/train/[b-z].csv"]
  - {config_name: hidden, data_files: ["data/.*.csv", "data/__cache__/*"]}
""",
    "everything": """
configs:
- config_name: default
  data_files: "*.csv"
tags:
- x
""",
    "several, no default": """
configs:
- config_name: a
  data_files: top.csv
- config_name: b
  data_files: data/test.csv
""",
}


def main() -> None:
    out = []
    for name, card in CARDS.items():
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for file in FILES:
                path = root / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(f"image,text\nx.jpg,{file}\n")
            readme = f"---{card}---\n# A set\n"
            (root / "README.md").write_text(readme)
            configs = datasets.get_dataset_config_names(folder)
            expected = {}
            for config in configs:
                with tempfile.TemporaryDirectory() as cache:
                    splits = datasets.load_dataset(folder, config, cache_dir=cache)
                    expected[config] = {split: rows["text"][:] for split, rows in splits.items()}
            default = datasets.get_dataset_default_config_name(folder)
            out.append({"name": name, "readme": readme, "default": default, "configs": expected})
    path = Path(sys.argv[1]) / "dataset-cards.json"
    path.write_text(json.dumps({"files": FILES, "cards": out}, indent=1) + "\n")


main()
