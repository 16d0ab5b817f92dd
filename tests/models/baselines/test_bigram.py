"""The bigram by hand, its smoothing, and its rows without a table."""

from __future__ import annotations

import numpy as np
import pytest

from models.baselines import Bigram
from models.baselines.counts import tally
from models.errors import UserError
from tests.models.baselines.verse import LONG, chars

# the bigram


def test_a_bigram_by_hand() -> None:
    model = Bigram(tally(np.array([0, 1, 0, 1, 0, 2]), 2, 4), k=0.5)
    assert model.seen_after(np.arange(4)).tolist() == [[0, 2, 1, 0], [2, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(model.probabilities([0])[0], [0.5 / 5, 2.5 / 5, 1.5 / 5, 0.5 / 5], rtol=1e-15)
    np.testing.assert_allclose(model.probabilities([3])[0], [0.25] * 4)  # never seen: all alike
    np.testing.assert_array_equal(model.probabilities([2])[0], model.probabilities([0, 1, 2, 3])[2])
    assert model.name == "bigram"


@pytest.mark.parametrize("split", [300, 1500, 2500])
def test_k_is_the_best_for_the_held_out_text(split: int) -> None:
    tokens, V = chars(LONG)
    train, held_out = np.array(tokens[:split]), tokens[split:]
    chosen = Bigram.count(train, V, np.array(held_out))
    others = [Bigram(chosen.runs, k=float(k)).loss(held_out) for k in np.geomspace(1e-6, 1e3, 500)]
    assert chosen.loss(held_out) <= min(others) * (1 + 1e-6)


def test_k_at_its_limits_and_without_a_held_out_text() -> None:
    train = np.array([0, 1, 2, 3] * 50)
    assert Bigram.count(train, 4, train).k == pytest.approx(1e-6)  # nothing unseen will come
    assert Bigram.count(train, 4, np.array([0, 2] * 9)).k == pytest.approx(1e3)  # only what was not seen comes
    assert Bigram.count(train, 4).k == Bigram.count(train, 4, np.array([1])).k == 1


def test_an_unreadable_held_out_text_is_not_taken_for_none() -> None:
    with pytest.raises(UserError, match="outside the vocabulary"):
        Bigram.count(np.arange(4), 4, np.array([7, 7]))


def test_a_bigram_over_a_large_vocabulary_has_rows() -> None:
    tokens = np.random.default_rng(0).integers(0, 50_257, 5000)
    model = Bigram.count(tokens, 50_257, tokens)
    assert model.probabilities([int(tokens[0])])[0].argmax() == tokens[1]
