"""MosaicML Streaming: a set of its own shards, read by its StreamingDataset in torch's DataLoader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from contender import Batch, Options, Pair, Running
from processors import PROCESSORS


class RunningStreaming:
    def __init__(self, pairs: Sequence[Pair], options: Options) -> None:
        import torch
        from packed_rows import Collate, Rows
        from streaming import MDSWriter, StreamingDataset

        self._folder = TemporaryDirectory(prefix="pixtok-bench-streaming-")
        packed = str(Path(self._folder.name) / "set")
        rows = Rows(pairs, options)
        columns = {"index": "int", "image": "ndarray:uint8:3,224,224", "ids": "ndarray:int32"}
        with MDSWriter(out=packed, columns=columns) as writer:
            for index in range(len(rows)):
                writer.write(rows(index))
        self._loader = torch.utils.data.DataLoader(
            StreamingDataset(local=packed, batch_size=options.batch_size, shuffle=False),
            batch_size=options.batch_size,
            num_workers=PROCESSORS,
            persistent_workers=True,
            collate_fn=Collate(options),
        )

    def epoch(self) -> Iterator[Batch]:
        from packed_rows import batches_of

        return batches_of(self._loader)

    def close(self) -> None:
        self._folder.cleanup()


class StreamingPacked:
    exact = False
    description = (
        f"MosaicML's StreamingDataset over its own shards in torch's DataLoader, {PROCESSORS} workers"
    )

    def set_up(self, pairs: Sequence[Pair], options: Options) -> Running:
        return RunningStreaming(pairs, options)
