"""LitData: a set of its own chunks, read by its StreamingDataLoader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from contender import Batch, Options, Pair, Running
from processors import PROCESSORS

# As its documentation has it.
CHUNK_BYTES = "64MB"


class RunningLitData:
    def __init__(self, pairs: Sequence[Pair], options: Options) -> None:
        import litdata
        from packed_rows import Collate, Rows

        self._folder = TemporaryDirectory(prefix="pixtok-bench-litdata-")
        packed = str(Path(self._folder.name) / "set")
        rows = Rows(pairs, options)
        litdata.optimize(
            fn=rows,
            inputs=list(range(len(rows))),
            output_dir=packed,
            chunk_bytes=CHUNK_BYTES,
            num_workers=1,
        )
        self._loader = litdata.StreamingDataLoader(
            litdata.StreamingDataset(packed),
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


class LitDataPacked:
    exact = False
    description = f"LitData's StreamingDataLoader over its own chunks, {PROCESSORS} workers"

    def set_up(self, pairs: Sequence[Pair], options: Options) -> Running:
        return RunningLitData(pairs, options)
