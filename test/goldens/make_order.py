"""The definitions of the shuffled orders, in Python, and their expected values.

    python make_order.py OUT        # writes OUT/order.jsonl and OUT/block-order.jsonl

A line of order.jsonl is {"length", "seed", "epoch", "first"}: `first` are the dataset indices at the first
positions (at most 16) of that epoch. Standard library only.

The order is a keyed permutation: a Feistel network of 8 rounds over the next power of four (at
least 256), walked along its cycles until it is back inside the length.

A line of block-order.jsonl is {"lengths", "window", "seed", "epoch", "order"}: `order` are the dataset
indices of a whole epoch over blocks of these lengths. It is made of keyed permutations: of the blocks, of
the rows of a block, and of what a lane shows in one of its stages.
"""

import json
import sys
from itertools import groupby
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


def round_keys(*numbers: int) -> list[int]:
    state = 0x9E3779B9
    for word in (word for number in numbers for word in (number & MASK32, number >> 32)):
        state = mix(state ^ word) + 0x6D2B79F5 & MASK32
    return [mix(state + (number + 1) * 0x9E3779B9 & MASK32) for number in range(ROUNDS)]


def index_at(position: int, length: int, *key: int) -> int:
    half_bits = 4
    while 4**half_bits < length:
        half_bits += 1
    mask = 2**half_bits - 1
    keys = round_keys(*key)
    value = position
    while True:
        left, right = value >> half_bits, value & mask
        for key in keys:
            left, right = right, left ^ mix(right ^ key) & mask
        value = left << half_bits | right
        if value < length:
            return value


def lane_of(position: int, lanes: int) -> int:
    """The bits of the position's remainder, the lowest first."""
    bits = lanes.bit_length() - 1
    return int(f"{position % lanes:0{bits}b}"[::-1], 2) if bits else 0


def lane_order(rows: list[tuple[int, int]], lane: int, width: int, seed: int, epoch: int) -> list[tuple[int, int]]:
    """Rows of one lane, (block, row), within a window of `width` blocks."""
    blocks = [list(of_block) for _, of_block in groupby(rows, key=lambda row: row[0])]
    width = min(width, len(blocks))
    stages = len(blocks) - width + 1
    order = []
    for stage in range(stages):
        shown = []
        for place in range(stage, stage + width):
            block = blocks[place]
            first = max(0, place - width + 1)
            count = min(place, stages - 1) - first + 1
            start, end = (int(len(block) * ((at - first) / count)) for at in (stage, stage + 1))
            shown += block[start:end]
        order += [shown[index_at(p, len(shown), seed, epoch, 2, lane, stage)] for p in range(len(shown))]
    return order


def block_order(lengths: list[int], window: int, seed: int, epoch: int) -> list[int]:
    firsts = [sum(lengths[:block]) for block in range(len(lengths))]
    blocks = [(first, length) for first, length in zip(firsts, lengths) if length > 0]
    window = min(window, len(blocks))
    total = sum(lengths)
    lanes = 1
    while 8 * lanes <= window and 2 * lanes <= total:
        lanes *= 2
    visited = [index_at(place, len(blocks), seed, epoch) for place in range(len(blocks))]
    line = [(block, row) for block in visited for row in range(blocks[block][1])]
    in_lanes = []
    for lane in range(lanes):
        count = sum(lane_of(position, lanes) == lane for position in range(total))
        in_lanes.append(lane_order(line[:count], lane, window // lanes, seed, epoch))
        line = line[count:]
    order = []
    for position in range(total):
        block, row = in_lanes[lane_of(position, lanes)][position // lanes]
        first, length = blocks[block]
        order.append(first + index_at(row, length, seed, epoch, 1, block))
    return order


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
    with (out / "block-order.jsonl").open("w", encoding="utf8") as file:
        for lengths in ([1], [7, 0, 3], [5] * 12, [40, 1, 1, 2, 60, 3], list(range(20)), [11] * 40):
            for window, seed, epoch in ((1, 0, 0), (3, 7, 1), (8, 7, 0), (17, 2**53 - 1, 5), (1000, 1, 2)):
                order = block_order(lengths, window, seed, epoch)
                line = {"lengths": lengths, "window": window, "seed": seed, "epoch": epoch, "order": order}
                file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
