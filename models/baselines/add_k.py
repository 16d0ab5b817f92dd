"""Add-k smoothing: every run that could be counts k more than it was seen (Lidstone 1920; Chen & Goodman 1999, 2.1).

k is what serves a held-out text best (Jelinek & Mercer 1980). The bigram and the unigram are smoothed so.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from models.baselines.baseline import Baseline
from models.baselines.counts import Chunks, Counts, count, tally
from models.errors import UserError
from models.ops import Array
from models.tokenizers import Tokenizer

MIN_K, MAX_K = 1e-6, 1e3


@dataclass(frozen=True, eq=False)
class AddK(Baseline):
    """Counted runs of one length and the k that is added to each."""

    order: ClassVar[int]  # the length of a run
    fields: ClassVar[Mapping[str, str]] = {**Baseline.fields, "k": "F64"}
    reach: ClassVar[int] = 1

    k: float = 1.0  # Laplace's

    @abstractmethod
    def contexts(self, ids: Array) -> Array:
        """A run's beginning for what follows each of the tokens (T,): (T,)."""

    def probabilities(self, tokens: Sequence[int]) -> Array:
        """Row t says what follows tokens[:t + 1]: (T V)."""
        rows = self.seen_after(self.contexts(self.ids(tokens)))
        return (rows + self.k) / (rows.sum(-1, keepdims=True) + self.k * self.vocab_size)

    def predicted(self, tokens: Sequence[int]) -> Array:
        """The probability of each token after the first, given the one before it: (T - 1,)."""
        ids = self.ids(tokens)
        seen, total = self.runs.evidence(self.contexts(ids[:-1]) * self.vocab_size + ids[1:])
        return (seen + self.k) / (total + self.k * self.vocab_size)

    @classmethod
    def count(
        cls, chunks: Chunks | Array, vocab_size: int, held_out: Chunks | Array = (), tokenizer: Tokenizer | None = None
    ) -> Self:
        """Count the runs of a text and choose k on `held_out`; without a run to try it on, k is 1."""
        return cls.fitted(count(chunks, cls.order, vocab_size), tally(held_out, cls.order, vocab_size), tokenizer)

    @classmethod
    def fitted(cls, runs: Counts, tests: Counts, tokenizer: Tokenizer | None) -> Self:
        """With the k under which the held-out runs are likeliest."""
        return cls(runs, tokenizer, _best_k(runs, tests))

    def arrays(self) -> dict[str, Array]:
        """The counts, and k."""
        return {**super().arrays(), "k": np.array([self.k])}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array], tokenizer: Tokenizer | None, what: str) -> Self:
        """The reverse; UserError naming `what` for impossible numbers."""
        runs, k = Counts.from_arrays(arrays, what), arrays["k"]
        if runs.order != cls.order:
            raise UserError(f"{what} counts runs of {runs.order} tokens, not of {cls.order}", "count the text again")
        if k.shape != (1,) or not MIN_K <= k[0] <= MAX_K:
            raise UserError(f"{what} has no k from {MIN_K:g} to {MAX_K:g}", "count the text again")
        return cls(runs, tokenizer, float(k[0]))

    def seen_after(self, contexts: Array) -> Array:
        """How often each token followed each of contexts (T,): (T V) int64."""
        rows = np.zeros((contexts.size, self.vocab_size), np.int64)
        followers = self.runs.followers
        known, places = followers.find(contexts)
        owner, run = followers.spread(places)
        rows[known[owner], followers.tokens[run]] = self.runs.counts[run]
        return rows


def _best_k(runs: Counts, tests: Counts) -> float:
    """The k under which the tested runs are likeliest, to 1 %: a grid over powers of ten, narrowed five times."""
    if not tests.runs.size:
        return AddK.k
    seen, total = runs.evidence(tests.runs)

    def loss(k: float) -> float:
        return -float(tests.counts @ (np.log(seen + k) - np.log(total + k * runs.vocab_size)))

    low, high = MIN_K, MAX_K
    for _ in range(5):
        grid = np.geomspace(low, high, 19)
        best = int(np.argmin([loss(k) for k in grid]))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, 18)]
    return float(min(max(grid[best], MIN_K), MAX_K))
