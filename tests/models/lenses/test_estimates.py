"""The error of a figure is how far another draw would be from it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.lenses.estimates import a_word, of_mean


def test_the_error_of_a_mean_is_that_of_the_textbook() -> None:
    found = of_mean(np.array([1.0, 2.0, 3.0, 6.0]))
    assert found.value == 3.0 and found.error == pytest.approx(math.sqrt((4 + 1 + 0 + 9) / 3 / 4))
    assert math.isnan(of_mean(np.array([1.0])).error)


def test_words_of_one_text_are_one_draw() -> None:
    """A text said twice over tells no more of the mean, however many words it has."""
    texts = [np.array([1.0, 1.0]), np.array([3.0])]
    assert a_word(texts).value == pytest.approx(5 / 3)
    once = a_word([np.full(2, each) for each in (1.0, 3.0, 5.0)])
    twice = a_word([np.full(20, each) for each in (1.0, 3.0, 5.0)])
    assert once.value == twice.value == 3 and once.error == pytest.approx(twice.error)
    assert once.error == pytest.approx(2 / math.sqrt(3)) and math.isnan(a_word(texts[:1]).error)


def test_the_error_is_the_spread_of_other_draws() -> None:
    rng = np.random.default_rng(0)

    def draw() -> list[np.ndarray]:
        return [rng.normal(rng.normal(2, 1), 0.5, rng.integers(1, 20)) for _ in range(100)]

    found = [a_word(draw()) for _ in range(300)]
    spread = np.std([each.value for each in found])
    assert np.mean([each.error for each in found]) == pytest.approx(spread, rel=0.1)
