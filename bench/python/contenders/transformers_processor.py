"""transformers 5: the image processor that AutoImageProcessor takes by default, in torch's DataLoader."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from contender import Options, Pair, Running
from processors import PROCESSORS
from standard_preset import IMAGE_SIZE, MEAN, STD

if TYPE_CHECKING:
    import torch

BILINEAR = 2

# The standard preset as a model on the hub would describe it.
CONFIG = {
    "image_processor_type": "ViTImageProcessor",
    "do_resize": True,
    "size": {"height": IMAGE_SIZE, "width": IMAGE_SIZE},
    "resample": BILINEAR,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": list(MEAN),
    "image_std": list(STD),
}


def create_reader() -> Callable[[str], torch.Tensor]:
    import torch
    from torchcodec.decoders import decode_image
    from transformers import AutoImageProcessor

    with TemporaryDirectory() as folder:
        (Path(folder) / "preprocessor_config.json").write_text(json.dumps(CONFIG), encoding="utf8")
        processor = AutoImageProcessor.from_pretrained(folder)

    def read(path: str) -> torch.Tensor:
        # A tensor is what its documentation advises: nothing has to be converted.
        image = decode_image(path, mode="RGB")
        pixels: torch.Tensor = processor(image, return_tensors="pt")["pixel_values"][0]
        return pixels

    return read


class TransformersProcessor:
    exact = False
    description = (
        "transformers' default image processor on tensors that TorchCodec decodes, tokenizers, in "
        f"torch's DataLoader, {PROCESSORS} workers"
    )

    def set_up(self, pairs: Sequence[Pair], options: Options) -> Running:
        from pair_dataset import PairDataset, RunningDataLoader

        dataset = PairDataset(pairs, options, create_reader())
        return RunningDataLoader(dataset, options, PROCESSORS)
