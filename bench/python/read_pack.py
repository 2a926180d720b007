"""Opens a packed set as Python does and holds it against Pillow and tokenizers, byte for byte.

    python bench/python/read_pack.py PACK IMAGES [--size 224]

PACK is a folder that `pixtok pack` wrote with the standard preset, IMAGES the folder that the ids of
its rows are paths in. Needs pyarrow, datasets, numpy, pillow and tokenizers.
"""

import argparse
import json
from pathlib import Path

import datasets
import numpy
import pyarrow
from PIL import Image
from tokenizers import Tokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pack", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("--size", type=int, default=224)
    given = parser.parse_args()

    tokenizer = Tokenizer.from_file(str(given.pack / "tokenizer.json"))
    tokenizer.no_padding()
    rows = 0
    for path in sorted(given.pack.glob("data-*.arrow")):
        mapped = pyarrow.ipc.open_stream(pyarrow.memory_map(str(path)))
        config = json.loads(mapped.schema.metadata[b"pixtok"])["config"]
        tokenizer.enable_truncation(config["text"]["maxLength"])
        shape = json.loads(mapped.schema.field("image").metadata[b"shape"])
        for batch in mapped:
            images = numbers_of(batch.column("image")).reshape(-1, *shape)
            for image, ids, text, name in zip(
                images,
                batch.column("input_ids").to_pylist(),
                batch.column("text").to_pylist(),
                batch.column("id").to_pylist(),
            ):
                with Image.open(given.images / name) as opened:
                    resized = opened.convert("RGB").resize(
                        (given.size, given.size), Image.Resampling.BILINEAR
                    )
                expected = numpy.asarray(resized).transpose(2, 0, 1)
                assert numpy.array_equal(image, expected), f"{path.name}: {name} differs"
                assert ids == tokenizer.encode(text).ids, f"{path.name}: tokens of {name} differ"
                rows += 1
        dataset = datasets.Dataset.from_file(str(path)).with_format("numpy")
        assert numpy.array_equal(dataset[0]["image"], images_of(path)[0])
    print(f"{rows} rows: images as Pillow resizes them, tokens as tokenizers has them")


def images_of(path: Path) -> numpy.ndarray:
    """The images of a file's first record batch, where they are in the file."""
    mapped = pyarrow.ipc.open_stream(pyarrow.memory_map(str(path)))
    shape = json.loads(mapped.schema.field("image").metadata[b"shape"])
    return numbers_of(mapped.read_next_batch().column("image")).reshape(-1, *shape)


def numbers_of(column: pyarrow.Array) -> numpy.ndarray:
    """The numbers of an array's rows, where they are in the file."""
    lists = column.storage if isinstance(column, pyarrow.ExtensionArray) else column
    while pyarrow.types.is_nested(lists.type):
        lists = lists.flatten()
    return lists.to_numpy(zero_copy_only=True)


if __name__ == "__main__":
    main()
