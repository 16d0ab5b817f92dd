"""Probabilities, entropy, divergence, surprise: against sums done by hand and in exact arithmetic."""

from __future__ import annotations

import math
import tracemalloc
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models import measures
from models.measures import effect, entropy, kl, largest, log_softmax, rank, ranked, ranks, softmax, surprise

INF, NAN = math.inf, math.nan
LOGITS = hnp.arrays(np.float32, st.integers(1, 40), elements=st.floats(-300, 300, width=32))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def by_hand(logits: Any) -> list[float]:
    top = max(float(x) for x in logits)
    e = [math.exp(float(x) - top) for x in logits]
    return [x / math.fsum(e) for x in e]


@given(LOGITS)
def test_softmax_is_what_it_is_by_hand(logits: Any) -> None:
    p = softmax(logits)
    assert p.dtype == np.float64
    np.testing.assert_allclose(p, by_hand(logits), rtol=1e-13, atol=0)
    np.testing.assert_allclose(np.exp(log_softmax(logits)), p, rtol=1e-12, atol=0)


@pytest.mark.parametrize("shift", [0.0, 1e5, -1e5, 1e308, -1e308])
def test_a_shift_of_all_logits_changes_nothing(shift: float) -> None:
    np.testing.assert_array_equal(softmax(np.array([shift, shift, shift])), np.full(3, 1 / 3))


def test_minus_infinity_is_probability_zero_and_the_rest_is_untouched() -> None:
    np.testing.assert_array_equal(softmax([0.0, -INF, 0.0]), [0.5, 0.0, 0.5])
    assert log_softmax([0.0, -INF, 0.0])[1] == -INF
    assert log_softmax([0.0, -2000.0])[1] == -2000.0  # where softmax has long since underflowed
    np.testing.assert_array_equal(softmax([1.7e308, -1.7e308]), [1.0, 0.0])


@pytest.mark.parametrize("bad", [[NAN, 1.0, 2.0], [INF, 0.0, 0.0], [-INF, -INF, -INF], [INF, INF, -INF]])
def test_what_is_no_distribution_is_nan_and_stays_in_its_row(bad: list[float]) -> None:
    rows = np.array([bad, [0.0, 0.0, 0.0]])
    for measured in (softmax(rows), log_softmax(rows)):
        assert np.isnan(measured[0]).all()
        assert np.isfinite(measured[1]).all()
    assert np.isnan(entropy(softmax(bad)))
    assert np.isnan(kl(softmax(bad), softmax(rows[1])))
    assert np.isnan(kl(softmax(rows[1]), softmax(bad)))
    np.testing.assert_array_equal(np.isnan(surprise(rows, [0, 1])), [True, True])


def test_entropy() -> None:
    np.testing.assert_allclose(entropy(np.full((2, 64), 1 / 64)), [6.0, 6.0])
    assert entropy([0.5, 0.25, 0.25, 0.0]) == 1.5
    certain = entropy([0.0, 1.0, 0.0])
    assert certain == 0 and math.copysign(1, certain) == 1  # never shown as -0.00


def test_kl_by_hand_and_where_it_is_infinite() -> None:
    assert kl([0.5, 0.5], [0.25, 0.75]) == pytest.approx(0.5 * math.log2(2) + 0.5 * math.log2(2 / 3), rel=1e-14)
    assert kl([0.25, 0.75], [0.5, 0.5]) == pytest.approx(0.25 * math.log2(0.5) + 0.75 * math.log2(1.5), rel=1e-14)
    assert kl([0.5, 0.5, 0.0], [1.0, 0.0, 0.0]) == INF
    assert kl([1.0, 0.0, 0.0], [0.5, 0.5, 0.0]) == 1.0
    np.testing.assert_allclose(kl(np.eye(3), np.full(3, 1 / 3)), np.full(3, np.log2(3)), rtol=1e-14)  # rows against one


@given(st.integers(2, 30).flatmap(lambda n: st.tuples(*[hnp.arrays(float, n, elements=st.floats(-30, 30))] * 2)))
def test_kl_is_never_below_zero_and_zero_for_equals(pair: tuple[Any, Any]) -> None:
    p, q = softmax(pair[0]), softmax(pair[1])
    assert kl(p, q) >= 0
    assert kl(p, p) == 0


def test_surprise_scores_each_token_by_the_row_before_it() -> None:
    logits = np.log([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125], [1 / 3] * 3])
    bits = surprise(logits, [0, 1, 2])
    assert np.isnan(bits[0])
    np.testing.assert_allclose(bits[1:], [2.0, 3.0], rtol=1e-14)
    assert surprise(np.array([[0.0, -INF]] * 2), [0, 1])[1] == INF


def test_surprise_looks_at_a_long_text_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 1,024 tokens of GPT-2 the scores alone are 200 MB: no copy of all of them is made, and none in float64."""
    monkeypatch.setattr(measures, "AT_ONCE", 1 << 12)
    rng = np.random.default_rng(3)
    logits, tokens = rng.normal(0, 3, (300, 500)).astype(np.float32), rng.integers(0, 500, 300)
    tracemalloc.start()
    bits = surprise(logits, tokens.tolist())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < logits.nbytes / 2
    np.testing.assert_allclose(bits[1:], -log_softmax(logits[:-1])[np.arange(299), tokens[1:]] / math.log(2))
    assert np.isnan(bits[0])


@pytest.mark.parametrize("length", [0, 1])
def test_surprise_of_next_to_nothing(length: int) -> None:
    bits = surprise(np.zeros((length, 4)), [0] * length)
    assert bits.shape == (length,) and np.isnan(bits).all()


def test_an_effect_is_the_divergence_and_the_top_tokens() -> None:
    before, after = np.array([1.0, 2.0, 0.5]), np.array([3.0, 2.0, -1.0])
    change = effect(before, after)
    expected = float(kl(softmax(before), softmax(after)))
    assert change.kl == pytest.approx(expected, abs=1e-12) and (change.was, change.now) == (1, 0)
    assert effect(before, before).kl == 0


def test_an_effect_stays_finite_where_probabilities_underflow() -> None:
    assert effect(np.zeros(2), np.array([0.0, -5000.0])).kl == pytest.approx(2500 / np.log(2) - 1)
    assert np.isnan(effect(np.zeros(2), np.array([0.0, np.nan])).kl)


@given(hnp.arrays(np.float64, st.integers(1, 30), elements=st.sampled_from([0.0, 0.1, 0.25, 0.5])), st.integers(0, 31))
def test_ranks_are_a_stable_order(p: np.ndarray[tuple[int], np.dtype[np.float64]], n: int) -> None:
    whole = sorted(range(p.size), key=lambda token: (-p[token], token))
    assert ranked(p).tolist() == whole
    assert ranked(p, n).tolist() == whole[:n]
    assert sorted(largest(p, n).tolist()) == sorted(whole[:n])
    assert [rank(p, token) for token in whole] == list(range(1, p.size + 1))
    assert ranks(np.tile(p, (p.size, 1)), np.array(whole)).tolist() == list(range(1, p.size + 1))
    assert ranks(np.full((1, p.size), np.nan), np.array([0])).tolist() == [0]
