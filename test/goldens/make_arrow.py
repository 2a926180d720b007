"""Writes Arrow files as `datasets` and pyarrow do, and what these read of them.

    python make_arrow.py ../data ../data/arrow

`saved` is what Dataset.save_to_disk() writes, in two files; `splits` what DatasetDict.save_to_disk() writes; `kinds.arrow`
has columns of many types, some without values, in several batches; `gaps.arrow` lists in which images are missing. `expected.json` has the rows of each: integers
as digits, images by their SHA-256.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import datasets
import pyarrow as pa


def shown(value):
    if type(value) is int:
        return str(value)
    if type(value) is bytes:
        return hashlib.sha256(value).hexdigest()
    if type(value) is list:
        return [shown(one) for one in value]
    return value


def rows_of(table: pa.Table) -> list[dict]:
    rows = []
    for row in table.to_pylist():
        image = row.pop("image")
        bytes_of = lambda one: one["bytes"] if type(one) is dict else one
        own = [bytes_of(one) for one in image] if type(image) is list else bytes_of(image)
        rows.append({"image": shown(own), **{name: shown(value) for name, value in row.items()}})
    return rows


def main() -> None:
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    names = ["png-rgb.png", "jpeg-420.jpg", "gif-still.gif"]
    files = [(data / "images" / name).read_bytes() for name in names]
    features = datasets.Features({
        "image": datasets.Image(),
        "text": datasets.Value("string"),
        "label": datasets.ClassLabel(names=["cat", "dog"]),
        "box": datasets.List(datasets.Value("float32"), length=2),
        "tags": datasets.List(datasets.Value("string")),
    })
    saved = datasets.Dataset.from_dict({
        "image": [{"bytes": own, "path": None} for own in files],
        "text": ["a", "Bär 😀", ""],
        "label": [0, 1, 0],
        "box": [[1.5, 2.0], [3.0, -0.25], [5.0, 6.0]],
        "tags": [["x"], [], ["y", "z"]],
    }, features=features)
    saved.save_to_disk(out / "saved", num_shards=2)
    parts = datasets.DatasetDict({"train": saved.select([0]), "validation": saved.select([1])})
    parts.save_to_disk(out / "splits")

    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    kinds = pa.table({
        "image": pa.array([[{"bytes": files[0], "path": None}, None], [{"bytes": files[1], "path": "b"}],
                           [{"bytes": files[2], "path": "c"}]], pa.large_list(image)),
        "text": pa.array([["a", "b"], ["c"], ["d"]], pa.list_(pa.large_string())),
        "int8": pa.array([-128, None, 127], pa.int8()),
        "uint16": pa.array([0, 65535, 1], pa.uint16()),
        "uint64": pa.array([2**64 - 1, 0, 2**53 + 1], pa.uint64()),
        "int64": pa.array([-(2**63), 2**63 - 1, 5], pa.int64()),
        "double": pa.array([0.1, None, -1e300], pa.float64()),
        "flag": pa.array([True, None, False]),
        "string": pa.array(["", None, "ä"]),
        "fixed": pa.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], pa.list_(pa.int32(), 3)),
        "nothing": pa.array([None, None, None], pa.null()),
        "time": pa.array([0, 1, 2], pa.timestamp("us")),
        "half": pa.array([1.0, 2.0, 3.0], pa.float16()),
        "decimal": pa.array([1, 2, 3], pa.decimal128(10, 2)),
    })
    with pa.ipc.new_stream(out / "kinds.arrow", kinds.schema) as writer:
        writer.write_table(kinds, max_chunksize=2)
    with pa.ipc.new_file(out / "file.arrow", kinds.schema) as writer:
        writer.write_table(kinds)
    empty = {"bytes": None, "path": None}
    gaps = pa.table({
        "image": pa.array([[empty, {"bytes": files[0], "path": None}], [empty], [None, empty], []], pa.list_(image)),
        "text": ["a", "b", "c", "d"],
    })
    for name, table, options in [
        ("gaps", gaps, None),
        ("compressed", kinds, pa.ipc.IpcWriteOptions(compression="zstd")),
        ("dictionary", kinds.select(["image"]).append_column(
            "text", pa.array(["a", "b", "a"]).dictionary_encode()), None),
        ("view", kinds.select(["image"]).append_column("text", pa.array(["a", "b", "c"], pa.string_view())), None),
    ]:
        with pa.ipc.new_stream(out / f"{name}.arrow", table.schema, options=options) as writer:
            writer.write_table(table)
    read = kinds.drop_columns(["nothing", "time", "half", "decimal"])
    expected = {
        "saved": rows_of(datasets.load_from_disk(str(out / "saved")).data.table),
        "train": rows_of(datasets.load_from_disk(str(out / "splits"))["train"].data.table),
        "kinds": rows_of(read),
        "gaps": rows_of(gaps),
    }
    (out / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
