"""A folder that `pixtok pack` wrote. Images are views of its files, which are mapped into memory: nothing is copied.

Needs numpy and pyarrow.
"""

import bisect
import json
from pathlib import Path
from typing import Any

import numpy
import pyarrow


class PackedSet:
    """Rows of a packed set. Of a torch DataLoader it is a map-style dataset."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.batches: list[pyarrow.RecordBatch] = []
        for path in sorted(self.folder.glob("data-*.arrow")):
            reader = pyarrow.ipc.open_stream(pyarrow.memory_map(str(path)))
            metadata = json.loads(reader.schema.metadata[b"pixtok"])
            self.batches += reader
        self.config: dict[str, Any] = metadata["config"]  # what it was packed with
        size = self.config["size"]
        self.shape = (3, size["height"], size["width"])
        self.images = [numbers_of(batch.column("image")).reshape(-1, *self.shape) for batch in self.batches]
        self.starts = numpy.cumsum([0] + [batch.num_rows for batch in self.batches]).tolist()

    def __len__(self) -> int:
        return self.starts[-1]

    def __getitem__(self, index: int) -> dict[str, Any]:
        """`image`, uint8 [3, height, width]; `input_ids`, int32 [tokens]; `text`, `id` and `index` of the pair."""
        place = bisect.bisect_right(self.starts, index) - 1
        batch, row = self.batches[place], index - self.starts[place]
        return {
            "image": self.images[place][row],
            "input_ids": batch.column("input_ids")[row].values.to_numpy(),
            **{name: batch.column(name)[row].as_py() for name in ("text", "id", "index")},
        }

    def __reduce__(self) -> tuple[type["PackedSet"], tuple[Path]]:
        return PackedSet, (self.folder,)  # workers map the files themselves


def numbers_of(column: pyarrow.Array) -> numpy.ndarray:
    """The numbers of all rows of an array column, where they lie."""
    # where Hugging Face's `datasets` is imported, it is an array of its
    lists = column.storage if isinstance(column, pyarrow.ExtensionArray) else column
    while pyarrow.types.is_nested(lists.type):
        lists = lists.flatten()
    return lists.to_numpy(zero_copy_only=True)
