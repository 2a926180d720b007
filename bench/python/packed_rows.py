"""Pairs as a packed set has them, for the libraries that have a format of their own.

Rows are what pixtok packs: the resized image's bytes in planes, and the tokens of the cleaned text.
Batches are made of them in torch's workers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypedDict

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from contender import Batch, Options, Pair
from standard_preset import IMAGE_SIZE, MEAN, STD
from text_encoder import clean, open_tokenizer


class Row(TypedDict):
    index: int
    image: NDArray[np.uint8]  # [3, 224, 224]
    ids: NDArray[np.int32]


class Rows:
    """Makes the row of a pair. Can be sent to another process."""

    def __init__(self, pairs: Sequence[Pair], options: Options) -> None:
        self._pairs = pairs
        self._tokenizer = open_tokenizer(options)
        self._tokenizer.no_padding()

    def __len__(self) -> int:
        return len(self._pairs)

    def __call__(self, index: int) -> Row:
        pair = self._pairs[index]
        with Image.open(pair.image) as opened:
            size = (IMAGE_SIZE, IMAGE_SIZE)
            small = opened.convert("RGB").resize(size, Image.Resampling.BILINEAR)
        planes = np.ascontiguousarray(np.asarray(small).transpose(2, 0, 1))
        ids = np.array(self._tokenizer.encode(clean(pair.text)).ids, dtype=np.int32)
        return {"index": index, "image": planes, "ids": ids}


class Collate:
    """Rows to a batch of normalized images and padded tokens."""

    def __init__(self, options: Options) -> None:
        tokenizer = open_tokenizer(options)
        self._pad_id = tokenizer.padding["pad_id"]
        self._max_length = options.max_length
        std = torch.tensor(STD).view(3, 1, 1)
        self._scale = 1 / (255 * std)
        self._offset = -torch.tensor(MEAN).view(3, 1, 1) / std

    def __call__(self, rows: Sequence[Row]) -> dict[str, torch.Tensor]:
        image = torch.empty((len(rows), 3, IMAGE_SIZE, IMAGE_SIZE))
        input_ids = torch.full((len(rows), self._max_length), self._pad_id, dtype=torch.int64)
        attention_mask = torch.zeros((len(rows), self._max_length), dtype=torch.int64)
        for number, row in enumerate(rows):
            pixels = torch.from_numpy(np.array(row["image"], copy=False))
            torch.addcmul(self._offset, pixels, self._scale, out=image[number])
            length = len(row["ids"])
            input_ids[number, :length] = torch.from_numpy(np.array(row["ids"], dtype=np.int64))
            attention_mask[number, :length] = 1
        index = torch.tensor([int(row["index"]) for row in rows])
        return {
            "image": image,
            "input_ids": input_ids,
            "attention_mask": attention_mask,
            "index": index,
        }


def batches_of(loader: torch.utils.data.DataLoader[dict[str, torch.Tensor]]) -> Iterator[Batch]:
    for batch in loader:
        yield Batch(
            image=batch["image"].numpy(),
            input_ids=batch["input_ids"].numpy(),
            attention_mask=batch["attention_mask"].numpy(),
            indices=batch["index"].tolist(),
        )
