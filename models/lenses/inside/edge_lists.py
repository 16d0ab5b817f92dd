"""All edges of all heads: ranked by one pass backward, the first of them cut to see, and the heavy ones without effect.

What a head does not need it still looks at, most often the first token or a line end: a heavy edge is no reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from models.lenses.inside.edges import HEAVY, NIL, Edge, effects, portions, rank_correlation
from models.lenses.inside.gradients import backward, toward
from models.ops import Array
from models.tracing import Trace

SHOWN = 20  # edges that are cut to see, of all ranked
MOST_HEAVY = 512  # heavy edges that are cut to see; where there are more, so many spread over all of them


class Known(NamedTuple):
    """An edge, its weight, and its effect in bits of KL."""

    edge: Edge
    weight: float
    effect: float


@dataclass(frozen=True, eq=False, slots=True)
class Lists:
    """What is known so far of all edges of a pass."""

    cut: tuple[
        Known, ...
    ]  # "cut this one": of those ranked highest by the gradient, those with an effect, largest first
    nil: tuple[Known, ...] = ()  # "heavy but nil": the heaviest without effect that could have reached the answer
    heavy: int = 0  # edges above HEAVY that there are, of rows that may look at more than one place
    looked: int = 0  # of these, how many were cut to see
    without: int = 0  # of these, how many cost less than NIL
    to_look: int = 0  # how many will be
    correlation: float = np.nan  # Spearman's, of weight and effect, of all that were cut to see

    @property
    def share(self) -> float:
        """Of the heavy edges cut to see, the share without effect; NaN where none was."""
        return self.without / self.looked if self.looked else float("nan")


def ranked_edges(of: Trace, most: int, *, plain: bool = False) -> Iterator[list[Edge] | None]:
    """The `most` edges that matter most by the gradient, the first one first; None after each layer before.

    What an edge is said to be worth is what the log-probability of the likeliest token would lose without it, if all
    were linear: its weight times its gradient, less that of the others which make up for it unless it is cut plainly.
    """
    worth, places = np.zeros(0), np.zeros((0, 4), np.intp)
    if not of.tape.model.config.has("attention"):
        yield []
        return
    for layer, values in backward(of, toward(of)):
        pattern = of.blocks[layer].pattern
        found = estimate(pattern, values["pattern"], plain=plain)
        best = np.argsort(-found, axis=None, kind="stable")[:most]
        here = np.stack((np.full(len(best), layer), *np.unravel_index(best, found.shape)), -1)
        worth, places = np.concatenate((worth, found.ravel()[best])), np.concatenate((places, here))
        yield None
    order = np.argsort(-worth, kind="stable")[:most]
    yield [Edge(*map(int, place)) for place in places[order]]


def estimate(pattern: Array, gradient: Array, *, plain: bool = False) -> Array:
    """What each edge is worth to first order, from weights and gradients (.. T S): (.. T S) nats, never negative."""
    taken = pattern * gradient
    if plain:
        return np.abs(taken)
    rest = np.maximum(1 - pattern, np.finfo(pattern.dtype).eps)  # what the others have together
    others = (taken.sum(-1, keepdims=True) - taken) / rest
    return np.where(pattern < 1, np.abs(taken - pattern * others), np.abs(taken))


def lists(of: Trace, *, plain: bool = False) -> Iterator[Lists | None]:
    """Both lists of a pass, again and again with more known; None between, where another question may cut in."""
    first: list[Edge] = []
    for found in ranked_edges(of, SHOWN, plain=plain):
        first = found or []
        yield None
    known: list[Known] = []
    for portion in portions(of, first):
        known += _look(of, portion, plain)
        yield None
    cut = tuple(sorted((each for each in known if each.effect >= NIL), key=lambda each: -each.effect))
    all_heavy = _heavy(of)
    some = min(len(all_heavy), MOST_HEAVY)
    heavy = [all_heavy[number * len(all_heavy) // some] for number in range(some)]
    so_far = Lists(cut, heavy=len(all_heavy), to_look=len(heavy), correlation=_correlation(known))
    yield so_far
    looked: list[Known] = []
    for portion in portions(of, heavy):
        looked += _look(of, portion, plain)
        nil = [each for each in looked if each.effect < NIL]
        shown = tuple(sorted((each for each in nil if each.effect), key=lambda each: -each.weight)[:SHOWN])
        every = {each.edge: each for each in (*known, *looked)}
        so_far = replace(so_far, nil=shown, looked=len(looked), without=len(nil))
        so_far = replace(so_far, correlation=_correlation([*every.values()]))
        yield so_far


def _look(of: Trace, edges: list[Edge], plain: bool) -> list[Known]:
    found = effects(of, edges, plain=plain)
    return [
        Known(edge, float(of.blocks[edge.layer].pattern[edge.head, edge.row, edge.column]), float(effect))
        for edge, effect in zip(edges, found, strict=True)
    ]


def _heavy(of: Trace) -> list[Edge]:
    """Every edge above HEAVY of a row that has a choice; the rows nearest to the end first, which cost the least."""
    found = [
        Edge(block.layer, *map(int, place))
        for block in of.blocks
        for place in np.argwhere((block.pattern > HEAVY) & (block.visible.sum(-1)[:, None] > 1))
    ]
    return sorted(found, key=lambda edge: -edge.row)


def _correlation(known: list[Known]) -> float:
    return rank_correlation(np.array([each.weight for each in known]), np.array([each.effect for each in known]))
