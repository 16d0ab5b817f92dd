"""Rows to learn from. Which ones depends on the seed and on how many were drawn, so a run goes on where it stopped."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Protocol

import numpy as np

from models.corpora.encoding import token_type
from models.corpora.little_world import World
from models.errors import UserError
from models.ops import Array
from models.tokenizers import Tokenizer


class Source(Protocol):
    """Draws batches without end, each made by its number alone: whoever sets `drawn` goes on there, bit for bit."""

    drawn: int  # batches so far

    def draw(self) -> tuple[Array, Array]:
        """Inputs and what follows each of them: (B T), (B T), int64; B is the whole batch of all processes."""


class Windows:
    """Random windows of a long row of tokens, which may lie on disk (Philox: Salmon et al. 2011)."""

    def __init__(self, tokens: Array, context: int, batch: int, seed: int) -> None:
        """Raises UserError if the tokens do not fill one window."""
        if len(tokens) <= context:
            need = f"a context of {context:,} needs at least {context + 1:,}"
            fault = f"the text has {len(tokens):,} tokens to train on, and {need}"
            raise UserError(fault, "give more text or a shorter context")
        self.tokens, self.context, self.batch, self.seed, self.drawn = tokens, context, batch, seed, 0

    def draw(self) -> tuple[Array, Array]:
        """Inputs and what follows each of them: (B T), (B T)."""
        self.drawn += 1
        rows = self.tokens[self._starts()[:, None] + np.arange(self.context + 1)].astype(np.int64)  # B T+1
        return rows[:, :-1], rows[:, 1:]

    def _starts(self) -> Array:
        return self._random().integers(0, len(self.tokens) - self.context, self.batch)

    def _random(self) -> np.random.Generator:
        """Of the batch that is drawn."""
        # a draw uses far fewer numbers than the 2**64 from one value of the counter's upper half to the next
        return np.random.Generator(np.random.Philox(key=self.seed, counter=(self.drawn - 1) << 64))


class Lines(Windows):
    """Windows that begin where a line does, half of them with the line end before it: a prompt may have it or not."""

    def __init__(self, tokens: Array, line_end: int, context: int, batch: int, seed: int) -> None:
        """Raises UserError if no line but the first leaves room for a window."""
        super().__init__(tokens, context, batch, seed)
        ends = np.flatnonzero(tokens == line_end)
        self.ends = ends[ends < len(tokens) - context - 1]
        if not self.ends.size:
            fault = f"no line has {context + 1:,} tokens from its beginning on"
            raise UserError(fault, "give more text or a shorter context")

    def _starts(self) -> Array:
        random = self._random()
        starts: Array = random.choice(self.ends, self.batch) + random.integers(0, 2, self.batch)
        return starts


class WorldRows:
    """Rows of fresh texts of a generated world, most of them begun by a line end.

    Some begin anywhere, so that a prompt without a line end, or with little before it, is nothing new to the model.
    """

    ANYWHERE, FURTHEST = 0.15, 32  # the share of such rows; how many words may be cut off

    def __init__(self, world: World, tokenizer: Tokenizer, context: int, batch: int, seed: int) -> None:
        """Raises UserError if the tokenizer lacks a word of the world."""
        self.world, self.ids = world, word_ids(world, tokenizer)
        self.context, self.batch, self.seed, self.drawn = context, batch, seed, 0

    def draw(self) -> tuple[Array, Array]:
        """Inputs and what follows each of them: (B T), (B T)."""
        random = Random(f"{self.seed} {self.drawn}")
        self.drawn += 1
        length = self.context + 1
        drawn = self.world.rows(self.batch, length + self.FURTHEST, self.ids, random)
        cuts = [random.randint(0, self.FURTHEST) if random.random() < self.ANYWHERE else 0 for _ in drawn]
        rows = np.stack([row[cut : cut + length] for row, cut in zip(drawn, cuts, strict=True)])  # B T+1
        return rows[:, :-1], rows[:, 1:]


def word_ids(world: World, tokenizer: Tokenizer) -> Mapping[str, int]:
    """The number of each of the world's words; UserError if the tokenizer has none for one."""
    if missing := [word for word in world.vocabulary if word not in tokenizer.ids]:
        what = f"the tokenizer has no token for {missing[0]!r}, a word of the little world"
        raise UserError(what, "train a new model on it")
    return tokenizer.ids


def packed(tokens: Array, vocab_size: int) -> Array:
    """The tokens in the smallest type that holds them; one that has it, such as a token file's, as it is."""
    return np.asarray(tokens, token_type(vocab_size))
