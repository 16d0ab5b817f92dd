"""Held-out loss, over every token there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from torch.nn import functional as F

from models.gpt import GPT, forward
from models.ops import Array
from models.training.ops import FusedOps


def loss(model: GPT, tokens: Array, batch: int, stride: int | None = None) -> float:
    """Mean nats a token over all but the first of the tokens, each scored once; the model's weights are torch's.

    The text is read in windows of the full context, `stride` apart; each scores what no window before it has. At the
    usual stride of a whole context windows share nothing and a window's first tokens have little to go on; at half a
    context every token has at least that much before it.
    """
    row = torch.from_numpy(np.asarray(tokens, np.int64))
    context = model.config.block_size
    total = 0.0
    with torch.no_grad():
        for starts, length, fresh in _windows(len(row) - 1, context, stride or context, batch):
            rows = row[torch.tensor(starts)[:, None] + torch.arange(length + 1)]  # B T+1
            logits = forward(model, rows[:, :-1])[:, -fresh:].float()
            targets = rows[:, -fresh:]
            total += float(F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum"))
    return total / (len(row) - 1)


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


def on_torch(model: GPT) -> GPT:
    """The same model with torch's weights, in float32."""
    weights = {name: torch.from_numpy(np.asarray(array, np.float32)) for name, array in model.weights.items()}
    return replace(model, weights=weights, ops=FusedOps(torch.float32))
