"""Writes one small table with columns of every kind as Parquet, JSON Lines and CSV.

    python make_columns.py ../data/columns

`expected.json` says what pyarrow reads of each column: `values` as they are, integers in digits, and
`float32`, the values as NumPy's float32 has them.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 5


def main() -> None:
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(2711)
    boxes = random.standard_normal((ROWS, 4)).astype(np.float32)
    table = pa.table({
        "image": ["../images/jpeg-420.jpg"] * ROWS,
        "text": ["one", "two", "three", "four", "five"],
        "label": pa.array([2, 0, 1, 1, 0], pa.int64()),
        "count": pa.array([2**32 - 1, 0, 7, 1, 2], pa.uint32()),
        "large": pa.array([2**63 - 1, -(2**63), 0, 2**53 + 1, -1], pa.int64()),
        "score": pa.array(random.standard_normal(ROWS).astype(np.float32)),
        "weight": pa.array([0.1, -1e300, 3.0, 1e-46, 2.5]),
        "flag": pa.array([True, False, False, True, True]),
        "url": ["a", "", "Bär 😀", "d,e", 'f"g'],
        "box": pa.array(boxes.tolist(), pa.list_(pa.float32())),
        "sizes": pa.array([[1], [], [2, 3], [4], [5, 6, 7]], pa.list_(pa.int32())),
    })
    names = {"names": ["cat", "dog", "bird"], "_type": "ClassLabel"}
    # as datasets.Dataset.to_parquet keeps them
    info = {"info": {"features": {"label": names}}}
    table = table.replace_schema_metadata({"huggingface": json.dumps(info)})
    for name, options in {
        "dictionary": {},
        "plain": {"use_dictionary": False, "compression": "none"},
        "split": {"use_dictionary": False, "column_encoding": {
            "score": "BYTE_STREAM_SPLIT", "weight": "BYTE_STREAM_SPLIT", "flag": "RLE", "box.list.element": "BYTE_STREAM_SPLIT"}},
        "page-v2": {"data_page_version": "2.0", "row_group_size": 2},
    }.items():
        pq.write_table(table, out / f"{name}.parquet", **options)
    frame = table.to_pandas()
    rows = table.to_pylist()
    (out / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    frame["box"] = [json.dumps(row["box"]) for row in rows]
    frame.drop(columns=["sizes"]).to_csv(out / "rows.csv", index=False)

    size = 200
    hot = np.eye(1000, dtype=np.int64)[np.arange(size)]
    lists = pa.table({
        "image": ["../images/png-rgb.png"] * size,
        "list": pa.array([[3, 1, 2], None, [], [1, None]] + [[0]] * (size - 4), pa.list_(pa.int64())),
        "hot": pa.array(hot.tolist(), pa.list_(pa.int64())),
        "large": pa.array([2**63] * size, pa.uint64()),
        "time": pa.array([0] * size, pa.timestamp("us")),
        "struct": pa.array([{"a": 1}] * size),
        "nested": pa.array([[[1]]] * size),
    })
    pq.write_table(lists, out / "lists.parquet")

    def shown(value):
        return str(value) if type(value) is int else value

    with np.errstate(over="ignore"):
        float32 = {
            name: [float(one) for one in np.asarray(table[name].to_pylist(), np.float32).ravel()]
            for name in ["score", "weight", "box"]
        }
    # JSON has no infinity
    float32["weight"] = [str(one).replace("inf", "Infinity") for one in float32["weight"]]
    expected = {
        "values": {name: [shown(one) for one in table[name].to_pylist()] for name in table.column_names},
        "float32": float32,
    }
    (out / "expected.json").write_text(json.dumps(expected, indent=1), "utf-8")
    read = pd.read_csv(out / "rows.csv")
    assert read["label"].tolist() == table["label"].to_pylist()


if __name__ == "__main__":
    main()
