"""Writes small Parquet and Arrow files of conversations, of the shapes that data sets of the hub have.

    python make_conversation_tables.py ../data ../data/conversation-tables

`expected.json` has of each file by name the rows as `datasets` gives them, in Parquet and Arrow alike; in place of an image's
bytes is the name of its file.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq

NAMES = ["jpeg-7x5.jpg", "png-1x1.png", "png-l-1bit.png"]

MESSAGES = pa.list_(pa.struct([("content", pa.string()), ("role", pa.string())]))
IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
LLAVA_PART = pa.struct([("index", pa.int64()), ("text", pa.string()), ("type", pa.string())])
LLAVA = pa.list_(pa.struct([("content", pa.list_(LLAVA_PART)), ("role", pa.string())]))
OWN_PART = pa.struct([("image", IMAGE), ("text", pa.string()), ("type", pa.string())])
OWN = pa.list_(pa.struct([("role", pa.string()), ("content", pa.list_(OWN_PART))]))
FROM = pa.list_(pa.struct([("from", pa.string()), ("value", pa.string())]))


def message(role: str, content: Any) -> dict:
    return {"role": role, "content": content}


def text(words: str) -> dict:
    return {"type": "text", "text": words}


def main() -> None:
    data, out = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    files = {(data / "images" / name).read_bytes(): name for name in NAMES}
    images = [{"bytes": file, "path": None} for file in files]
    expected = {}

    def named(value: Any) -> Any:
        if isinstance(value, bytes):
            return files[value]
        if isinstance(value, dict):
            return {key: named(one) for key, one in value.items()}
        return [named(one) for one in value] if isinstance(value, list) else value

    def write(name: str, schema: dict, rows: list, rows_in_group: int = 2, **options) -> None:
        table = pa.Table.from_pylist(rows, pa.schema(schema))
        path = out / f"{name}.parquet"
        pq.write_table(table, path, row_group_size=rows_in_group, **options)
        with pa.OSFile(str(out / f"{name}.arrow"), "wb") as sink:
            with pa.ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table, max_chunksize=rows_in_group)
        with tempfile.TemporaryDirectory() as cache:
            read = datasets.load_dataset("parquet", data_files=str(path), split="train", cache_dir=cache)
            expected[name] = [named(row) for row in read]

    # HuggingFaceH4/llava-instruct-mix-vsft
    asked = [{"index": None, **text("What is\nthis?")}, {"index": 0, "type": "image"}]
    again = [{"index": None, **text("And\u00a0now? \U0001f431")}]
    answered = [{"index": None, **text("A cat.")}]
    write(
        "llava-instruct-mix-vsft",
        {"messages": LLAVA, "images": pa.list_(IMAGE)},
        [
            {"messages": [message("user", asked), message("assistant", answered)] * n
             + [message("user", again), message("assistant", answered)],
             "images": (images * n)[:n]}
            for n in [1, 2, 0, 3, 1]
        ],
    )
    # liuhaotian/LLaVA-Instruct with images
    write(
        "from-value",
        {"id": pa.string(), "image": IMAGE, "conversations": FROM},
        [
            {"id": "a", "image": images[0], "conversations": [
                {"from": "human", "value": "<image>\nWhat?"}, {"from": "gpt", "value": "A cat."}]},
            {"id": "b", "image": None, "conversations": [
                {"from": "human", "value": "Hello"}, {"from": "gpt", "value": "Hi."}]},
            {"id": "c", "image": images[2], "conversations": [
                {"from": "human", "value": "Where?\n<image>"}, {"from": "gpt", "value": "There."}]},
        ],
        compression="none",
        use_dictionary=False,
    )
    # trl-lib/Capybara, and of its like prompt and completion
    write(
        "capybara",
        {"source": pa.string(), "messages": MESSAGES, "num_turns": pa.int64()},
        [
            {"source": "s", "num_turns": n, "messages": [
                message(role, f"{role} {turn}") for turn in range(n) for role in ("user", "assistant")]}
            for n in [1, 3, 2, 40, 1]
        ],
        rows_in_group=3,
        data_page_size=64,
        write_batch_size=1,
        data_page_version="2.0",
    )
    write(
        "prompt-completion",
        {"prompt": MESSAGES, "completion": MESSAGES},
        [{"prompt": [message("system", "Be brief."), message("user", "Hello")], "completion": [message("assistant", "Hi.")]},
         {"prompt": [message("user", "And?")], "completion": [message("assistant", "")]}],
    )
    # HuggingFaceH4/ultrafeedback_binarized
    write(
        "ultrafeedback_binarized",
        {"prompt": pa.string(), "prompt_id": pa.string(), "chosen": MESSAGES, "rejected": MESSAGES,
         "messages": MESSAGES, "score_chosen": pa.float64(), "score_rejected": pa.float64()},
        [
            {"prompt": None, "prompt_id": f"{n}", "score_chosen": 8.5, "score_rejected": n / 2,
             "chosen": [message("user", "Which?"), message("assistant", "This one.")],
             "rejected": [message("user", "Which?"), message("assistant", f"No. {n}")],
             "messages": [message("user", "Which?"), message("assistant", "This one.")]}
            for n in range(3)
        ],
    )
    # images in the parts themselves
    write(
        "images-in-parts",
        {"messages": OWN},
        [
            {"messages": [message("user", [{"type": "image", "image": images[0]}, text("What?")]),
                          message("assistant", [text("A cat.")])]},
            {"messages": [message("user", [text("Or?"), {"type": "image", "image": {"bytes": None, "path": "png-1x1.png"}}]),
                          message("assistant", [text("A dot.")])]},
            {"messages": [message("user", [{"type": "image", "image": {"bytes": None, "path": "../png-1x1.png"}}]),
                          message("assistant", [text("A dot.")])]},
        ],
    )
    # what is null, empty or missing, at each level
    words = {"prompt": "a", "completion": "b"}
    write(
        "nothing",
        {"prompt": pa.string(), "completion": pa.string(), "parts": OWN, "tags": pa.list_(pa.list_(pa.string())), "meta": pa.struct([("a", pa.struct([("b", pa.list_(pa.bool_()))]))])},
        [
            {**words, "parts": None, "tags": None, "meta": None},
            {**words, "parts": [], "tags": [], "meta": {"a": None}},
            {**words, "parts": [None], "tags": [None, [], ["x", None, "y"], ["z"]], "meta": {"a": {"b": None}}},
            {**words, "parts": [message("user", None), message(None, []), message("user", [None, text("t")])],
             "tags": [[]], "meta": {"a": {"b": [True, None, False]}}},
            {**words, "parts": [message("user", [text("a")]), None], "tags": [["a"], ["b", "c"]], "meta": {"a": {"b": []}}},
        ],
    )
    (out / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
