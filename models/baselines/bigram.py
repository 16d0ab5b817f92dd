"""The bigram Markov chain: what comes next depends on the last token alone (Markov 1913; Shannon 1948, section 3).

Add-k smoothing (Lidstone 1920; Chen & Goodman 1999, section 2.1): every pair counts k more than it was seen, and k is
what serves a held-out text best (Jelinek & Mercer 1980).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from models.baselines.baseline import Baseline
from models.baselines.counts import Chunks, Counts, Followers, count, enough, tally, windows
from models.baselines.stream import count_pairs
from models.corpora.text import divide
from models.errors import UserError
from models.ops import Array

if TYPE_CHECKING:
    from models.tokenizers import Tokenizer

MIN_K, MAX_K = 1e-6, 1e3
MAX_TABLE = 4096  # tokens for which the whole V x V table is made: 134 MB


@dataclass(frozen=True, eq=False)
class Bigram(Baseline):
    """Counted pairs and the k that is added to each. Made by `count`, `count_file` or `load`."""

    slug: ClassVar[str] = "bigram"
    fields: ClassVar[Mapping[str, str]] = {
        "sizes": "I64", "head": "I64", "runs": "U8", "counts": "U8", "k": "F64",
    }  # fmt: skip
    name: ClassVar[str] = "bigram"
    reach: ClassVar[int] = 1

    pairs: Counts
    k: float
    tokenizer: Tokenizer | None = None

    @property
    def vocab_size(self) -> int:
        """V."""
        return self.pairs.vocab_size

    @cached_property
    def followers(self) -> Followers:
        """The pairs by their first token."""
        return Followers(self.pairs.runs, self.vocab_size)

    @property
    def counts(self) -> Array:
        """How often column b followed row a: (V V) int64; UserError if that table is too large to make."""
        return self._rows(self._all())

    def table(self) -> Array:
        """The probability that column b follows row a: (V V); UserError if that table is too large to make."""
        return self._smoothed(self.counts)

    def probs(self, token: int) -> Array:
        """What follows the token: (V,) probabilities."""
        return self.probabilities([token])[0]

    def probabilities(self, tokens: Sequence[int]) -> Array:
        """Row t says what follows tokens[t]: (T V)."""
        return self._smoothed(self._rows(self.ids(tokens)))

    def predicted(self, tokens: Sequence[int]) -> Array:
        """The probability of each token after the first, given the one before it: (T - 1,)."""
        ids = self.ids(tokens)
        seen, total = _evidence(self.pairs, windows(ids, 2, self.vocab_size))
        return (seen + self.k) / (total + self.k * self.vocab_size)

    @classmethod
    def count(
        cls, chunks: Chunks | Array, vocab_size: int, held_out: Chunks | Array = (), tokenizer: Tokenizer | None = None
    ) -> Bigram:
        """Count the pairs of a text and choose k on `held_out`; without a pair to try it on, k is 1 (Laplace)."""
        pairs = count(chunks, 2, vocab_size)
        return cls(pairs, _best_k(pairs, tally(held_out, 2, vocab_size)), tokenizer)

    @classmethod
    def count_file(cls, path: str | os.PathLike[str], tokenizer: Tokenizer, fraction: float = 0.9) -> Bigram:
        """As every baseline does; characters are counted without making tokens of them."""
        if tokenizer.kind != "char":
            return super().count_file(path, tokenizer, fraction)
        border = divide(path, fraction)
        pairs = enough(count_pairs(path, tokenizer, stop=border))
        return cls(pairs, _best_k(pairs, count_pairs(path, tokenizer, start=border)), tokenizer)

    def arrays(self) -> dict[str, Array]:
        """What its file holds: see `Counts.arrays`, and k."""
        return {**self.pairs.arrays(), "k": np.array([self.k])}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array], tokenizer: Tokenizer | None, what: str) -> Bigram:
        """The reverse; UserError naming `what` for impossible numbers."""
        pairs, k = Counts.from_arrays(arrays, what), arrays["k"]
        if pairs.order != 2:
            raise UserError(f"{what} counts runs of {pairs.order}, not pairs", "count the text again")
        if k.shape != (1,) or not MIN_K <= k[0] <= MAX_K:
            raise UserError(f"{what} has no k from {MIN_K:g} to {MAX_K:g}", "count the text again")
        return cls(pairs, float(k[0]), tokenizer)

    def _all(self) -> Array:
        if self.vocab_size > MAX_TABLE:
            size = f"{self.vocab_size:,} x {self.vocab_size:,}"
            raise UserError(f"a table of {size} is too large to show", "ask for single rows with probs(token)")
        return np.arange(self.vocab_size)

    def _rows(self, tokens: Array) -> Array:
        """Counts of what followed each of tokens (T,): (T V)."""
        rows = np.zeros((tokens.size, self.vocab_size), np.int64)
        known, places = self.followers.find(tokens)
        owner, pair = self.followers.spread(places)
        rows[known[owner], self.followers.tokens[pair]] = self.pairs.counts[pair]
        return rows

    def _smoothed(self, rows: Array) -> Array:
        """Add-k probabilities of counts (T V)."""
        return (rows + self.k) / (rows.sum(-1, keepdims=True) + self.k * self.vocab_size)


def _best_k(pairs: Counts, tests: Counts) -> float:
    """The k under which the held-out pairs are likeliest, to 1 %: a grid over powers of ten, narrowed five times."""
    if not tests.runs.size:
        return 1.0
    seen, total = _evidence(pairs, tests.runs)

    def loss(k: float) -> float:
        return -float(tests.counts @ (np.log(seen + k) - np.log(total + k * pairs.vocab_size)))

    low, high = MIN_K, MAX_K
    for _ in range(5):
        grid = np.geomspace(low, high, 19)
        best = int(np.argmin([loss(k) for k in grid]))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, 18)]
    return float(min(max(grid[best], MIN_K), MAX_K))


def _evidence(pairs: Counts, tests: Array) -> tuple[Array, Array]:
    """For each tested pair (P,): how often it was seen, and how often its first token was followed by anything."""
    at = np.minimum(np.searchsorted(pairs.runs, tests), pairs.runs.size - 1)
    seen = np.where(pairs.runs[at] == tests, pairs.counts[at], 0)
    followers = Followers(pairs.runs, pairs.vocab_size)
    known, places = followers.find(tests // pairs.vocab_size)
    total = np.zeros(tests.size, np.int64)
    total[known] = followers.totals(pairs.counts)[places]
    return seen, total
