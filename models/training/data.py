"""Tokens in, random windows out."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from models.errors import UserError
from models.ops import Array


def packed(tokens: Array, vocab_size: int) -> Array:
    """The tokens in the smallest type that holds them."""
    return np.asarray(tokens, np.uint16 if vocab_size <= 1 << 16 else np.uint32)


class Windows:
    """Random windows of a long row of tokens; which ones depends on the seed only."""

    def __init__(self, tokens: Array, context: int, batch: int, seed: int) -> None:
        """Raises UserError if the tokens do not fill one window."""
        if len(tokens) <= context:
            raise UserError(
                f"the text has {len(tokens):,} tokens to train on, and a context of {context:,} needs at least "
                f"{context + 1:,} - give more text or a shorter context"
            )
        self.tokens, self.context, self.batch = tokens, context, batch
        self.random = np.random.Generator(np.random.PCG64(seed))

    def draw(self) -> tuple[Tensor, Tensor]:
        """Inputs and what follows each of them: (B T), (B T)."""
        starts = self.random.integers(0, len(self.tokens) - self.context, self.batch)
        rows = self.tokens[starts[:, None] + np.arange(self.context + 1)].astype(np.int64)  # B T+1
        both = torch.from_numpy(rows)
        return both[:, :-1], both[:, 1:]
