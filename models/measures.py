"""What is said about distributions: probabilities, ranks, entropy, divergence, surprise; in float64 and in bits.

Everything here works over the last axis and is quiet: a row that is no distribution (a NaN or +inf among its logits, or
nothing but -inf) becomes NaN and says nothing about its neighbours. Shape letters are those of `gpt.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.ops import Array

AT_ONCE = 1 << 20  # scores that are looked at in float64 together: all of a text's would take more than its trace


def log_softmax(logits: Array) -> Array:
    """Natural-log probabilities of logits (.. V), in float64; -inf stays -inf."""
    x = np.asarray(logits, np.float64)
    with np.errstate(invalid="ignore"):
        return x - log_sum(x)[..., None]


def softmax(logits: Array) -> Array:
    """Probabilities of logits (.. V), in float64; -inf becomes 0."""
    x = np.asarray(logits, np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        x = x - np.maximum.reduce(x, -1, keepdims=True)
    np.exp(x, x)
    x /= np.add.reduce(x, -1, keepdims=True)
    return x


def entropy(p: Array) -> Array:
    """Bits one draw from p (.. V) tells on average (Shannon 1948): (..), 0 when certain, log2 V when uniform."""
    p = np.asarray(p, np.float64)
    return -np.add.reduce(p * np.log2(np.where(p == 0, 1.0, p)), -1) + 0.0  # + 0.0: no -0.0 on the screen


def kl(p: Array, q: Array) -> Array:
    """Bits lost by coding draws from p (.. V) as if they came from q (Kullback & Leibler 1951): (..).

    Infinite where q rules out something p allows; never below 0.
    """
    p, q = np.broadcast_arrays(np.asarray(p, np.float64), np.asarray(q, np.float64))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.log2(p) - np.log2(q)
        return np.maximum(np.add.reduce(np.where(p == 0, 0.0, p * ratio), -1), 0.0)


def largest(values: Array, n: int) -> Array:
    """Where the n largest of values (V,) are, in no order: (n,); of equal ones the first."""
    if n >= values.size:
        return np.arange(values.size)
    if n <= 0:
        return np.arange(0)
    least = np.partition(values, values.size - n)[values.size - n]
    above = np.flatnonzero(values > least)
    return np.concatenate((above, np.flatnonzero(values == least)[: n - above.size]))


def ranked(values: Array, n: int | None = None) -> Array:
    """Where the n largest of values (V,) are, largest first, equal ones in their order: (n,); all without an n."""
    found = largest(values, values.size if n is None else n)
    return found[np.lexsort((found, -values[found]))]


def rank(values: Array, place: int) -> int:
    """Which of `ranked` a place of values (V,) is, from 1."""
    return int(ranks(values[None], np.array([place]))[0])


def ranks(values: Array, places: Array) -> Array:
    """The `rank` of one place in each row of values (R V): places (R,) to (R,); 0 where the value there is a NaN."""
    at = values[np.arange(len(places)), places]
    larger = np.count_nonzero(values > at[:, None], -1)
    before = np.zeros(len(places), np.intp)
    for row in np.flatnonzero(np.count_nonzero(values == at[:, None], -1) > 1):  # few: equal ones are looked at singly
        before[row] = np.count_nonzero(values[row, : places[row]] == at[row])
    return np.where(np.isnan(at), 0, larger + before + 1)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change to a pass did to the next token."""

    kl: float  # bits, from the intact distribution to the changed one; NaN where the scores are no numbers
    was: int  # the likeliest token before
    now: int  # and after


def effect(before: Array, after: Array) -> Effect:
    """Compare two rows of logits (V,)."""
    return Effect(float(moved(before, after)), int(np.argmax(before)), int(np.argmax(after)))


def moved(before: Array, after: Array) -> Array:
    """Bits of KL from one row of logits (V,) to others (.. V): (..), NaN where scores are no numbers.

    Taken from the logarithms, so that it stays finite where `kl` underflows.
    """
    a, b = log_softmax(before), log_softmax(after)
    with np.errstate(invalid="ignore"):
        lost = np.add.reduce(np.where(np.isneginf(a), 0.0, np.exp(a) * (a - b)), -1) / math.log(2)
    return np.maximum(lost, 0.0)


def surprise(logits: Array, tokens: Sequence[int]) -> Array:
    """-log2 of the probability each token had before it came: logits (T V), tokens (T,) to (T,) bits.

    Row t - 1 of the logits scores token t; nothing predicts the first token, so [0] is NaN.
    """
    ids = np.asarray(tokens, np.intp)
    assert len(ids) == len(logits), "one row of logits a token"
    bits = np.full(len(ids), np.nan)
    rows = max(AT_ONCE // max(logits.shape[-1], 1), 1)
    for start in range(0, len(ids) - 1, rows):
        part = slice(start, min(start + rows, len(ids) - 1))
        bits[1:][part] = told(np.asarray(logits[part], np.float64), ids[1:][part])
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
