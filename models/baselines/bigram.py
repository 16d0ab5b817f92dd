"""The bigram Markov chain: what comes next depends on the last token alone (Markov 1913; Shannon 1948, section 3)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import ClassVar, Self

from models.baselines.add_k import AddK
from models.baselines.counts import enough
from models.baselines.stream import count_pairs
from models.corpora.text import divide
from models.ops import Array
from models.tokenizers import Tokenizer


@dataclass(frozen=True, eq=False)
class Bigram(AddK):
    """Counted pairs and the k that is added to each."""

    slug: ClassVar[str] = "bigram"
    says: ClassVar[str] = "sees only the last token"
    name: ClassVar[str] = slug
    order: ClassVar[int] = 2

    def contexts(self, ids: Array) -> Array:
        """The token itself: (T,)."""
        return ids

    @classmethod
    def count_file(cls, path: str | os.PathLike[str], tokenizer: Tokenizer, fraction: float = 0.9) -> Self:
        """As every baseline does; characters are counted without making tokens of them."""
        if tokenizer.kind != "char":
            return super().count_file(path, tokenizer, fraction)
        border = divide(path, fraction)
        pairs = enough(count_pairs(path, tokenizer, stop=border))
        return cls.fitted(pairs, count_pairs(path, tokenizer, start=border), tokenizer)
