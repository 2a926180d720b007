"""The dataset indices of each batch of an epoch in dataset order."""

from __future__ import annotations

from collections.abc import Iterator


def index_batches(length: int, batch_size: int) -> Iterator[range]:
    for first in range(0, length, batch_size):
        yield range(first, min(first + batch_size, length))
