"""What edges are worth beside their weights, as panes show it: a mark by size, numbers, and how the two go together."""

from __future__ import annotations

import math
from bisect import bisect

import numpy as np

from models.lenses.inside.edges import NIL
from models.ops import Array
from models.units import Unit
from playground.kit import numbers
from playground.kit.bar import UPRIGHT
from playground.looking.scene import Scene

STEPS = (NIL, 0.03, 0.1, 0.3, 1, 3, 10, 30)  # bits from which on each of them stands
UNKNOWN = "?"


def mark(bits: float) -> str:
    """The size of an effect in one cell; nothing where there is none, or nobody knows."""
    return "" if math.isnan(bits) or bits < NIL else UPRIGHT[bisect(STEPS, bits)]


def effects(scene: Scene) -> Array | None:
    """The effects that are known or asked for (T T), NaN elsewhere; None where none is, as in a difference."""
    edges = scene.edges
    if edges is None or scene.differs:
        return None
    found = np.full((scene.length, scene.length), np.nan)
    if edges.row is None:
        found[:] = edges.effects
    else:
        found[edges.row, : len(edges.effects)] = edges.effects
    return found


def effect(scene: Scene, row: int, column: int) -> float | None:
    """Of one edge; None where nobody knows."""
    edges = scene.edges
    if edges is None or scene.differs or edges.row not in (None, row) or column >= edges.effects.shape[-1]:
        return None
    bits = float(edges.effects[column] if edges.row is not None else edges.effects[row, column])
    return None if math.isnan(bits) else bits


def lost(bits: float, unit: Unit) -> str:
    """An effect with its unit."""
    return f"{numbers.bits(bits, unit)} {unit.name}"


def short(bits: float, unit: Unit) -> str:
    """The same in three cells: .02, 4.0, 14."""
    value = bits * unit.bit
    return numbers.short_weight(value) if value < 9.95 else numbers.fixed(value, 0)


def together(scene: Scene) -> list[str]:
    """How weight and effect go together in what is shown, the longest way to say it first; empty where none is."""
    edges = scene.edges
    if edges is None or scene.differs:
        return []
    which = "all rows" if edges.row is None else "this row"
    so_far = f", {numbers.percent(edges.progress)} known" if edges.progress < 1 else ""
    said = f"rank correlation {numbers.fixed(edges.correlation, 2)}{so_far}"
    cut = "cut plainly" if edges.plain else "the others make up"
    return [f"weight and effect, {which}: {said} · {cut}", f"weight, effect, {which}: {said}", said]
