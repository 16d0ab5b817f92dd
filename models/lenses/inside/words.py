"""Words as vectors: a flat map of them, neighbours, arithmetic, directions, and how much room so many dimensions have.

Vectors are rows (N C): of the embedding, or of the residual stream at some depth, one a position.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import UserError
from models.lenses.vectors import nearness, units
from models.measures import rank, ranked
from models.ops import Array
from models.tracing import Trace, stream_into

SAMPLE = 600  # vectors whose angles are looked at, if there are more than that
NEAR_ZERO = 0.2  # a cosine below this is called nearly orthogonal
DRAWS = 32  # directions between random words, to hold one against
BINS = 40  # of cosines from -1 to 1
_GRID = 20_000  # angles that chance is reckoned on


def at_depth(trace: Trace, depth: int) -> Array:
    """The residual stream at each position, before the first layer (0) or after so many: (T C) float64."""
    return np.asarray(stream_into(trace, depth), np.float64)


# the map -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class Flat:
    """Vectors laid flat: where each is along the two directions in which they differ most."""

    places: Array  # N 2, from their mean
    axes: Array  # 2 C, of length 1
    kept: Array  # 2, the share of their variance that each axis keeps

    @property
    def share(self) -> float:
        """Of the variance, what a flat map keeps: 1 if nothing is lost."""
        return float(self.kept.sum())


def flat(vectors: Array) -> Flat:
    """The first two principal components of vectors (N C) (Pearson 1901; Hotelling 1933).

    UserError where they are not all numbers.
    """
    if not np.isfinite(vectors).all():
        raise UserError("these vectors are not all numbers", "look at other words, or at another model")
    centred = vectors - vectors.mean(0)
    variances, directions = np.linalg.eigh(centred.T @ centred)  # C, smallest first; C C
    axes = np.zeros((2, vectors.shape[1]))
    axes[: len(variances)] = directions.T[:-3:-1]
    axes *= np.where(np.take_along_axis(axes, np.abs(axes).argmax(1)[:, None], 1) < 0, -1, 1)  # the same each time
    largest = np.zeros(2)
    largest[: len(variances)] = np.maximum(variances[:-3:-1], 0)
    whole = float(np.maximum(variances, 0).sum())
    return Flat(centred @ axes.T, axes, largest / whole if whole else largest)


def parallel(places: Array, pairs: Array) -> Array:
    """How alike the arrows of pairs (P 2, rows of `places`) are: the cosine of each with the mean of all, (P)."""
    arrows = places[pairs[:, 1]] - places[pairs[:, 0]]
    mean: Array = units(arrows) @ units(arrows.mean(0))
    return mean


# neighbours and sums -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class Near:
    """What lies nearest to a vector."""

    nearest: Array  # n, rows of the vectors, nearest first
    cosines: Array  # n
    rank: int  # of the answer that was expected, from 1; 0 where none was
    cosine: float  # and its cosine; NaN


def near(wanted: Array, vectors: Array, given: Sequence[int] = (), count: int = 10, answer: int | None = None) -> Near:
    """The nearest of vectors (N C) to one (C) by cosine, those `given` left out, and which of them the answer is.

    An answer that is left out has rank 0.
    """
    found = nearness(wanted[None], vectors, np.array([list(given)], np.intp) if given else None)[0]
    best = ranked(found, min(count, len(found) - len({*given})))
    if answer is None:
        return Near(best, found[best], 0, float("nan"))
    return Near(best, found[best], 0 if answer in given else rank(found, answer), float(found[answer]))


def summed(vectors: Array, plus: Sequence[int], minus: Sequence[int]) -> Array:
    """The sum of some of the vectors (N C) less others, each first brought to length 1 (Mikolov et al. 2013): (C)."""
    total: Array = units(vectors[[*plus]]).sum(0) - units(vectors[[*minus]]).sum(0)
    return total


# directions ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class Direction:
    """A direction between words, and where all words fall on it: 0 is the middle of the pairs."""

    axis: Array  # C, of length 1
    falls: Array  # N
    sides: Array  # P 2, where the words of each pair fall
    left_out: Array  # P 2, the same on the direction of the other pairs alone; NaN with one pair
    spread: float  # of all words along it
    by_chance: float  # along the direction of as many random pairs of words, on the average of `DRAWS` such

    @property
    def right(self) -> int:
        """How many pairs the direction of the other ones puts the right way round."""
        return int((self.left_out[:, 1] > self.left_out[:, 0]).sum())


def direction(vectors: Array, pairs: Array, seed: int = 1) -> Direction:
    """The mean difference of pairs (P 2, rows of the vectors N C), from the first to the second of each.

    Bolukbasi et al. 2016, "Man is to Computer Programmer as Woman is to Homemaker?". Its control is the same made of
    random pairs: a word may fall far out on a direction that has nothing to do with it. UserError if the words of the
    pairs do not differ.
    """
    axis, middle = _between(vectors, pairs)
    if not np.isfinite(axis).all() or not axis.any():
        raise UserError("there is no direction between words that do not differ", "give two others")
    falls = vectors @ axis - middle @ axis
    left_out = np.full(pairs.shape, np.nan)
    for number in range(len(pairs) if len(pairs) > 1 else 0):
        other, _ = _between(vectors, np.delete(pairs, number, 0))
        left_out[number] = vectors[pairs[number]] @ other
    random = np.random.default_rng(seed)
    draws = [_between(vectors, random.integers(len(vectors), size=pairs.shape))[0] for _ in range(DRAWS)]
    by_chance = float((vectors @ np.stack(draws, 1)).std(0).mean())
    return Direction(axis, falls, falls[pairs], left_out, float(falls.std()), by_chance)


def _between(vectors: Array, pairs: Array) -> tuple[Array, Array]:
    """The direction of pairs, of length 1, and their middle: (C), (C)."""
    first, second = vectors[pairs[:, 0]], vectors[pairs[:, 1]]
    return units((second - first).mean(0)), (first + second).mean(0) / 2


# angles --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class Angles:
    """How near to orthogonal random pairs are, beside what chance does in as many dimensions, and in three."""

    dimensions: int  # C
    pairs: int  # looked at
    mean: float
    spread: float  # one standard deviation
    near_zero: float  # the share of cosines between -NEAR_ZERO and NEAR_ZERO
    mean_gone: float  # the spread once the vectors' mean is taken away from each
    edges: Array  # B+1, of the bins, from -1 to 1
    shares: Array  # B, of the pairs
    chance: Array  # B, of random directions in C dimensions
    in_three: Array  # B, in three
    chance_near_zero: float

    @property
    def chance_spread(self) -> float:
        """Of random directions: one over the root of C."""
        return float(self.dimensions**-0.5)


def angles(vectors: Array, seed: int = 1) -> Angles:
    """The cosines of all pairs of vectors (N C), or of `SAMPLE` of them, drawn at random, where they are many.

    UserError for fewer than two vectors.
    """
    if len(vectors) < 2:
        raise UserError("there is only one vector", "angles need two")
    dimensions, mean = vectors.shape[1], vectors.mean(0)
    if len(vectors) > SAMPLE:
        vectors = vectors[np.random.default_rng(seed).choice(len(vectors), SAMPLE, replace=False)]
    cosines, centred = _cosines(vectors), _cosines(vectors - mean)
    edges = np.linspace(-1, 1, BINS + 1)
    return Angles(
        dimensions=dimensions,
        pairs=len(cosines),
        mean=float(cosines.mean()),
        spread=float(cosines.std()),
        near_zero=float((np.abs(cosines) < NEAR_ZERO).mean()),
        mean_gone=float(centred.std()),
        edges=edges,
        shares=_shares(cosines, edges),
        chance=by_chance(dimensions, edges),
        in_three=by_chance(3, edges),
        chance_near_zero=float(by_chance(dimensions, np.array([-NEAR_ZERO, NEAR_ZERO])).sum()),
    )


def fitting(dimensions: int, drawn: int, most: float, seed: int = 1) -> int:
    """How many of so many random directions stay, taken in turn, if no two may have a cosine of `most` or beyond.

    More may fit: one that was taken early can stand in the way of several. Needs drawn² numbers.
    """
    unit = units(np.random.default_rng(seed).standard_normal((drawn, dimensions)))
    near = np.abs(unit @ unit.T) >= most
    free, stay = np.ones(drawn, bool), 0
    for number in range(drawn):
        if free[number]:
            free &= ~near[number]
            stay += 1
    return stay


def by_chance(dimensions: int, edges: Array) -> Array:
    """The share of the cosines of random directions that falls between each two edges (B+1), in increasing order: (B).

    The density of an angle is the sine of it to the power C - 2.
    """
    angle = (np.arange(_GRID) + 0.5) * np.pi / _GRID
    weight = np.sin(angle) ** (dimensions - 2)
    return np.histogram(np.cos(angle), edges, weights=weight / weight.sum())[0]


def _cosines(vectors: Array) -> Array:
    """Of all pairs of the vectors (N C), each once."""
    unit = units(vectors)
    return np.clip((unit @ unit.T)[np.triu_indices(len(unit), 1)], -1, 1)


def _shares(cosines: Array, edges: Array) -> Array:
    return np.histogram(cosines, edges)[0] / len(cosines)
