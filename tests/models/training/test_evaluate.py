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
from models.training.evaluate import Slice
from models.training.learners import GPTLearner, learner
from tests.models.training.small_training import QUICK, VOCAB, Rows, noise, same, training

CPU = torch.device("cpu")


# held-out loss


@given(n=st.integers(1, 60), context=st.integers(1, 16), part=st.integers(1, 16), batch=st.integers(1, 4))
def test_windows_score_every_token_once(n: int, context: int, part: int, batch: int) -> None:
    stride = min(part, context)
    scored: list[int] = []
    for starts, length, fresh in evaluate._windows(n, context, stride, batch):
        assert 0 < fresh <= length <= context and len(starts) <= max(batch, 1)
        for at in starts:
            scored += range(at + length - fresh, at + length)
    assert scored == list(range(n))


def ready(arrays: Any = None) -> tuple[GPT, evaluate.Logits]:
    """A model for NumPy and the same for torch."""
    mine = learner(replace(QUICK, n_embd=8), 11)
    assert isinstance(mine, GPTLearner)
    for name, leaf in mine.leaves.items():
        leaf.data += torch.randn(leaf.shape, generator=torch.Generator().manual_seed(len(name))) * 0.3
    model = mine.model(mine.arrays(), None, "m", {})
    return model, lambda inputs: mine.logits(inputs, torch.float32, idle)


@pytest.mark.parametrize(("n", "stride"), [(2, None), (17, None), (100, None), (100, 8), (101, 5)])
def test_the_held_out_loss_is_what_numpy_computes(n: int, stride: int | None) -> None:
    model, logits = ready()
    tokens = np.random.default_rng(3).integers(0, 11, n)
    bits: list[float] = []
    while len(bits) < n - 1:  # as the docstring says it, one window after the other
        start = 0 if not bits else len(bits) - (16 - (stride or 16))
        row = tokens[start : start + 17].tolist()
        scores = np.append(model.logits(row[:-1]), np.zeros((1, 11)), 0)
        bits += surprise(scores, row)[1:][len(bits) - start :].tolist()
    found = evaluate.windows(logits, 16, tokens, batch=2, stride=stride)
    assert found == pytest.approx(sum(bits) * math.log(2) / (n - 1), rel=1e-5)


def test_every_position_is_measured() -> None:
    model, logits = ready()
    tokens = np.random.default_rng(4).integers(0, 11, 16 * 5 + 9)
    found = Slice(tokens, 16, 10**9, batch=2).measure(logits, CPU)
    rows = [tokens[at : at + 17].tolist() for at in range(0, 80, 16)]
    bits = np.array([surprise(np.append(model.logits(row[:-1]), np.zeros((1, 11)), 0), row)[1:] for row in rows])
    np.testing.assert_allclose(found, bits.mean(0) * math.log(2), rtol=1e-5)


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
    assert np.mean(run.evaluate()) == pytest.approx(math.log(VOCAB), abs=0.1) and tokens.shape == (8, 16)


def test_too_little_to_measure_on_is_named() -> None:
    with pytest.raises(UserError, match="1 tokens are held out"):
        Training(QUICK, VOCAB, Rows(noise(), 16, 8), noise()[:1])


def test_a_held_out_text_shorter_than_the_context_is_measured() -> None:
    run = Training(QUICK, VOCAB, Rows(noise(), 16, 8), noise()[:6])
    assert len(run.evaluate()) == 5
