"""A byte-level BPE of any size that nobody learned: for measuring with as many tokens as GPT-2 has."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from models.formats import tokenizer_json as form
from models.tokenizers import Tokenizer

END = "<|endoftext|>"
LETTERS = "etaoinshrdlcumwfgypbvk"


def made_up(vocab_size: int) -> Tokenizer:
    """The bytes, letters merged to ever longer pieces, with a blank before them first, and the end of a text."""
    begun = list(form.byte_symbols())
    pieces = [*islice(_pieces(), vocab_size - len(begun) - 1)]
    vocab = {token: number for number, token in enumerate([*begun, *pieces])}
    model = {"type": "BPE", "vocab": vocab, "merges": [[piece[:-1], piece[-1]] for piece in pieces]}
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False) | {"special": True}
    spec = form.spec(model, form.BYTE_LEVEL, form.BYTE_LEVEL) | {
        "added_tokens": [{"content": END, "id": len(vocab), **flags}]
    }
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "tokenizer.json").write_text(json.dumps(spec), encoding="utf-8")
        return Tokenizer.load(folder)


def _pieces() -> Iterator[str]:
    level = ["Ġ", *LETTERS]  # the first stands for a blank
    while True:
        level = [piece + letter for piece in level for letter in LETTERS]
        yield from level
