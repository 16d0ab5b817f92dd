"""Held-out loss: over every token there is, or over a slice that is always the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from models.ops import Array

Logits = Callable[[Tensor], Tensor]  # (B T) to (B T V)


@torch.no_grad()
def windows(logits: Logits, context: int, tokens: Array, batch: int, stride: int | None = None) -> float:
    """Mean nats a token over all but the first of the tokens, each scored once.

    The text is read in windows of the full context, `stride` apart, `batch` at a time; each scores what no window
    before it has. At the usual stride of a whole context windows share nothing and a window's first tokens have little
    to go on; at half a context every token has at least that much before it.
    """
    total, n = 0.0, len(tokens) - 1
    for starts, length, fresh in _windows(n, context, stride or context, batch):
        rows = torch.from_numpy(tokens[np.array(starts)[:, None] + np.arange(length + 1)].astype(np.int64))  # B T+1
        scores, targets = logits(rows[:, :-1])[:, -fresh:].float(), rows[:, -fresh:]
        total += float(F.cross_entropy(scores.flatten(0, 1), targets.flatten(), reduction="sum"))
    return total / n


def _windows(n: int, context: int, stride: int, batch: int) -> Iterator[tuple[list[int], int, int]]:
    """(starts, length, fresh): windows of one length of which the last `fresh` of n predictions are new."""
    yield [0], min(context, n), min(context, n)
    full = list(range(stride, n - context + 1, stride))
    for at in range(0, len(full), batch):
        yield full[at : at + batch], context, stride
    done = context + stride * len(full)
    if done < n:
        start = done - (context - stride)
        yield [start], n - start, n - done


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
        rows: Array = self.held_out[self.starts[:, None] + np.arange(self.context + 1)]
        return rows

    @property
    def places(self) -> Array:
        """Which of the held-out tokens it scores: (N T)."""
        return self.starts[:, None] + np.arange(1, self.context + 1)

    @torch.no_grad()
    def measure(self, logits: Logits, device: torch.device) -> tuple[float, ...]:
        """The mean loss at each position of the context, in nats, of (B T) to (B T V)."""
        whole, total = self.rows.astype(np.int64), torch.zeros(self.context, dtype=torch.float64, device=device)
        for at in range(0, len(self.starts), self.batch):
            rows = torch.from_numpy(whole[at : at + self.batch]).to(device)  # B T+1
            scores = logits(rows[:, :-1]).float().flatten(0, 1)
            nats = F.cross_entropy(scores, rows[:, 1:].flatten(), reduction="none")
            total += nats.view(-1, self.context).sum(0, dtype=torch.float64)
        return tuple((total / len(self.starts)).tolist())


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
