"""The cost of one more token against the length of the text, everything captured."""

from __future__ import annotations

import numpy as np

from benchmarks.contest import Contender
from benchmarks.table import Part, Spread

TO = 1100
AROUND = 8  # steps on either side of a length that stand for it


def run(rounds: int) -> Part:
    """From one token to 1,100, again and again; a straight line through the median cost of each step."""
    part = Part("growth", f"The cost of one more token, 4 x 4 x 128, everything captured, from 1 to {TO} tokens")
    with Contender("ours") as ours:
        runs = [np.array(ours.ask("growing", size="small", to=TO)["cpu"]) / 1e6 for _ in range(rounds + 1)][1:]
    costs = np.array(runs)  # rounds x steps; step i appends token i + 2
    for length in (16, 64, 256, 1024):
        window = costs[:, length - 1 - AROUND : length - 1 + AROUND]
        part.add(f"T={length}", Spread.of(np.median(window, 1).tolist()), "ms processor")
    lengths, typical = np.arange(2, TO + 1), np.median(costs, 0)
    slope, start = _line(lengths, typical)
    part.add("straight line", f"{start:.3f} ms + {slope * 1000:.3f} ms per 1,000 tokens")
    bend = _median_by_length(typical) / (start + slope * CENTRES)
    part.add("medians of 64 lengths each, over the line", Spread.of(bend.tolist()), "x")
    part.at_most("cost at 1,024 over cost at 256 (a line through zero: 4)", _at(typical, 1024) / _at(typical, 256), 4)
    totals = costs[:, :1023].sum(1)
    part.add("all 1,024 tokens, growing the record included", Spread.of(totals.tolist()), "ms processor")
    part.add("of that, the steps that copied the record", Spread.of([_copies(run) for run in costs]), "ms processor")
    return part


CENTRES = np.arange(32, TO - 64, 64) + 34


def _line(lengths: np.ndarray, costs: np.ndarray) -> tuple[float, float]:
    """Slope and start, from the medians of 64 lengths each: a few slow steps do not tilt it."""
    slope, start = np.polyfit(CENTRES, _median_by_length(costs), 1)
    return float(slope), float(start)


def _median_by_length(costs: np.ndarray) -> np.ndarray:
    return np.array([np.median(costs[centre - 34 : centre + 30]) for centre in CENTRES])


def _at(costs: np.ndarray, length: int) -> float:
    return float(np.median(costs[length - 1 - AROUND : length - 1 + AROUND]))


def _copies(costs: np.ndarray) -> float:
    return float(sum(costs[room - 1] for room in (64, 256)))
