"""Measuring: every token once, what NumPy computes, and a slice that stays the same."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.errors import UserError
from models.gpt import GPT
from models.measures import surprise
from models.ops import idle
from models.training import Training, evaluate
from models.training.evaluate import Losses, Slice
from models.training.learners import GPTLearner, learner
from tests.models.training.small_training import QUICK, VOCAB, Rows, noise, same, training

CPU = torch.device("cpu")


# held-out loss


def ready(arrays: Any = None) -> tuple[GPT, evaluate.Logits]:
    """A model for NumPy and the same for torch."""
    mine = learner(replace(QUICK, n_embd=8), 11)
    assert isinstance(mine, GPTLearner)
    for name, leaf in mine.leaves.items():
        leaf.data += torch.randn(leaf.shape, generator=torch.Generator().manual_seed(len(name))) * 0.3
    model = mine.model(mine.arrays(), None, "m", {})
    return model, lambda inputs: mine.logits(inputs, torch.float32, idle)


def test_every_position_is_measured() -> None:
    model, logits = ready()
    tokens = np.random.default_rng(4).integers(0, 11, 16 * 5 + 9)
    found = Slice(tokens, 16, 10**9, batch=2).measure(logits, CPU)
    rows = [tokens[at : at + 17].tolist() for at in range(0, 80, 16)]
    bits = np.array([surprise(np.append(model.logits(row[:-1]), np.zeros((1, 11)), 0), row)[1:] for row in rows])
    np.testing.assert_allclose(found.by_position, bits.mean(0) * math.log(2), rtol=1e-5)
    np.testing.assert_allclose(found.by_window, bits.mean(1) * math.log(2), rtol=1e-5)
    assert found.mean == pytest.approx(bits.mean() * math.log(2), rel=1e-5)
    assert found.error == pytest.approx(np.std(bits.mean(1), ddof=1) / math.sqrt(5) * math.log(2), rel=1e-4)


def test_the_error_is_that_of_windows_not_of_tokens() -> None:
    """Windows that are each of one kind throughout: as many draws as windows, however many tokens those have."""
    easy_or_hard = np.random.default_rng(0).integers(0, 2, (400, 1)) + np.zeros((400, 64))
    losses = Losses(tuple(easy_or_hard.mean(0)), tuple(easy_or_hard.mean(1)))
    assert losses.error == pytest.approx(0.5 / math.sqrt(400), rel=0.01)
    assert math.isnan(Losses((1.0, 2.0), (1.5,)).error)


def test_measuring_tells_how_far_it_is_and_ends_with_the_same() -> None:
    _, logits = ready()
    some = Slice(np.random.default_rng(4).integers(0, 11, 16 * 5 + 9), 16, 10**9, batch=2)
    measuring = some.measuring(logits, CPU)
    assert [next(measuring), next(measuring), next(measuring)] == [0.4, 0.8, 1.0]
    with pytest.raises(StopIteration) as done:
        next(measuring)
    assert done.value.value == some.measure(logits, CPU)


@given(n=st.integers(2, 500), context=st.integers(1, 20), tokens=st.integers(0, 600))
def test_a_slice_is_whole_windows_evenly_spread(n: int, context: int, tokens: int) -> None:
    held_out = Slice(np.arange(n), context, tokens, 4)
    starts = held_out.starts
    assert len(starts) >= 1 and starts[0] == 0 and starts[-1] + held_out.context < n
    between = np.diff(starts)
    assert (between >= held_out.context).all() and (len(between) == 0 or np.ptp(between) <= held_out.context)
    assert held_out.places.size <= max(tokens, held_out.context)


@given(
    n=st.integers(2, 300),
    context=st.integers(1, 20),
    openings=st.lists(st.integers(0, 299), unique=True).map(sorted),
)
def test_a_slice_begins_where_texts_do(n: int, context: int, openings: list[int]) -> None:
    held_out = Slice(np.arange(n), context, n, 4, np.array(openings, int))
    assert (np.diff(held_out.starts) >= held_out.context).all() and held_out.places.max() < n
    fitting = {at for at in openings if at + held_out.context < n}
    assert set(held_out.starts) <= (fitting or {0})
    assert not fitting or held_out.starts[0] == min(fitting)


def test_a_slice_stays_the_same_and_measuring_changes_nothing() -> None:
    run = training()
    before, tokens = run.weights(), run.source.draw()[0]
    assert run.evaluate() == run.evaluate() and same(before, run.weights())
    assert run.evaluate().mean == pytest.approx(math.log(VOCAB), abs=0.1) and tokens.shape == (8, 16)


def test_too_little_to_measure_on_is_named() -> None:
    with pytest.raises(UserError, match="1 tokens are held out"):
        Training(QUICK, VOCAB, Rows(noise(), 16, 8), noise()[:1])


def test_a_held_out_text_shorter_than_the_context_is_measured() -> None:
    run = Training(QUICK, VOCAB, Rows(noise(), 16, 8), noise()[:6])
    assert len(run.evaluate().by_position) == 5
