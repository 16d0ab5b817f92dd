"""How often each run of tokens occurs in a text: what every baseline here is made of.

A run of n tokens is one number, its tokens read as digits to base V. So counting is sorting, looking up is bisection,
the end of a run is a remainder, and memory grows with the number of different runs, whatever the length of the text.

Shape letters: T tokens, V vocabulary, P different runs, C different contexts (a run without its last token).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from models.errors import UserError
from models.formats.arrays import pack, unpack
from models.ops import Array

Chunks: TypeAlias = Iterable[Array]

PIECE = 1 << 20  # tokens counted at a time
MAX_ORDER = 5
MAX_TOTAL = 1 << 53  # so that a float64 holds every count exactly


@dataclass(frozen=True, eq=False)
class Counts:
    """The counted runs of `order` tokens of a text; `count` makes them, `arrays` and `from_arrays` store them."""

    order: int
    vocab_size: int
    runs: Array  # P, int64, rising
    counts: Array  # P, int64, each at least 1
    head: Array  # order - 1, int64: the text's first tokens, whose shorter runs nothing comes before

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""
        return int(self.runs.nbytes + self.counts.nbytes)

    def arrays(self) -> dict[str, Array]:
        """What a file holds: the gaps between runs and the counts, packed (see `formats.arrays`)."""
        return {
            "sizes": np.array([self.order, self.vocab_size], np.int64),
            "head": self.head,
            "runs": pack(np.diff(self.runs, prepend=-1) - 1),
            "counts": pack(self.counts - 1),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Array], what: str) -> Counts:
        """What `arrays` gave; UserError naming `what` unless every number is possible."""
        if arrays["sizes"].shape != (2,):
            raise UserError(f"{what} does not say what was counted", "the file is damaged")
        order, vocab_size = map(int, arrays["sizes"])
        check_order(order, vocab_size, what)
        runs = np.cumsum(unpack(arrays["runs"], what) + 1) - 1
        counts = unpack(arrays["counts"], what) + 1
        head = arrays["head"]
        if runs.size != counts.size or not runs.size or head.shape != (order - 1,):
            raise UserError(f"{what} holds {runs.size:,} runs and {counts.size:,} counts", "the file is damaged")
        # a sum that passes 2**63 turns negative at least once
        if runs.min() < 0 or runs[-1] >= vocab_size**order or not _within(head, vocab_size):
            raise UserError(f"{what} holds a token outside its vocabulary of {vocab_size:,}", "the file is damaged")
        if counts.min() < 1 or counts.astype(np.float64).sum() > MAX_TOTAL:
            raise UserError(f"{what} holds counts that are too large", "the file is damaged")
        return cls(order, vocab_size, runs, counts, head)

    @cached_property
    def followers(self) -> Followers:
        """The runs by what comes before their last token."""
        return Followers(self.runs, self.vocab_size)

    def evidence(self, tests: Array) -> tuple[Array, Array]:
        """For each tested run (N,): how often it was seen, and how often its beginning was followed by anything."""
        seen, total = np.zeros((2, tests.size), np.int64)
        known, places = located(tests, self.runs)
        seen[known] = self.counts[places]
        known, places = self.followers.find(tests // self.vocab_size)
        total[known] = self.followers.totals(self.counts)[places]
        return seen, total

    def of_one(self) -> Counts:
        """The same text's runs of one token: its first ones stand in the head, each other one ends a run."""
        tokens = np.concatenate([self.head, self.runs % self.vocab_size])
        often = np.bincount(tokens, np.concatenate([np.ones(self.head.size), self.counts]))
        found = np.flatnonzero(often)
        return Counts(1, self.vocab_size, found, often[found].astype(np.int64), self.head[:0])


def count(chunks: Chunks | Array, order: int, vocab_size: int) -> Counts:
    """What `tally` gives; UserError for a text that is shorter than a run."""
    return enough(tally(chunks, order, vocab_size))


def enough(counts: Counts) -> Counts:
    """The counts; UserError if there are none."""
    if not counts.runs.size:
        raise UserError(f"the text is too short to count runs of {counts.order} tokens", "give a longer one")
    return counts


def tally(chunks: Chunks | Array, order: int, vocab_size: int) -> Counts:
    """Count every run of `order` tokens in the text that the chunks (T,) make up, across their borders too.

    One array of tokens will do instead of chunks. Memory holds one chunk and the different runs, never the text.
    Raises UserError for a token outside the vocabulary or an order that does not fit.
    """
    check_order(order, vocab_size)
    sums = Sums()
    head = tail = np.zeros(0, np.int64)
    for piece in _pieces(chunks):
        if not _within(piece, vocab_size):
            first = piece[(piece < 0) | (piece >= vocab_size)][0]
            what = f"token {first} is outside the vocabulary of {vocab_size:,}"
            raise UserError(what, "count with the tokenizer that gave the tokens")
        tokens = np.concatenate([tail, piece])
        sums.add(windows(tokens, order, vocab_size), vocab_size**order)
        head = np.concatenate([head, piece[: order - 1]])[: order - 1]
        tail = tokens[max(tokens.size - order + 1, 0) :]
    return Counts(order, vocab_size, *sums.total(), head)


