"""Writes small Parquet files of the test images, in the ways that pyarrow and datasets store them.

    python make_parquet.py ../data ../data/parquet

`expected.json` says what is in each file: of every row the image's file in `images` (null: it has no
bytes), the path, the text or texts, and what it is called.
"""

import json
import sys
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq

NAMES = ["jpeg-7x5.jpg", "png-l-1bit.png", "jpeg-17x33.jpg", "png-1x1.png", "avif-grey.avif"]
TEXTS = ["a first text", "zwei: ü 😀", "", "four", "four"]


def main() -> None:
    data, out = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    files = [(data / "images" / name).read_bytes() for name in NAMES]
    structs = [{"bytes": file, "path": name} for file, name in zip(files, NAMES)]
    struct_type = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    hub = pa.table({"image": pa.array(structs, struct_type), "text": TEXTS})
    rows = [
        {"image": name, "path": name, "text": text, "id": name}
        for name, text in zip(NAMES, TEXTS)
    ]
    expected = {}

    def write(name: str, table: pa.Table, expected_rows: list, **options) -> None:
        pq.write_table(table, out / f"{name}.parquet", **options)
        expected[name] = expected_rows

    for compression in ["none", "snappy", "gzip", "brotli", "zstd", "lz4"]:
        options = {"compression": compression, "row_group_size": 2, "use_dictionary": ["text"]}
        write(f"hub-{compression}", hub, rows, **options)
    write("page-v2", hub, rows, data_page_version="2.0", compression="zstd", row_group_size=3)
    write(
        "page-v2-plain", hub, rows, data_page_version="2.0", compression="none", use_dictionary=False
    )
    write("dictionary", pa.concat_tables([hub, hub]), rows + rows, use_dictionary=True)
    write(
        "delta",
        hub,
        rows,
        use_dictionary=False,
        column_encoding={
            "image.bytes": "DELTA_LENGTH_BYTE_ARRAY",
            "image.path": "DELTA_BYTE_ARRAY",
            "text": "DELTA_BYTE_ARRAY",
        },
    )
    write("many-pages", hub, rows, use_dictionary=False, compression="none", data_page_size=1, write_batch_size=1)

    captions = [["one", "another"], ["only one"], ["x", "y", "z"], ["four"], ["five", "fünf"]]
    keys = [f"key/{i}" for i in range(len(NAMES))]
    schema = pa.schema(
        [
            pa.field("__key__", pa.string(), nullable=False),
            pa.field("jpg", pa.binary(), nullable=False),
            pa.field("captions", pa.list_(pa.string())),
            pa.field("width", pa.int32()),
        ]
    )
    plain = pa.table(
        {"__key__": keys, "jpg": files, "captions": captions, "width": [1, 2, 3, 4, None]},
        schema=schema,
    )
    plain_rows = [
        {"image": name, "path": None, "text": texts, "id": key}
        for name, texts, key in zip(NAMES, captions, keys)
    ]
    write("bytes", plain, plain_rows, compression="none", use_dictionary=False)
    write("bytes-snappy", plain, plain_rows, compression="snappy")

    # paths in place of bytes, and rows that cannot be read: see "problem"
    odd = [
        {"bytes": None, "path": f"../images/{NAMES[0]}"},
        None,
        {"bytes": None, "path": None},
        {"bytes": files[3], "path": NAMES[3]},
        {"bytes": None, "path": "below/image.jpg"},
    ]
    table = pa.table({"image": pa.array(odd, struct_type), "text": ["a", "b", "c", None, "e"]})
    odd_rows = [
        {"problem": "leads out"},
        {"problem": "no image"},
        {"problem": "no image"},
        {"problem": "no text"},
        {"image": None, "path": "below/image.jpg", "text": "e", "id": "below/image.jpg"},
    ]
    write("odd", table, odd_rows, compression="none", use_dictionary=False)
    write("odd-snappy", table, odd_rows, compression="snappy", row_group_size=2)
    write("other-columns", pa.table({"a": [1, 2], "b": ["x", "y"]}), [])
    write("empty", hub.slice(0, 0), [])

    features = datasets.Features({"image": datasets.Image(), "text": datasets.Value("string")})
    dataset = datasets.Dataset.from_dict({"image": structs, "text": TEXTS}, features=features)
    dataset.to_parquet(out / "datasets.parquet", batch_size=3)
    expected["datasets"] = rows

    with open(out / "expected.json", "w", encoding="utf8") as file:
        json.dump(expected, file, ensure_ascii=False, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
