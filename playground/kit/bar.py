"""Bars to the eighth of a cell."""

from __future__ import annotations

import math

EIGHTHS = " ▏▎▍▌▋▊▉█"
FULL = (0.01, 0.05, 0.25, 0.5, 1.0)  # probabilities that a whole bar can stand for
VISIBLE = 0.0005  # what three decimals can tell from nothing


def full_for(top: float) -> float:
    """The probability a whole bar stands for where the largest is `top`; 1 if that is no number."""
    return next((full for full in FULL if top <= full), 1.0)


def bar(share: float, cells: int, *, visible: bool = True) -> str:
    """So much of so many cells, at least an eighth of one if it is to be visible; nothing for no number."""
    if math.isnan(share):
        return ""
    eighths = max(round(min(share, 1.0) * cells * 8), 1 if visible else 0)
    return EIGHTHS[8] * (eighths // 8) + EIGHTHS[eighths % 8].strip()
