"""Bars to the eighth of a cell."""

from __future__ import annotations

import math

EIGHTHS = " ▏▎▍▌▋▊▉█"
UPRIGHT = " ▁▂▃▄▅▆▇█"  # so many eighths
SPARKS = UPRIGHT[1:-1]  # none so high that it touches the line above
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


def floating(start: float, stop: float, cells: int) -> tuple[int, str]:
    """A bar from one share of so many cells to another, as in a waterfall: its first cell, and what to write there.

    To the half of a cell where it grows, █; in whole cells where it falls, ▒, so that the two differ without colours.
    What is too small to be seen is a thin line. Nothing for no number.
    """
    if cells <= 0 or not (math.isfinite(start) and math.isfinite(stop)):
        return 0, ""
    low, high = (min(max(share, 0.0), 1.0) * cells for share in sorted((start, stop)))
    if stop < start:
        first, last = round(low), round(high)
        return (first, "▒" * (last - first)) if last > first else (min(first, cells - 1), "│")
    first, last = round(2 * low), round(2 * high)
    if last == first:
        return min(first // 2, cells - 1), "│"
    left, right = first % 2, last % 2
    return first // 2, "▐" * left + "█" * ((last - right - first - left) // 2) + "▌" * right
