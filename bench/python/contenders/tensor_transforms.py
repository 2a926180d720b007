"""torchvision's antialiased resize of uint8 tensors, which torchvision or TorchCodec decodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from contender import Options, Pair, Running
from processors import PROCESSORS
from standard_preset import IMAGE_SIZE, MEAN, STD

if TYPE_CHECKING:
    import torch


def torchvision_decoder() -> Callable[[str], torch.Tensor]:
    from torchvision.io import ImageReadMode, decode_image, read_file

    return lambda path: decode_image(read_file(path), ImageReadMode.RGB)


def torchcodec_decoder() -> Callable[[str], torch.Tensor]:
    from torchcodec.decoders import decode_image

    return lambda path: decode_image(path, mode="RGB")


def create_reader(decode: Callable[[str], torch.Tensor]) -> Callable[[str], torch.Tensor]:
    import torch
    from torchvision.transforms import v2

    transform = v2.Compose(
        [
            v2.Resize((IMAGE_SIZE, IMAGE_SIZE), antialias=True),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(MEAN, STD),
        ]
    )

    def read(path: str) -> torch.Tensor:
        tensor: torch.Tensor = transform(decode(path))
        return tensor

    return read


class TensorTransforms:
    exact = False

    def __init__(
        self, decoder: str, create_decoder: Callable[[], Callable[[str], torch.Tensor]]
    ) -> None:
        self._decoder = decoder
        self._create_decoder = create_decoder

    @property
    def description(self) -> str:
        return (
            f"{self._decoder} decode_image and torchvision's v2 transforms on tensors, tokenizers, "
            f"in torch's DataLoader, {PROCESSORS} workers"
        )

    def set_up(self, pairs: Sequence[Pair], options: Options) -> Running:
        from pair_dataset import PairDataset, RunningDataLoader

        dataset = PairDataset(pairs, options, create_reader(self._create_decoder()))
        return RunningDataLoader(dataset, options, PROCESSORS)


def torchvision_tensor() -> TensorTransforms:
    return TensorTransforms("torchvision", torchvision_decoder)


def torchcodec_tensor() -> TensorTransforms:
    return TensorTransforms("TorchCodec", torchcodec_decoder)
