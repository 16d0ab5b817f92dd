"""Whose tokens are the same, and who has the words of the little world."""

from __future__ import annotations

from models.corpora.little_world import world
from models.tokenizers import Tokenizer


def knows_the_world(tokenizer: Tokenizer) -> bool:
    """Whether it has every word of the little world."""
    return tokenizer.kind == "word" and all(word in tokenizer.ids for word in world().vocabulary)


def same(a: Tokenizer | None, b: Tokenizer | None) -> bool:
    """Whether two tokenizers number the same tokens alike."""
    return a is not None and b is not None and a.kind == b.kind and a.ids == b.ids
