"""Held-out loss, over windows that are always the same."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from models.ops import Array

Logits = Callable[[Tensor], Tensor]  # (B T) to (B T V)


@dataclass(frozen=True, slots=True)
class Losses:
    """What was measured, in nats a token."""

    by_position: tuple[float, ...]  # mean over the windows at each position of the context
    by_window: tuple[float, ...]  # mean over the positions of each window

    @property
    def mean(self) -> float:
        """Over all tokens: every window has as many."""
        return float(np.mean(self.by_position))

    @property
    def error(self) -> float:
        """The standard error of that mean; NaN for one window.

        Each window is one draw, for tokens beside one another are hard or easy together.
        """
        n = len(self.by_window)
        return float(np.std(self.by_window, ddof=1)) / math.sqrt(n) if n > 1 else math.nan


class Slice:
    """Held-out windows of the whole context that share nothing: all there are, or `tokens` of them, evenly spread."""

    def __init__(self, held_out: Array, context: int, tokens: int, batch: int, openings: Array | None = None) -> None:
        """Windows are taken `batch` at a time; they begin at `openings` only, where those are given."""
        self.held_out, self.batch, self.context = held_out, batch, min(context, len(held_out) - 1)
        there = _starts(len(held_out) - 1, self.context, openings)
        taken = min(len(there), max(tokens // self.context, 1))
        self.starts = there[np.arange(taken) * len(there) // taken]

    @property
    def rows(self) -> Array:
        """The windows, each with the token after it: (N T+1)."""
        return self._rows(self.starts)

    @property
    def places(self) -> Array:
        """Which of the held-out tokens it scores: (N T)."""
        return self.starts[:, None] + np.arange(1, self.context + 1)

    def measure(self, logits: Logits, device: torch.device) -> Losses:
        """The losses of (B T) to (B T V)."""
        measuring = self.measuring(logits, device)
        while True:
            try:
                next(measuring)
            except StopIteration as done:
                losses: Losses = done.value
                return losses

    @torch.no_grad()
    def measuring(self, logits: Logits, device: torch.device) -> Generator[float, None, Losses]:
        """The same, telling after every few windows how much of it is done: 0 to 1."""
        total, windows = torch.zeros(self.context, dtype=torch.float64, device=device), list[Tensor]()
        for at in range(0, len(self.starts), self.batch):
            rows = torch.from_numpy(self._rows(self.starts[at : at + self.batch]).astype(np.int64)).to(device)  # B T+1
            scores = logits(rows[:, :-1]).float().flatten(0, 1)
            nats = F.cross_entropy(scores, rows[:, 1:].flatten(), reduction="none").view(-1, self.context)
            total += nats.sum(0, dtype=torch.float64)
            windows.append(nats.mean(1, dtype=torch.float64))
            yield min((at + self.batch) / len(self.starts), 1.0)
        return Losses(tuple((total / len(self.starts)).tolist()), tuple(torch.cat(windows).tolist()))

    def _rows(self, starts: Array) -> Array:
        rows: Array = self.held_out[starts[:, None] + np.arange(self.context + 1)]
        return rows


def _starts(n: int, context: int, openings: Array | None) -> Array:
    """Where windows that share none of n predictions begin; one at 0 where no opening leaves room for one."""
    if openings is None:
        return np.arange(n // context) * context
    starts, free = [], 0
    for opening in openings:
        if free <= opening <= n - context:
            starts.append(opening)
            free = opening + context
    return np.array(starts or [0])
