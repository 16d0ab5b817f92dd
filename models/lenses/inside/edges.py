"""What each edge is worth: one head no longer looks from one row at one column, and the answer changes, or does not.

A weight says how much a row takes from a column, not whether the answer needs it (Jain & Wallace 2019, "Attention is
not Explanation"). Here both are told: the weight as the pass had it, and the effect of cutting that edge alone.

An edge is cut either as if the softmax had been without its score, so that the row's other weights make up for it, or
plainly: its weight is zero, and the others stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from models.measures import moved
from models.ops import Array, quiet
from models.passes import TOGETHER, coming
from models.switches import EdgeOff, EdgeSwitch, EdgeZero
from models.switches.edits import Edit, Patch, acting
from models.tracing import Trace, keeps_past, prefix

HEAVY = 0.5  # a weight above is heavy
NIL = 0.01  # bits: an effect below is none
LIGHT = 0.02  # weights below are looked at last
ROUNDING = 32  # of the smallest step of a number: scores rounded otherwise differ by less, and KL is the square of it
MOMENT = 2 * 10**9  # products of two numbers: about a tenth of a second


class Edge(NamedTuple):
    """Where a row of one head looks; row and column are positions of the trace."""

    layer: int
    head: int
    row: int
    column: int

    def cut(self, *, plain: bool = False) -> EdgeSwitch:
        """The switch that cuts it."""
        return (EdgeZero if plain else EdgeOff)(*self)


@dataclass(frozen=True, eq=False)
class Edges:
    """Weights of one head and what they are worth: of one row (S,), or of all rows (T S)."""

    layer: int
    head: int
    row: int | None  # None: of all rows
    weights: Array  # as the pass had them
    effects: Array  # bits of KL, on what follows the last position asked about; NaN where not computed yet
    plain: bool  # whether the others' weights stayed as they were

    @cached_property
    def progress(self) -> float:
        """The share of the edges whose effect is known."""
        return float(np.mean(~np.isnan(self.effects[self.weights > 0]))) if (self.weights > 0).any() else 1.0

    @cached_property
    def correlation(self) -> float:
        """Spearman's, of weight and effect, over the edges that are known; see `rank_correlation`."""
        known = (self.weights > 0) & ~np.isnan(self.effects)
        return rank_correlation(self.weights[known], self.effects[known])


def effects(of: Trace, edges: Sequence[Edge], *, plain: bool = False) -> Array:
    """What cutting each edge alone changes after the last token, under the switches of the trace: (N,) bits of KL.

    Each is a pass that begins after the attention of its layer, at its row. An edge that carries no weight, or that the
    last row cannot be reached from, is not computed: it has none. Neither has one whose effect is that of rounding.
    """
    found = np.zeros(len(edges))
    asked = [number for number, edge in enumerate(edges) if _reaches(of, edge)]
    changes = [_cut(of, edges[number], plain) for number in asked]
    for numbers, scores in coming(of, [(change,) for change in changes]):
        found[[asked[number] for number in numbers]] = moved(of.logits[-1], scores[:, -1])
    least = float(ROUNDING * np.finfo(of.logits.dtype).eps) ** 2
    return np.where(found < least, 0.0, found)


def row_edges(of: Trace, layer: int, head: int, row: int, *, plain: bool = False) -> Edges:
    """One row of one head, and its effects on what follows that row."""
    *_, found = growing(of, layer, head, row, plain=plain)
    return found


def rows_of_heads(of: Trace, row: int, heads: Sequence[tuple[int, int]], *, plain: bool = False) -> tuple[Edges, ...]:
    """The same row of each of these heads (layer, head), together: its effects on what follows it."""
    to = prefix(of, row + 1)
    columns = len(to)
    edges = [Edge(layer, head, row, column) for layer, head in heads for column in range(columns)]
    found = effects(to, edges, plain=plain).reshape(len(heads), columns)
    return tuple(
        Edges(layer, head, row, to.blocks[layer].pattern[head, row], worth, plain)
        for (layer, head), worth in zip(heads, found, strict=True)
    )


def growing(of: Trace, layer: int, head: int, row: int | None = None, *, plain: bool = False) -> Iterator[Edges]:
    """One row of a head and its effects on what follows that row, or all rows and theirs on what follows the last.

    Where rows depend on what comes after them it is always the last. Again and again with more known: heavy edges come
    first, and of these the rows nearest to the end, which cost the least.
    """
    to = of if row is None or not keeps_past(of) else prefix(of, row + 1)
    first = row or 0
    weights = to.blocks[layer].pattern[head, first : None if row is None else row + 1]  # R S
    known = np.where(weights > 0, np.nan, 0.0)
    rows, columns = np.nonzero(weights > 0)
    order = np.lexsort((-rows, weights[rows, columns] < LIGHT))
    edges = [Edge(layer, head, first + int(rows[n]), int(columns[n])) for n in order]
    for some in portions(to, edges) if edges else ([],):
        for edge, effect in zip(some, effects(to, some, plain=plain), strict=True):
            known[edge.row - first, edge.column] = effect
        shown = slice(None) if row is None else 0
        yield Edges(layer, head, row, weights[shown], known[shown].copy(), plain)


def portions(of: Trace, edges: Sequence[Edge]) -> Iterator[list[Edge]]:
    """The edges in their order, so many at a time as a moment has: after each, another question may cut in."""
    config = of.tape.model.config
    most = max(MOMENT // (12 * config.n_embd**2 * config.n_layer), 1)  # rows
    some, rows = list[Edge](), 0
    for edge in edges:
        own = len(of) - edge.row
        if some and rows + own > min(most, TOGETHER):
            yield some
            some, rows = [], 0
        some.append(edge)
        rows += own
    if some:
        yield some


def rank_correlation(a: Array, b: Array) -> float:
    """Spearman's (1904) of two lists (N,), equal values sharing a rank; NaN where one of them is all the same."""
    ranks = [_shared_ranks(np.asarray(each, np.float64)) for each in (a, b)]
    if any(len(each) < 2 or (each == each[0]).all() for each in ranks):
        return float("nan")
    return float(np.corrcoef(*ranks)[0, 1])


def _shared_ranks(values: Array) -> Array:
    """Which of the sorted values each is, from 0; equal ones have the mean of their places."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts + 1) / 2)[which]


def _reaches(of: Trace, edge: Edge) -> bool:
    """Whether a row can reach the answer, and has any weight there to lose."""
    if not of.blocks[edge.layer].pattern[edge.head, edge.row, edge.column]:
        return False
    return edge.row == len(of) - 1 or edge.layer < of.tape.model.config.n_layer - 1 or not keeps_past(of)


def _cut(of: Trace, edge: Edge, plain: bool) -> Edit:
    """The row's z without the column; the switch itself where others act on that pattern, each in its turn."""
    config = of.tape.model.config
    if acting(of.switches, config, "pattern", edge.layer, edge.head):
        return edge.cut(plain=plain)
    block = of.blocks[edge.layer]
    weights = block.pattern[edge.head, edge.row].copy()
    weights[edge.column] = 0
    total = weights.sum()
    with quiet():
        z = weights @ block.v[edge.head] / (1 if plain or not total else total)
    return Patch("z", edge.layer, edge.row, z, edge.head)