def windows(tokens: Array, order: int, vocab_size: int) -> Array:
    """Every run of `order` tokens in tokens (T,) as one number each: (T - order + 1,), or none."""
    size = max(tokens.size - order + 1, 0)
    runs = np.zeros(size, np.int64)
    for place in range(order):
        runs *= vocab_size
        runs += tokens[place : place + size]
    return runs


def largest_order(vocab_size: int) -> int:
    """The longest run, up to 5, that can be counted over so many tokens."""
    return max(order for order in range(1, MAX_ORDER + 1) if vocab_size**order < 2**63)


def check_order(order: int, vocab_size: int, where: str = "") -> None:
    """UserError unless runs of that order can be counted over so many tokens, as the file `where` has them."""
    if not 1 <= vocab_size < 2**31:
        what = f"a vocabulary of {vocab_size:,} tokens cannot be counted"
        raise UserError(what, f"give 1 to {2**31 - 1:,}", where=where)
    if not 1 <= order <= largest_order(vocab_size):
        can = f"choose an order from 1 to {largest_order(vocab_size)}"
        raise UserError(f"runs of {order} over {vocab_size:,} tokens cannot be counted", can, where=where)


def located(wanted: Array, among: Array) -> tuple[Array, Array]:
    """Which of the wanted (T,) are among these, at least one and rising, and their places there."""
    places = np.minimum(np.searchsorted(among, wanted), among.size - 1)
    known = np.flatnonzero(among[places] == wanted)
    return known, places[known]


class Followers:
    """Sorted runs grouped by context: which tokens follow which, for many contexts at once."""

    def __init__(self, runs: Array, vocab_size: int) -> None:
        """Group runs (P,), which rise."""
        context = runs // vocab_size
        first = np.flatnonzero(np.diff(context, prepend=-1))
        self.contexts = context[first]  # C
        self.starts = np.append(first, runs.size)  # C+1
        self.tokens = runs % vocab_size  # P

    def find(self, contexts: Array) -> tuple[Array, Array]:
        """Which of contexts (T,) were ever followed by anything, and their places among C."""
        return located(contexts, self.contexts)

    def spread(self, places: Array) -> tuple[Array, Array]:
        """All runs of the contexts at these places: for each run, the index into `places`, and its own among P."""
        sizes = self.starts[places + 1] - self.starts[places]
        owner = np.repeat(np.arange(places.size), sizes)
        within = np.arange(owner.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return owner, self.starts[places][owner] + within

    def totals(self, values: Array) -> Array:
        """Sum of values (P,) over each context: (C,)."""
        return np.add.reduceat(values, self.starts[:-1])


class Sums:
    """Adds up runs; merges only when as much is waiting as is merged, so each run is moved a few times at most."""

    def __init__(self) -> None:
        self.parts: list[tuple[Array, Array]] = []
        self.merged = 0
        self.waiting = 0

    def add(self, runs: Array, space: int) -> None:
        """Count these runs, numbers below `space`."""
        if space <= 8 * runs.size:  # then a table of all that could occur is quicker than sorting
            table = np.bincount(runs, minlength=1)
            found = np.flatnonzero(table)
            self.add_counted(found, table[found])
        else:
            self.add_counted(*np.unique(runs, return_counts=True))

    def add_counted(self, runs: Array, counts: Array) -> None:
        """Add so many of each of these runs, which may come in any order."""
        self.parts.append((runs, counts))
        self.waiting += runs.size
        if self.waiting > max(self.merged, PIECE):
            self.total()

    def total(self) -> tuple[Array, Array]:
        """Different runs, rising, and how often each was added."""
        if not self.parts:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        runs = np.concatenate([runs for runs, _ in self.parts])
        counts = np.concatenate([counts for _, counts in self.parts])
        order = np.argsort(runs, kind="stable")
        runs, counts = runs[order], counts[order]
        first = np.flatnonzero(np.diff(runs, prepend=-1))
        merged = runs[first], np.add.reduceat(counts, first) if first.size else counts
        self.parts, self.merged, self.waiting = [merged], first.size, 0
        return merged


def _pieces(chunks: Chunks | Array) -> Iterator[Array]:
    """The text in arrays of at most PIECE tokens."""
    for chunk in [chunks] if isinstance(chunks, np.ndarray) else chunks:
        tokens = np.asarray(chunk)  # which may be mapped from disk, and larger than memory
        assert tokens.ndim == 1, "a chunk is one row of tokens"
        yield from (tokens[start : start + PIECE].astype(np.int64) for start in range(0, tokens.size, PIECE))


def _within(tokens: Array, vocab_size: int) -> bool:
    return not tokens.size or bool(tokens.min() >= 0 and tokens.max() < vocab_size)
