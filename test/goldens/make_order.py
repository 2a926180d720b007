"""The definition of the shuffled order, in Python, and its expected values.

    python make_order.py OUT        # writes OUT/order.jsonl

A line is {"length", "seed", "epoch", "first"}: `first` are the dataset indices at the first
positions (at most 16) of that epoch. Standard library only.

The order is a keyed permutation: a Feistel network of 8 rounds over the next power of four (at
least 256), walked along its cycles until it is back inside the length.
"""

import json
import sys
from pathlib import Path

MASK32 = 0xFFFFFFFF
ROUNDS = 8


def mix(h: int) -> int:
    """The 32-bit finalizer of MurmurHash3."""
    h ^= h >> 16
    h = h * 0x85EBCA6B & MASK32
    h ^= h >> 13
    h = h * 0xC2B2AE35 & MASK32
    return h ^ h >> 16


def round_keys(seed: int, epoch: int) -> list[int]:
    state = 0x9E3779B9
    for word in (seed & MASK32, seed >> 32, epoch & MASK32, epoch >> 32):
        state = mix(state ^ word) + 0x6D2B79F5 & MASK32
    return [mix(state + (number + 1) * 0x9E3779B9 & MASK32) for number in range(ROUNDS)]


def index_at(position: int, length: int, seed: int, epoch: int) -> int:
    half_bits = 4
    while 4**half_bits < length:
        half_bits += 1
    mask = 2**half_bits - 1
    keys = round_keys(seed, epoch)
    value = position
    while True:
        left, right = value >> half_bits, value & mask
        for key in keys:
            left, right = right, left ^ mix(right ^ key) & mask
        value = left << half_bits | right
        if value < length:
            return value


def main() -> None:
    out = Path(sys.argv[1])
    cases = [
        (length, seed, epoch)
        for length in (1, 2, 12, 255, 256, 257, 40_460, 2_000_000, 5_000_000_000)
        for seed, epoch in ((0, 0), (7, 0), (7, 1), (2**53 - 1, 2**32 + 5))
    ]
    with (out / "order.jsonl").open("w", encoding="utf8") as file:
        for length, seed, epoch in cases:
            order = [index_at(p, length, seed, epoch) for p in range(min(length, 16))]
            line = {"length": length, "seed": seed, "epoch": epoch, "first": order}
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
