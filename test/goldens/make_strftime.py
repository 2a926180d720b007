"""Dates as datetime.strftime() of Python writes them, in the C locale.

    python make_strftime.py OUT

writes OUT/strftime.jsonl: year, month, day, hour, minute, second, millisecond, and each format with its text.
"""

import json
import sys
from datetime import datetime
from pathlib import Path

DATES = [
    (2024, 2, 29, 0, 5, 9, 7),
    (2023, 12, 31, 12, 0, 0, 0),
    (2001, 1, 1, 23, 59, 59, 999),
    (2026, 10, 11, 9, 30, 45, 120),
    (1999, 3, 7, 13, 8, 1, 50),
]
MONTHS = [(2025, month, 20 + month % 7, month, 0, 0, 0) for month in range(1, 13)]
PARTS = "YymdebhBaAwujHIMSfpFTRDnt%"
BARE = "dmHIMSjy"


def main(out: Path) -> None:
    formats = [f"%{part}" for part in PARTS] + [f"%-{part}" for part in BARE] + ["on %d %b, %%d"]
    lines = []
    for date in DATES + MONTHS:
        *parts, milliseconds = date
        at = datetime(*parts, 1000 * milliseconds)
        lines.append({"date": date, "texts": {one: at.strftime(one) for one in formats}})
    (out / "strftime.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
