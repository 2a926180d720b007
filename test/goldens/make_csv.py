"""Separated values, and what Python's csv module reads of them.

    python make_csv.py OUT        # writes OUT/csv.jsonl

A line is {"text", "rows"}: rows without the header and without empty lines; null for one that has
not the header's two fields. All quotes are closed. Standard library only.
"""

import csv
import io
import json
import random
import sys
from pathlib import Path

HEADER = "image,text\n"
END = "\nlast.jpg,last\n"  # is read as a row of its own unless a quote before it is open
PIECES = ["a", "b c", "é", ",", ",", '"', '"', '""', "\n", "\r", "\r\n", ";", " ", "0.jpg,"]


def read(text: str) -> list[list[str]]:
    return [row for row in csv.reader(io.StringIO(text, newline="")) if row]


def main() -> None:
    draw = random.Random(7)
    lines = []
    while len(lines) < 400:
        text = HEADER + "".join(draw.choices(PIECES, k=draw.randint(1, 24))) + END
        rows = read(text)[1:]
        if rows[-1] != ["last.jpg", "last"]:
            continue
        rows = [row if len(row) == 2 else None for row in rows]
        lines.append(json.dumps({"text": text, "rows": rows}, ensure_ascii=False))
    Path(sys.argv[1], "csv.jsonl").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
