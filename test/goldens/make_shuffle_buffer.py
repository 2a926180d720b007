"""How far rows come apart in the shuffle buffers of webdataset and `datasets`.

    python make_shuffle_buffer.py OUT        # writes OUT/shuffle-buffer.jsonl

A line is {"library", "rows", "buffer", "seeds", "quantiles", "distance"}: over all rows of as many epochs as there are
seeds, nine deciles of how many places later a row comes out than it went in, and the mean number of
places between rows that were neighbours. webdataset fills its buffer first (`initial`). Needs datasets,
webdataset and numpy.
"""

import json
import sys
from pathlib import Path

import numpy as np
from datasets import IterableDataset
from webdataset.filters import shuffle

SEEDS = 20


def webdataset_order(rows: int, buffer: int, seed: int) -> np.ndarray:
    return np.array(list(shuffle(buffer, initial=buffer, seed=seed)(iter(range(rows)))))


def datasets_order(rows: int, buffer: int, seed: int) -> np.ndarray:
    dataset = IterableDataset.from_generator(lambda: ({"row": row} for row in range(rows)))
    return np.array([row["row"] for row in dataset.shuffle(seed=seed, buffer_size=buffer)])


LIBRARIES = {"webdataset": webdataset_order, "datasets": datasets_order}


def main() -> None:
    out = Path(sys.argv[1])
    with (out / "shuffle-buffer.jsonl").open("w", encoding="utf8") as file:
        for library, rows, buffer in (
            (library, *sizes) for library in LIBRARIES for sizes in ((2000, 50), (2000, 500), (300, 1000))
        ):
            orders = [LIBRARIES[library](rows, buffer, seed) for seed in range(SEEDS)]
            later = np.concatenate([np.arange(rows) - each for each in orders])
            apart = np.concatenate([np.abs(np.diff(np.argsort(each))) for each in orders])
            line = {
                "library": library,
                "rows": rows,
                "buffer": buffer,
                "seeds": SEEDS,
                "quantiles": np.quantile(later, np.arange(1, 10) / 10).tolist(),
                "distance": float(apart.mean()),
            }
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
