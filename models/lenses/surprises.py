"""What each token of a text was worth to any model, in bits: a GPT in windows of its context, all others in one go."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np

from models.baselines import Baseline
from models.contract import LanguageModel
from models.gpt import GPT, forward
from models.lenses.truth import Truth
from models.ops import Array

CELLS = 1 << 22  # scores of one pass, or of rows made probabilities at a time


def windows(length: int, context: int) -> Iterator[tuple[int, int, int]]:
    """(start, first, stop): a window reads tokens start to stop and predicts those from first on.

    Every position from 1 is predicted exactly once, and from at least half a context where the text has that much.
    """
    start, first = 0, 1
    while first < length:
        stop = min(start + context, length)
        yield start, first, stop
        start, first = stop - context // 2, stop


def surprises(model: LanguageModel, tokens: Sequence[int]) -> Array:
    """-log2 of the probability each token had before it came: (T,) bits; [0] is NaN, for nothing predicts it.

    A GPT reads a text longer than its context in windows that overlap by half. Infinite where a model rules a token
    out; NaN once there is no truth.
    """
    ids: Array = np.asarray(tokens, np.intp)
    if isinstance(model, GPT):
        return _windowed(model, ids)
    if isinstance(model, Truth):
        return _of_truth(model, ids)
    bits = np.full(len(ids), np.nan)
    reach = model.reach if isinstance(model, Baseline) else len(ids)  # a model with a memory reads all at once
    step = max(CELLS // model.vocab_size, 1) if isinstance(model, Baseline) else len(ids)
    for first in range(1, len(ids), step):
        stop, back = min(first + step, len(ids)), max(first - reach, 0)
        bits[first:stop] = told(model.logits(ids[back : stop - 1])[first - stop :], ids[first:stop])
    return bits


def told(logits: Array, tokens: Array) -> Array:
    """-log2 of the probability that rows of logits (.. V) give to a token each (..): (..) bits, NaN where none."""
    taken = np.take_along_axis(logits, tokens[..., None], -1)[..., 0].astype(np.float64)
    with np.errstate(invalid="ignore"):
        return (log_sum(logits) - taken) / math.log(2) + 0.0


def log_sum(logits: Array) -> Array:
    """The natural log of the sum of exp over the last axis, of logits (.. V): (..) float64."""
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        most = np.maximum.reduce(logits, -1, keepdims=True)
        shifted = logits - most
        np.exp(shifted, shifted)
        return np.log(np.add.reduce(shifted, -1, dtype=np.float64)) + most[..., 0]


def _windowed(model: GPT, ids: Array) -> Array:
    """Windows of one length go through together."""
    bits = np.full(len(ids), np.nan)
    context = model.config.block_size
    together = max(CELLS // (model.vocab_size * context), 1)
    for _, each in groupby(windows(len(ids), max(context, 2)), lambda window: window[2] - window[0]):
        some = list(each)
        for at in range(0, len(some), together):
            batch = some[at : at + together]
            rows = np.stack([ids[start:stop] for start, _, stop in batch])  # B T
            worth = told(forward(model, rows[:, :-1]), rows[:, 1:])  # B T-1
            for (start, first, stop), found in zip(batch, worth, strict=True):
                bits[first:stop] = found[first - start - 1 :]
    return bits


def _of_truth(truth: Truth, ids: Array) -> Array:
    bits = np.full(len(ids), np.nan)
    for at, belief in zip(range(1, len(ids)), truth.beliefs(ids), strict=False):
        if belief is None:
            break
        p = belief.p.get(truth.tokenizer.token(int(ids[at])), 0.0)
        bits[at] = -math.log2(p) + 0.0 if p else math.inf
    return bits
