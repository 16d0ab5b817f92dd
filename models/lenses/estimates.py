"""A figure of some texts, and how far another draw of texts would be from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.ops import Array


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and its standard error, in the same unit; the error of a single draw is NaN."""

    value: float
    error: float


def of_mean(draws: Array) -> Estimate:
    """Of draws (N,) that know nothing of each other."""
    n = len(draws)
    return Estimate(float(draws.mean()), float(draws.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan)


def a_word(texts: Sequence[Array]) -> Estimate:
    """The mean over the words of all texts, each (T,), taking each text as one draw."""
    sums, lengths = (np.array([measure(text) for text in texts]) for measure in (np.sum, len))
    mean = sums.sum() / lengths.sum()
    (error,) = ratio_errors(sums[:, None], lengths, np.array([mean]))
    return Estimate(float(mean), float(error))


def ratio_errors(sums: Array, lengths: Array, ratios: Array) -> Array:
    """The standard error of each ratio (M,) of sums (N M) to lengths (N,): (M,), NaN for a single draw."""
    n = len(lengths)
    if n < 2:
        return np.full(len(ratios), np.nan)
    apart = sums - ratios * lengths[:, None]  # N M
    errors: Array = np.sqrt((apart**2).sum(0) * n / (n - 1)) / lengths.sum()
    return errors
