"""One MLP that learns facts of two names, with its bend and without: the clean case, no attention, no norm.

What goes in is the sum of the two names, one number a name. Without the bend the two matrices are one, and whatever
comes out is what the first name says plus what the last one says (Minsky & Papert 1969, "Perceptrons").
"""

from __future__ import annotations

import numpy as np

from models.corpora.little_world.parts.facts import SPORT
from models.measures import softmax
from models.ops import Array

WIDTH, STEPS, RATE = 64, 600, 0.02
FORGETS = 0.9, 0.99  # of the running means of a gradient and of its square
LEAST = 1e-8


def facts_learned(*, bent: bool, seed: int = 1) -> tuple[int, int]:
    """How many of the little world's facts it says right after 600 steps of Adam on all of them, and of how many.

    Takes a tenth of a second. Without the bend it is a convex problem: more width or more steps find no more.
    """
    names, right = _asked()
    random = np.random.default_rng(seed)
    shapes = (names.shape[1], WIDTH), (WIDTH, right.shape[1])
    matrices = [random.standard_normal(shape) / np.sqrt(shape[0]) for shape in shapes]
    means, squares = ([np.zeros(shape) for shape in shapes] for _ in FORGETS)
    for step in range(1, STEPS + 1):
        gradients = _gradients(names, right, *matrices, bent=bent)
        for matrix, mean, square, gradient in zip(matrices, means, squares, gradients, strict=True):
            mean += (1 - FORGETS[0]) * (gradient - mean)
            square += (1 - FORGETS[1]) * (gradient**2 - square)
            along = mean / (1 - FORGETS[0] ** step)
            matrix -= RATE * along / (np.sqrt(square / (1 - FORGETS[1] ** step)) + LEAST)
    said = _inside(names @ matrices[0], bent=bent) @ matrices[1]
    return int((said.argmax(-1) == right.argmax(-1)).sum()), len(right)


def _asked() -> tuple[Array, Array]:
    """Each person as the sum of two names (P N), and what they play (P S): zeros and ones."""
    known = sorted({("first", first) for first, _ in SPORT} | {("last", last) for _, last in SPORT})
    sports = sorted(set(map(str, SPORT.values())))
    names = [[name in (("first", first), ("last", last)) for name in known] for first, last in SPORT]
    right = [[sport == played for sport in sports] for played in SPORT.values()]
    return np.array(names, np.float64), np.array(right, np.float64)


def _inside(widened: Array, *, bent: bool) -> Array:
    return np.maximum(widened, 0) if bent else widened


def _gradients(names: Array, right: Array, widens: Array, narrows: Array, *, bent: bool) -> tuple[Array, Array]:
    """Of the mean loss, by each of the two matrices."""
    widened = names @ widens  # P F
    inside = _inside(widened, bent=bent)
    off = (softmax(inside @ narrows) - right) / len(names)  # P S
    back = off @ narrows.T
    return names.T @ (back * (widened > 0) if bent else back), inside.T @ off
