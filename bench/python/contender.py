"""What a contender in Python is: the same as in ../src/contenders/contender.ts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Pair:
    image: str
    text: str


@dataclass(frozen=True)
class Options:
    batch_size: int
    tokenizer_folder: str
    max_length: int


@dataclass(frozen=True)
class Batch:
    """Row `i` is the pair at `indices[i]`. Valid until the next batch is asked for."""

    image: NDArray[np.float32]  # [rows, 3, 224, 224]
    input_ids: NDArray[np.int64]  # [rows, max_length]
    attention_mask: NDArray[np.int64]  # [rows, max_length]
    indices: Sequence[int]


class Running(Protocol):
    def epoch(self) -> Iterator[Batch]: ...

    def close(self) -> None: ...


class Contender(Protocol):
    @property
    def description(self) -> str: ...

    @property
    def exact(self) -> bool:
        """Claims the same bytes as the reference pipeline; the runner checks it."""
        ...

    def set_up(self, pairs: Sequence[Pair], options: Options) -> Running:
        """What needs to be installed is imported here: where it is missing, ImportError says so."""
        ...


class Unavailable(Exception):
    """The contender cannot run on this machine, which is not a failure."""
