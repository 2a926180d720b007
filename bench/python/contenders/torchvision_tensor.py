"""torchvision on tensors: its own JPEG decoder and its antialiased resize of uint8 tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from contender import Options, Pair, Running
from processors import PROCESSORS
from standard_preset import IMAGE_SIZE, MEAN, STD

if TYPE_CHECKING:
    import torch


def create_reader() -> Callable[[str], torch.Tensor]:
    import torch
    from torchvision.io import ImageReadMode, decode_image, read_file
    from torchvision.transforms import v2

    transform = v2.Compose(
        [
            v2.Resize((IMAGE_SIZE, IMAGE_SIZE), antialias=True),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(MEAN, STD),
        ]
    )

    def read(path: str) -> torch.Tensor:
        tensor: torch.Tensor = transform(decode_image(read_file(path), ImageReadMode.RGB))
        return tensor

    return read


class TorchvisionTensor:
    exact = False
    description = (
        "torchvision decode_image and v2 transforms on tensors, tokenizers, in torch's DataLoader, "
        f"{PROCESSORS} workers"
    )

    def set_up(self, pairs: Sequence[Pair], options: Options) -> Running:
        from pair_dataset import PairDataset, RunningDataLoader

        dataset = PairDataset(pairs, options, create_reader())
        return RunningDataLoader(dataset, options, PROCESSORS)
