"""The clean case of a bend: facts of two names by one MLP."""

from __future__ import annotations

import numpy as np

from models.lenses import one_mlp
from models.lenses.one_mlp import facts_learned
from models.measures import softmax


def test_with_the_bend_all_are_learned_and_without_it_not_half() -> None:
    for seed in (1, 2):
        assert facts_learned(bent=True, seed=seed) == (64, 64)
        without, of = facts_learned(bent=False, seed=seed)
        assert of == 64 and 16 < without < 32, "better than one name alone, and far from all"


def test_the_gradients_are_those_of_the_loss() -> None:
    names, right = one_mlp._asked()
    assert (names.sum(-1) == 2).all() and (right.sum(-1) == 1).all() and names.shape == (64, 16)
    random = np.random.default_rng(5)
    both = [random.standard_normal((16, 5)), random.standard_normal((5, 8))]

    def loss(bent: bool) -> float:
        widened = names @ both[0]
        said = softmax((np.maximum(widened, 0) if bent else widened) @ both[1])
        return float(-np.log(said[right == 1]).mean())

    for bent in (True, False):
        found = one_mlp._gradients(names, right, *both, bent=bent)
        for matrix, gradient in zip(both, found, strict=True):
            at, step = (3, 2), 1e-6
            kept = matrix[at]
            matrix[at] = kept + step
            more = loss(bent)
            matrix[at] = kept - step
            less = loss(bent)
            matrix[at] = kept
            np.testing.assert_allclose(gradient[at], (more - less) / (2 * step), atol=1e-8)
