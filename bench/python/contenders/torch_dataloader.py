"""The reference pipeline: Pillow, torchvision's transforms and tokenizers in torch's DataLoader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from contender import Options, Pair, Running
from standard_preset import IMAGE_SIZE, MEAN, STD

if TYPE_CHECKING:
    import torch


def create_reader() -> Callable[[str], torch.Tensor]:
    from PIL import Image
    from torchvision import transforms

    transform = transforms.Compose(
        [
            transforms.Resize((IMAGE_SIZE, IMAGE_SIZE)),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, STD),
        ]
    )

    def read(path: str) -> torch.Tensor:
        tensor: torch.Tensor = transform(Image.open(path).convert("RGB"))
        return tensor

    return read


class TorchDataLoader:
    exact = True

    def __init__(self, workers: int) -> None:
        self._workers = workers

    @property
    def description(self) -> str:
        return (
            "the reference pipeline: Pillow, torchvision and tokenizers in torch's DataLoader, "
            f"{self._workers} workers"
        )

    def set_up(self, pairs: Sequence[Pair], options: Options) -> Running:
        from pair_dataset import PairDataset, RunningDataLoader

        dataset = PairDataset(pairs, options, create_reader())
        return RunningDataLoader(dataset, options, self._workers)
