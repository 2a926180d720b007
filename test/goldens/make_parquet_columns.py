"""Writes small Parquet files whose columns are of the kinds that people have, beside bytes and texts.

    python make_parquet_columns.py ../data ../data/parquet-columns

`expected.json` says what is in each file: of every row the image's file in `images` where it has bytes,
or the path; the text or texts, null where the row is bad; and the words that its error has.
"""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

NAMES = ["jpeg-7x5.jpg", "png-1x1.png", "png-l-1bit.png"]


def main() -> None:
    data, out = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    files = [(data / "images" / name).read_bytes() for name in NAMES]
    struct_type = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    structs = pa.array([{"bytes": file, "path": None} for file in files], struct_type)
    expected = {}

    def write(name: str, table: pa.Table, rows: list, **options) -> None:
        pq.write_table(table, out / f"{name}.parquet", **options)
        expected[name] = rows

    def rows_of(texts: list, **more) -> list:
        return [{"image": name, "text": text, **more} for name, text in zip(NAMES, texts)]

    def with_features(table: pa.Table, features: dict) -> pa.Table:
        # as datasets.Dataset.to_parquet keeps them
        info = {"info": {"features": features}}
        return table.replace_schema_metadata({"huggingface": json.dumps(info)})

    classes = {"names": ["cat", "dog", "bird"], "_type": "ClassLabel"}
    labels = pa.table({"image": structs, "label": pa.array([2, 0, -1], pa.int64())})
    labelled = rows_of(["bird", "cat", None])
    labelled[2]["problem"] = "label: expected the number of one of 3 classes, got -1"
    write("class-label", with_features(labels, {"label": classes}), labelled)
    several = pa.table({"image": structs, "label": pa.array([[0, 1], [2], [1]], pa.list_(pa.int64()))})
    for kind, feature in [("list", {"feature": classes, "_type": "List"}), ("sequence", [classes])]:
        table = with_features(several, {"label": feature})
        write(f"class-labels-{kind}", table, rows_of([["cat", "dog"], ["bird"], ["dog"]]))
    write("numbers", labels, rows_of(["2", "0", "-1"]))
    large = [2**63 - 1, -(2**63), 0]
    for name, encoding in [("int64", "PLAIN"), ("int64-delta", "DELTA_BINARY_PACKED")]:
        table = pa.table({"image": structs, "label": pa.array(large, pa.int64())})
        options = {"use_dictionary": False, "column_encoding": {"label": encoding}}
        write(name, table, rows_of([str(one) for one in large]), **options)
    unsigned = [2**32 - 1, 0, 7]
    for name, encoding in [("uint32", "PLAIN"), ("uint32-delta", "DELTA_BINARY_PACKED")]:
        table = pa.table({"image": structs, "label": pa.array(unsigned, pa.uint32())})
        options = {"use_dictionary": False, "column_encoding": {"label": encoding}}
        write(name, table, rows_of([str(one) for one in unsigned]), **options)

    texts = ["one", "two", "three"]
    paths = [{"path": f"below/{name}", "text": text} for name, text in zip(NAMES, texts)]
    for column in ["image", "image_path", "file_name"]:
        table = pa.table({column: [row["path"] for row in paths], "text": texts})
        write(f"paths-{column}", table, paths)
    write("paths-plain", pa.table({"image": [row["path"] for row in paths], "text": texts}), paths,
          compression="none", use_dictionary=False)
    urls = ["ftp://example.org/a.jpg", "gs://bucket/a.jpg", "data:image/png;base64,AAAA"]
    problems = ["a URL of another kind than http", "a URL of another kind", "a data: URL"]
    refused = [{"text": None, "problem": problem} for problem in problems]
    write("paths-urls", pa.table({"image": urls, "text": texts}), refused)

    # a list with an image missing, an empty one, none
    lists = [[0, None, 1], [], None, [2]]
    captions = [*texts, "four"]

    def lists_of(make, of: pa.DataType) -> pa.Table:
        images = [own and [None if i is None else make(i) for i in own] for own in lists]
        return pa.table({"images": pa.array(images, pa.list_(of)), "text": captions})

    def listed(make) -> list:
        return [{"images": [None if i is None else make(i) for i in own or []], "text": text}
                for own, text in zip(lists, captions)]

    structs_of = lists_of(lambda i: {"bytes": files[i], "path": None}, struct_type)
    for name, options in [("", {}), ("-plain", {"compression": "none", "use_dictionary": False})]:
        write(f"several-images{name}", structs_of, listed(lambda i: NAMES[i]), **options)
    write("several-bytes", lists_of(lambda i: files[i], pa.binary()), listed(lambda i: NAMES[i]))
    below = [f"below/{name}" for name in NAMES]
    write("several-paths", lists_of(lambda i: below[i], pa.string()),
          [{"paths": row.pop("images"), **row} for row in listed(lambda i: below[i])])
    keys = ["a/1", "a/2", "a/3"]
    shard = pa.table({"jpg": structs, "txt": texts, "__key__": keys})
    write("webdataset", shard, [{**row, "id": key} for row, key in zip(rows_of(texts), keys)])

    # not UTF-8, which Arrow writes as it is given
    raw = pa.array([b"caf\xe9", b"caf\xc3\xa9", b"\xef\xbf\xbd"], pa.binary())
    damaged = pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())
    latin = rows_of([None, "café", "\ufffd"])
    latin[0]["problem"] = "text: this is not UTF-8"
    for name, options in [("", {}), ("-plain", {"compression": "none", "use_dictionary": False})]:
        write(f"latin-1{name}", pa.table({"image": structs, "text": damaged}), latin, **options)

    with open(out / "expected.json", "w", encoding="utf8") as file:
        json.dump(expected, file, ensure_ascii=False, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
