"""The n-gram: what comes next depends on the last n - 1 tokens, and on fewer where those were rarely seen.

Interpolated, modified Kneser-Ney smoothing (Kneser & Ney 1995, "Improved Backing-Off for M-gram Language Modeling";
Chen & Goodman 1999, "An Empirical Study of Smoothing Techniques for Language Modeling"). Every count is discounted,
what that frees goes to the next shorter context, and a shorter run counts not how often it occurs but after how many
different tokens: "Francisco" is frequent, yet follows little but "San".

Shape letters are those of `counts.py`; m is the length of a run, from 1 to n.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from models.baselines.baseline import Baseline
from models.baselines.counts import Chunks, Followers, count, largest_order, located, windows
from models.ops import Array
from models.tokenizers import Tokenizer


class Level:
    """The runs of one length m: what each gets of its context's probability, and what the context passes on."""

    def __init__(self, runs: Array, counts: Array, vocab_size: int) -> None:
        """Discount the counts (P,) of rising runs (P,)."""
        self.runs, self.followers = runs, Followers(runs, vocab_size)
        off = discounts(counts)[np.minimum(counts, 3) - 1]  # P
        total = self.followers.totals(counts)  # C
        self.passed_on = self.followers.totals(off) / total  # C
        self.share = (counts - off) / np.repeat(total, np.diff(self.followers.starts))  # P

    def interpolate(self, p: Array, contexts: Array) -> None:
        """Turn p (T V), what shorter contexts say, into what these contexts (T,) say; unseen ones change nothing."""
        known, places = self.followers.find(contexts)
        p[known] *= self.passed_on[places, None]
        owner, run = self.followers.spread(places)
        p[known[owner], self.followers.tokens[run]] += self.share[run]

    def follow(self, p: Array, contexts: Array, runs: Array) -> None:
        """The same for one token after each context: p (T,) of the last tokens of runs (T,)."""
        known, places = self.followers.find(contexts)
        p[known] *= self.passed_on[places]
        known, places = located(runs, self.runs)
        p[known] += self.share[places]


@dataclass(frozen=True, eq=False)
class NGram(Baseline):
    """Counted runs of n tokens; everything about shorter ones follows."""

    slug: ClassVar[str] = "ngram"
    says: ClassVar[str] = "sees the last few tokens"
    grows: ClassVar[bool] = True

    @property
    def name(self) -> str:
        """For example "5-gram"."""
        return f"{self.order}-gram"

    @property
    def order(self) -> int:
        """The length of a run, n."""
        return self.runs.order

    @property
    def reach(self) -> int:
        """What comes next depends on n - 1 tokens."""
        return max(self.order - 1, 1)

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """Runs of length 1, 2 .. n; made when first asked for."""
        runs, counts = self.runs.runs, self.runs.counts
        levels = [Level(runs, counts, self.vocab_size)]
        for m in range(self.order - 1, 0, -1):
            runs, counts = _preceded(runs, self.runs.head[: m + 1], m, self.vocab_size)
            levels.append(Level(runs, counts, self.vocab_size))
        return tuple(reversed(levels))

    def probabilities(self, tokens: Sequence[int]) -> Array:
        """Row t says what follows tokens[:t + 1], by its last n - 1 tokens: (T V)."""
        ids = self.ids(tokens)
        p = np.full((ids.size, self.vocab_size), 1 / self.vocab_size)
        self.levels[0].interpolate(p, np.zeros(ids.size, np.int64))
        for back, level in enumerate(self.levels[1:], 1):
            level.interpolate(p[back - 1 :], windows(ids, back, self.vocab_size))
        return p

    def predicted(self, tokens: Sequence[int]) -> Array:
        """The probability of each token after the first, given those before it: (T - 1,)."""
        ids = self.ids(tokens)
        p = np.full(ids.size - 1, 1 / self.vocab_size)
        self.levels[0].follow(p, np.zeros(p.size, np.int64), ids[1:])
        for back, level in enumerate(self.levels[1:], 1):
            runs = windows(ids, back + 1, self.vocab_size)
            level.follow(p[back - 1 :], runs // self.vocab_size, runs)
        return p

    @classmethod
    def count(
        cls,
        chunks: Chunks | Array,
        vocab_size: int,
        held_out: Chunks | Array = (),
        tokenizer: Tokenizer | None = None,
        order: int | None = None,
    ) -> NGram:
        """Count the runs of `order` tokens of a text; the discounts come from the counts, so nothing is held out.

        Without an order it is 5, or the most that fits a large vocabulary (4 for GPT-2's); UserError for more.
        """
        order = largest_order(vocab_size) if order is None else order
        return cls(count(chunks, order, vocab_size), tokenizer)


def discounts(counts: Array) -> Array:
    """What is taken off counts of 1, 2, and 3 or more: (3,), from how many runs occur once, twice .. four times.

    As Chen & Goodman 1999 estimate them. Where a text is too small or too even for that: one discount for all, Kneser &
    Ney's n1 / (n1 + 2 n2), and a half where even that is undefined.
    """
    n = np.bincount(np.minimum(counts, 5), minlength=6)[1:5]  # how many counts are 1, 2, 3, 4
    single = n[0] / (n[0] + 2 * n[1]) if n[0] and n[1] else 0.5
    if n.all():
        each = np.arange(1, 4)
        off = each - (each + 1) * single * n[1:] / n[:-1]
        if (off > 0).all():
            return off
    return np.full(3, single)


def _preceded(longer: Array, head: Array, m: int, vocab_size: int) -> tuple[Array, Array]:
    """Runs of m tokens and how many different tokens come before each, from the runs of m + 1.

    Nothing comes before the text's first run of m + 1, so it has no count, but it is one of the text's runs.
    """
    first = windows(head, m + 1, vocab_size)  # none at the top, where it is among `longer`
    runs = np.concatenate([longer, first[~np.isin(first, longer)]])
    return np.unique(runs % vocab_size**m, return_counts=True)
