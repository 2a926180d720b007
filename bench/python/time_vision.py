"""Times transformers' processor of Qwen2-VL, as it is by default, in torch's DataLoader.

    python time_vision.py WORKERS SECONDS BATCH_SIZE LIST

LIST has one path of an image a line. Batches are made in WORKERS processes, once uncounted until each worker
has made one, then for SECONDS. Prints a JSON array of one: images and seconds.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

CONFIG = {"image_processor_type": "Qwen2VLImageProcessor"}


class Images:
    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> Image:
        from PIL import Image

        return Image.open(self._paths[index]).convert("RGB")


class Collate:
    """A batch's images at once, as its documentation has it."""

    def __init__(self) -> None:
        from transformers import AutoImageProcessor

        with TemporaryDirectory() as folder:
            (Path(folder) / "preprocessor_config.json").write_text(json.dumps(CONFIG), "utf8")
            self._processor = AutoImageProcessor.from_pretrained(folder)

    def __call__(self, images: list[Image]) -> dict[str, Any]:
        return dict(self._processor(images, return_tensors="pt"))


def measure(workers: int, least_seconds: float, batch_size: int, paths: Sequence[str]) -> dict[str, float]:
    from torch.utils.data import DataLoader

    loader = DataLoader(
        Images(paths),  # type: ignore[arg-type]
        batch_size,
        num_workers=workers,
        collate_fn=Collate(),
        persistent_workers=True,
    )

    def batches() -> Iterator[int]:
        while True:
            for batch in loader:
                yield len(batch["image_grid_thw"])

    made = batches()
    for _ in range(2 * workers):
        next(made)
    images = 0
    start = time.perf_counter()
    while True:
        images += next(made)
        seconds = time.perf_counter() - start
        if seconds >= least_seconds:
            return {"images": images, "seconds": seconds}


def main() -> None:
    workers, seconds, batch_size, list_file = sys.argv[1:]
    paths = [path for path in Path(list_file).read_text(encoding="utf-8").split("\n") if path]
    print(json.dumps([measure(int(workers), float(seconds), int(batch_size), paths)]))


if __name__ == "__main__":
    main()
