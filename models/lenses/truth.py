"""The truth about the little world, with the contract of a model: what nobody can beat, beside those who try."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.corpora.little_world import Belief, World
from models.ops import Array
from models.tokenizers import Tokenizer


@dataclass(frozen=True, eq=False)
class Truth:
    """The world's own distribution over a tokenizer's words.

    Which world is for the caller to say. Of a text that someone typed, `little_world.world()`: it may hold a
    combination that training never makes, and still has a truth. Of texts drawn from an edition, that edition: the
    floor under texts drawn from "training" is `little_world.world("training")`'s, who knows that nothing held out
    will come. A text begins at its first token; once it goes where no text of the world goes, there is no truth: NaN.
    """

    tokenizer: Tokenizer
    world: World
    name: str = "truth"

    @property
    def vocab_size(self) -> int:
        """V."""
        return self.tokenizer.vocab_size

    def logits(self, tokens: Sequence[int]) -> Array:
        """Row t scores what follows tokens[:t + 1]: (T V), natural-log probabilities, -inf for what cannot come."""
        rows = np.full((len(tokens), self.vocab_size), np.nan)
        for row, belief in zip(rows, self.beliefs(tokens), strict=True):
            if belief is not None:
                row[:] = self.row(belief)
        return rows

    def row(self, belief: Belief) -> Array:
        """Scores what follows where so much is known: (V,), as in `logits`."""
        row = np.full(self.vocab_size, -np.inf)
        for word, p in belief.p.items():
            row[self.tokenizer.ids[word]] = math.log(p)
        return row

    def beliefs(self, tokens: Sequence[int]) -> Iterator[Belief | None]:
        """What is known after each of the tokens; None once the text is no text of the world."""
        return self.world.beliefs(map(self.tokenizer.token, tokens))
