"""What each token of a text was worth to any model, in bits: a GPT in windows of its context, all others in one go."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import numpy as np

from models.baselines import Baseline
from models.contract import LanguageModel
from models.gpt import GPT, forward
from models.lenses.truth import Truth
from models.measures import told
from models.ops import Array

CELLS = 1 << 22  # scores of one pass, or of rows made probabilities at a time

Rows = Callable[[int, int], Array]  # scores of what follows tokens[:t + 1], for t from start to stop - 1: (.. V)


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
    (bits,) = surprises_of(model, [tokens])
    return bits


def surprises_of(model: LanguageModel, texts: Sequence[Sequence[int]]) -> list[Array]:
    """The same for each of many texts, a GPT's by far sooner than one after the other."""
    ids: list[Array] = [np.asarray(tokens, np.intp) for tokens in texts]
    return _windowed(model, ids) if isinstance(model, GPT) else [_of_one(model, each) for each in ids]


def _of_one(model: LanguageModel, ids: Array) -> Array:
    if isinstance(model, Truth):
        return _of_truth(model, ids)
    bits, rows, step = np.full(len(ids), np.nan), rows_of(model, ids), max(CELLS // model.vocab_size, 1)
    for first in range(1, len(ids), step):
        stop = min(first + step, len(ids))
        bits[first:stop] = told(rows(first - 1, stop - 1), ids[first:stop])
    return bits


def rows_of(model: LanguageModel, tokens: Array, logits: Array | None = None) -> Rows:
    """The model's scores on a text (T,), a few rows at a time, so that counting needs no T x V table.

    `logits` are those of a pass over the last tokens, or all; what comes before them is NaN.
    """
    if logits is None and isinstance(model, Baseline) and model.reach < len(tokens):
        before = model.reach - 1
        return lambda start, stop: model.logits(tokens[max(start - before, 0) : stop])[start - stop :]
    if logits is None:
        logits = forward(model, tokens[-model.config.block_size :]) if isinstance(model, GPT) else model.logits(tokens)
    scores, unseen = logits, len(tokens) - len(logits)
    assert unseen >= 0, "scores of another text"

    def made(start: int, stop: int) -> Array:
        rows = scores[max(start - unseen, 0) : max(stop - unseen, 0)]
        missing = np.full((stop - start - len(rows), scores.shape[-1]), np.nan)
        return np.concatenate([missing, rows]) if len(missing) else rows

    return made


def _windowed(model: GPT, texts: Sequence[Array]) -> list[Array]:
    """Windows of one length go through together, whichever text they are of."""
    bits = [np.full(len(ids), np.nan) for ids in texts]
    context = model.config.block_size
    every = [(text, window) for text, ids in enumerate(texts) for window in windows(len(ids), max(context, 2))]
    for length, each in groupby(sorted(every, key=_length), _length):
        some, together = list(each), max(CELLS // (model.vocab_size * length), 1)
        for at in range(0, len(some), together):
            batch = some[at : at + together]
            rows = np.stack([texts[text][start:stop] for text, (start, _, stop) in batch])  # B T
            worth = told(forward(model, rows[:, :-1]), rows[:, 1:])  # B T-1
            for (text, (start, first, stop)), found in zip(batch, worth, strict=True):
                bits[text][first:stop] = found[first - start - 1 :]
    return bits


def _length(window: tuple[int, tuple[int, int, int]]) -> int:
    """Of one window of a text."""
    _, (start, _, stop) = window
    return stop - start


def _of_truth(truth: Truth, ids: Array) -> Array:
    bits = np.full(len(ids), np.nan)
    for at, belief in zip(range(1, len(ids)), truth.beliefs(ids), strict=False):
        if belief is None:
            break
        p = belief.p.get(truth.tokenizer.token(int(ids[at])), 0.0)
        bits[at] = -math.log2(p) + 0.0 if p else math.inf
    return bits
