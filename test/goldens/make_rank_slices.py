"""Expected rank slices of an order, by torch's DistributedSampler.

    python make_rank_slices.py OUT        # writes OUT/rank-slices.jsonl

A line is {"length", "worldSize", "padRanks", "ranks"}: the positions of an order of `length` that each
rank takes.
"""

import json
import sys
from pathlib import Path

from torch.utils.data import DistributedSampler


def main() -> None:
    out = Path(sys.argv[1])
    with (out / "rank-slices.jsonl").open("w", encoding="utf8") as file:
        for length in (1, 2, 3, 7, 8, 10, 33):
            for world_size in (1, 2, 3, 4, 7, 16):
                for pad in (True, False):
                    ranks = [
                        list(
                            DistributedSampler(
                                range(length), world_size, rank, shuffle=False, drop_last=not pad
                            )
                        )
                        for rank in range(world_size)
                    ]
                    line = {"length": length, "worldSize": world_size, "padRanks": pad, "ranks": ranks}
                    file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
