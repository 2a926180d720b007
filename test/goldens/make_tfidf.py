"""Expected values of token weights, by scikit-learn.

    python make_tfidf.py DATA OUT        # reads DATA/*/tokenizer.json, writes OUT/tfidf.jsonl

A line is {"tokenizer", "max_length", "norm", "fitted", "held_out", "idf", "weights"}: TfidfTransformer,
fitted on the counts of the token ids of the texts `fitted`, cut to `max_length`, special tokens not
counted. `idf` is [id, value] of each id in these texts; `weights` has, for each text of `fitted` and then
of `held_out`, [id, value] of each of its ids.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfTransformer
from tokenizers import Tokenizer

FITTED = [
    "a red circle",
    "a red circle above a red square",
    "two blue squares on a green background",
    "the dog, the cat and the other dog",
    "",
    "a",
    "a a a a a a a b",
    "[SEP] a word that looks special [PAD] [UNK]",
    "\U0001f534 unknown \U0001f7e6 \u4e16\u754c",
    "three small dogs sitting next to the farmer's wooden bench, which is longer than a row may be",
    "unphotographed, reddish-greenish octagonality",
    "a red circle",
]
HELD_OUT = ["a purple triangle", "red red red dog", "zebra \U0001f600", ""]
MAX_LENGTH = 16


def counts_of(texts: list[str], tokenizer: Tokenizer, special: set[int], size: int) -> csr_matrix:
    rows = [[i for i in tokenizer.encode(text).ids if i not in special] for text in texts]
    cells = [(row, i) for row, ids in enumerate(rows) for i in ids]
    indices = np.array(cells, dtype=np.int64).reshape(-1, 2).T
    return csr_matrix((np.ones(len(cells)), tuple(indices)), shape=(len(texts), size))


def lines(data: Path) -> Iterator[dict[str, object]]:
    for path in sorted(data.glob("*/tokenizer.json")):
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.no_padding()
        config = json.loads(path.with_name("tokenizer_config.json").read_text(encoding="utf8"))
        tokenizer.enable_truncation(MAX_LENGTH, direction=config.get("truncation_side", "right"))
        special = {i for i, token in tokenizer.get_added_tokens_decoder().items() if token.special}
        size = max(tokenizer.get_vocab().values()) + 1
        fitted = counts_of(FITTED, tokenizer, special, size)
        every = counts_of(FITTED + HELD_OUT, tokenizer, special, size)
        for norm in ("l2", None):
            transformer = TfidfTransformer(norm=norm).fit(fitted)
            weights = transformer.transform(every)
            weights.sort_indices()
            rows = [weights[row] for row in range(weights.shape[0])]
            used = np.unique(fitted.indices)
            yield {
                "tokenizer": path.parent.name,
                "max_length": MAX_LENGTH,
                "norm": norm,
                "fitted": FITTED,
                "held_out": HELD_OUT,
                "idf": [[int(i), float(transformer.idf_[i])] for i in used],
                "weights": [list(zip(row.indices.tolist(), row.data.tolist())) for row in rows],
            }


def main() -> None:
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    with (out / "tfidf.jsonl").open("w", encoding="ascii", newline="\n") as file:
        for line in lines(data):
            file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
