"""Trains two towers on a packed set, and says how well they find the captions of other images.

    python train.py TRAIN HELD_OUT [--epochs 8] [--seed 7] [--save towers.pt]

TRAIN and HELD_OUT are folders that `pixtok pack` wrote. Needs numpy, pyarrow and torch.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy
import torch
from order import EpochSampler
from packed_set import PackedSet
from torch import Tensor
from torch.utils.data import DataLoader
from towers import ImageTower, TextTower

BATCH = 64


def phrase_of(input_ids: numpy.ndarray) -> numpy.ndarray:
    """A caption, or in one of two cases a few of its words: so that short texts are learned, too."""
    words = len(input_ids) - 2  # between [CLS] and [SEP]
    if words < 4 or torch.rand(()) < 0.5:
        return input_ids
    length = torch.randint(3, words + 1, ()).item()
    start = torch.randint(1, words - length + 2, ()).item()
    return numpy.concatenate([input_ids[:1], input_ids[start : start + length], input_ids[-1:]])


def collate_phrases(rows: list[dict[str, Any]]) -> dict[str, Tensor]:
    return collate([row | {"input_ids": phrase_of(row["input_ids"])} for row in rows])


def collate(rows: list[dict[str, Any]]) -> dict[str, Tensor]:
    """Rows to a batch: the one copy, from the files to the batch's memory."""
    images = torch.empty((len(rows), *rows[0]["image"].shape), dtype=torch.uint8)
    length = max(len(row["input_ids"]) for row in rows)
    input_ids = torch.zeros((len(rows), length), dtype=torch.int64)
    attention_mask = torch.zeros((len(rows), length), dtype=torch.int64)
    for place, row in enumerate(rows):
        images.numpy()[place] = row["image"]
        tokens = len(row["input_ids"])
        input_ids.numpy()[place, :tokens] = row["input_ids"]
        attention_mask[place, :tokens] = 1
    index = torch.tensor([row["index"] for row in rows])
    return {"image": images, "input_ids": input_ids, "attention_mask": attention_mask, "index": index}


def normalizer(processor: dict[str, Any]):
    """What pixtok does to stored bytes, in torch."""
    mean, std = (torch.tensor(processor[name]).view(3, 1, 1) for name in ("mean", "std"))
    return lambda images: (images.float() / 255 - mean) / std


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("train", type=Path)
    parser.add_argument("held_out", type=Path)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--save", type=Path)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    torch.set_num_threads(1)  # a model as small as this is no faster on several

    train, held_out = PackedSet(given.train), PackedSet(given.held_out)
    vocabulary = json.loads((given.train / "tokenizer.json").read_text("utf8"))["model"]["vocab"]
    images, texts = ImageTower(), TextTower(len(vocabulary))
    scale = torch.nn.Parameter(torch.tensor(10.0).log())
    optimizer = torch.optim.AdamW([*images.parameters(), *texts.parameters(), scale], lr=3e-3)
    normalize = normalizer(train.config["processor"])

    def embed(batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        return images(normalize(batch["image"])), texts(batch["input_ids"], batch["attention_mask"])

    sampler = EpochSampler(len(train), seed=given.seed)
    loader = DataLoader(train, batch_size=BATCH, sampler=sampler, collate_fn=collate_phrases)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=given.epochs * len(loader))
    for epoch in range(given.epochs):
        sampler.set_epoch(epoch)
        losses = []
        for batch in loader:
            seen, said = embed(batch)
            logits = scale.exp() * seen @ said.T
            pairs = torch.arange(len(logits))
            loss = torch.nn.functional.cross_entropy(logits, pairs)
            loss = (loss + torch.nn.functional.cross_entropy(logits.T, pairs)) / 2
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch}: loss {sum(losses) / len(losses):.3f}", flush=True)

    with torch.no_grad():
        seen, said = embed(collate([held_out[index] for index in range(len(held_out))]))
        best = (seen @ said.T).argsort(dim=1, descending=True)
        found = best == torch.arange(len(best)).unsqueeze(1)
    first, ten = (found[:, :count].any(dim=1).float().mean().item() for count in (1, 10))
    print(f"its own caption is the first of {len(best)} for {first:.1%} of images, among ten for {ten:.1%}")
    print(f"by chance: {1 / len(best):.1%} and {10 / len(best):.1%}")
    if given.save is not None:
        torch.save({"images": images.state_dict(), "texts": texts.state_dict()}, given.save)


if __name__ == "__main__":
    sys.exit(main())
