"""Texts to padded ids: the standard preset's cleaning, then the `tokenizers` package."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from contender import Options

NOT_ALPHANUMERIC = re.compile(r"[^a-zA-Z0-9\s]")


def clean(text: str) -> str:
    return NOT_ALPHANUMERIC.sub("", text.lower())


def open_tokenizer(options: Options) -> Tokenizer:
    folder = Path(options.tokenizer_folder)
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf8"))
    pad_token = config.get("pad_token")
    if not isinstance(pad_token, str):
        pad_token = "[PAD]"
    tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(options.max_length)
    tokenizer.enable_padding(
        length=options.max_length, pad_id=tokenizer.token_to_id(pad_token) or 0, pad_token=pad_token
    )
    return tokenizer


class TextEncoder:
    """Whole batches, which the package spreads over its own threads."""

    def __init__(self, options: Options) -> None:
        self._tokenizer = open_tokenizer(options)

    def encode(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        encodings = self._tokenizer.encode_batch([clean(text) for text in texts])
        input_ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        attention_mask = np.array(
            [encoding.attention_mask for encoding in encodings], dtype=np.int64
        )
        return input_ids, attention_mask
