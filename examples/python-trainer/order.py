"""The order in which pixtok's DataLoader gives pairs (`shuffle: true`): a function of length, seed and epoch.

Needs numpy.
"""

from collections.abc import Iterator

import numpy

MASK = 0xFFFFFFFF


def mix(h: numpy.ndarray) -> numpy.ndarray:
    """The 32-bit finalizer of MurmurHash3, of numbers that are held in 64 bits."""
    h = (h ^ h >> 16) * 0x85EBCA6B & MASK
    h = (h ^ h >> 13) * 0xC2B2AE35 & MASK
    return h ^ h >> 16


def shuffled(length: int, seed: int, epoch: int) -> numpy.ndarray:
    """Indices in the order of an epoch: a keyed permutation, so nothing of it has to be stored."""
    half_bits = 4
    while 4**half_bits < length:
        half_bits += 1
    mask = 2**half_bits - 1
    state = numpy.uint64(0x9E3779B9)
    for number in (seed, epoch):
        for word in (number & MASK, number >> 32):
            state = mix(state ^ numpy.uint64(word)) + 0x6D2B79F5 & MASK
    keys = [mix(state + number * 0x9E3779B9 & MASK) for number in range(1, 9)]

    order = numpy.arange(length, dtype=numpy.uint64)
    outside = numpy.arange(length)  # places whose value is not yet below the length
    while outside.size > 0:
        left, right = order[outside] >> half_bits, order[outside] & mask
        for key in keys:
            left, right = right, left ^ mix(right ^ key) & mask
        order[outside] = left << half_bits | right
        outside = outside[order[outside] >= length]
    return order.astype(numpy.int64)


class EpochSampler:
    """For torch's DataLoader: the indices of an epoch, or a rank's share, as pixtok's `rank` and `worldSize` give it."""

    def __init__(self, length: int, *, seed: int = 0, rank: int = 0, world_size: int = 1) -> None:
        self.length, self.seed = length, seed
        self.rank, self.world_size = rank, world_size
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return -(-self.length // self.world_size)

    def __iter__(self) -> Iterator[int]:
        order = shuffled(self.length, self.seed, self.epoch)
        # ranks that would have a pair less begin the order again
        places = numpy.arange(self.rank, len(self) * self.world_size, self.world_size)
        return iter(order[places % self.length].tolist())
