"""A torch dataset as most people write it, and the DataLoader over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypedDict

import torch
from torch.utils.data import DataLoader, Dataset

from contender import Batch, Options, Pair
from text_encoder import clean, open_tokenizer


class Item(TypedDict):
    image: torch.Tensor
    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    index: int


class PairDataset(Dataset[Item]):
    def __init__(
        self,
        pairs: Sequence[Pair],
        options: Options,
        read_image: Callable[[str], torch.Tensor],
    ) -> None:
        self._pairs = pairs
        self._read_image = read_image
        self._tokenizer = open_tokenizer(options)

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, index: int) -> Item:
        pair = self._pairs[index]
        encoding = self._tokenizer.encode(clean(pair.text))
        return {
            "image": self._read_image(pair.image),
            "input_ids": torch.tensor(encoding.ids),
            "attention_mask": torch.tensor(encoding.attention_mask),
            "index": index,
        }


class RunningDataLoader:
    def __init__(self, dataset: PairDataset, options: Options, workers: int) -> None:
        # Workers that live on between epochs: starting them is not what is measured.
        self._loader = DataLoader(
            dataset, options.batch_size, num_workers=workers, persistent_workers=workers > 0
        )

    def epoch(self) -> Iterator[Batch]:
        for batch in self._loader:
            yield Batch(
                image=batch["image"].numpy(),
                input_ids=batch["input_ids"].numpy(),
                attention_mask=batch["attention_mask"].numpy(),
                indices=batch["index"].tolist(),
            )

    def close(self) -> None:
        pass
