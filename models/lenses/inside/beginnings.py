"""How the texts began that a model learned from, and what a text loses that begins otherwise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.corpora.little_world import LINE_END
from models.corpora.spec import LITTLE_WORLD, kind_of
from models.gpt import GPT
from models.measures import surprise
from models.ops import Array


def first_token(model: GPT) -> int | None:
    """The token with which all of the texts it learned from began; None where that is not known."""
    tokenizer = model.tokenizer if kind_of(model.training) == LITTLE_WORLD else None
    return tokenizer.ids.get(LINE_END) if tokenizer is not None else None


def lost_without(model: GPT, tokens: Sequence[int], logits: Array) -> float | None:
    """Bits that all tokens but the first (T,) cost more, by their `logits` (T V), than behind that first token.

    Negative where they cost less; None where the text begins with it, where none is known, or no room is left for it.
    """
    first = first_token(model)
    if first is None or not len(tokens) or tokens[0] == first or len(tokens) >= model.config.block_size:
        return None
    behind = (first, *tokens)
    own, better = surprise(logits, tokens), surprise(model.logits(behind), behind)
    return float(np.sum(own[1:]) - np.sum(better[2:]))
