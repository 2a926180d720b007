"""Rows joined to one sequence by transformers' DataCollatorWithFlattening.

make_sequences.py test/data/goldens
"""

import json
import random
import sys
from pathlib import Path

from transformers import DataCollatorWithFlattening

draw = random.Random(18)
collate = DataCollatorWithFlattening(return_flash_attn_kwargs=True, return_seq_idx=True)
lines = []
for count in (1, 2, 5):
    rows = []
    for _ in range(count):
        length = draw.randint(1, 9)
        ids = [draw.randint(1, 999) for _ in range(length)]
        rows.append({"input_ids": ids, "labels": [i if draw.random() < 0.6 else -100 for i in ids]})
    batch = collate(rows, return_tensors="np")
    joined = {name: value.tolist() if hasattr(value, "tolist") else value for name, value in batch.items()}
    lines.append(json.dumps({"rows": rows, "joined": joined}))
Path(sys.argv[1], "sequences.jsonl").write_text("\n".join(lines) + "\n")
