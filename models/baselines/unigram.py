"""The unigram: what comes next depends on nothing before it, only on how often each token occurs (Shannon 1948)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from models.baselines.add_k import AddK
from models.baselines.baseline import Baseline
from models.baselines.bigram import Bigram
from models.ops import Array


@dataclass(frozen=True, eq=False)
class Unigram(AddK):
    """Counted tokens and the k that is added to each; beside a bigram, made by `derived`."""

    slug: ClassVar[str] = "unigram"
    says: ClassVar[str] = "sees no token at all"
    name: ClassVar[str] = slug
    order: ClassVar[int] = 1

    def contexts(self, ids: Array) -> Array:
        """Nothing, which is the same everywhere: (T,)."""
        return np.zeros_like(ids)

    def probabilities(self, tokens: Sequence[int]) -> Array:
        """The same for every token: (T V)."""
        (row,) = super().probabilities([0])
        return np.tile(row, (self.ids(tokens).size, 1))

    @classmethod
    def derived(cls, found: Iterable[Baseline]) -> Self | None:
        """From a bigram: its pairs hold every token of the text. Nothing is held out then, so k is 1."""
        bigram = next((each for each in found if isinstance(each, Bigram)), None)
        return None if bigram is None else cls(bigram.runs.of_one(), bigram.tokenizer)
