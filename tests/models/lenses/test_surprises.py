"""Surprise over texts of any length is that of passes over windows, and of the truth in its world."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import measures
from models.baselines import Bigram, NGram
from models.corpora import little_world
from models.gpt import GPT
from models.lenses.surprises import surprises, surprises_of, windows
from models.lenses.truth import Truth
from models.tokenizers import Tokenizer
from models.tracing import trace
from tests.models.lenses.small_models import V, random_tokens


@given(st.integers(1, 300), st.integers(2, 40))
def test_every_token_but_the_first_is_predicted_once(length: int, context: int) -> None:
    predicted: list[int] = []
    for start, first, stop in windows(length, context):
        assert 0 <= start < first < stop <= min(length, start + context)
        assert start == 0 or first - start >= context // 2
        predicted += range(first, stop)
    assert predicted == list(range(1, length))


@pytest.mark.parametrize("length", [1, 2, 15, 16, 17, 100])
def test_surprise_is_that_of_passes_over_windows(tiny_gpt: GPT, counted: tuple[Bigram, NGram], length: int) -> None:
    tokens = random_tokens(length)
    found = surprises(tiny_gpt, tokens)
    assert len(found) == length and np.isnan(found[0])
    for start, first, stop in windows(length, 16):
        seen = tokens[start:stop]
        right = measures.surprise(trace(tiny_gpt, seen.tolist()).logits, seen)
        assert np.allclose(found[first:stop], right[first - start :], rtol=0, atol=1e-10)
    for baseline in counted:
        right = measures.surprise(baseline.logits(tokens), tokens)
        assert np.allclose(surprises(baseline, tokens), right, rtol=0, atol=1e-10, equal_nan=True)


def test_many_texts_together_are_each_as_alone(
    tiny_gpt: GPT, counted: tuple[Bigram, NGram], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [random_tokens(length, seed) for seed, length in enumerate((1, 5, 40, 5, 17, 40))]
    for cells in (20 * V, 1 << 22):
        monkeypatch.setattr("models.lenses.surprises.CELLS", cells)
        for model in (tiny_gpt, *counted):
            found = surprises_of(model, [text.tolist() for text in texts])
            for text, bits in zip(texts, found, strict=True):
                assert np.allclose(bits, surprises(model, text), rtol=0, atol=1e-10, equal_nan=True)


def test_counting_a_piece_at_a_time_changes_nothing(
    counted: tuple[Bigram, NGram], monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = random_tokens(100)
    for baseline in counted:
        whole = surprises(baseline, tokens)
        monkeypatch.setattr("models.lenses.surprises.CELLS", 7 * V)
        assert np.allclose(surprises(baseline, tokens), whole, rtol=0, atol=1e-12, equal_nan=True)


def test_the_truth_s_surprise_ends_where_its_world_ends(words: Tokenizer) -> None:
    truth = Truth(words, little_world.world())
    tokens = words.encode("michael jordan plays basketball. yuki stone plays lamp. who")
    bits = surprises(truth, tokens)
    right = measures.surprise(truth.logits(tokens), tokens)
    assert np.allclose(bits, right, equal_nan=True)
    lamp = tokens.index(words.ids["lamp"])
    assert bits[3] == 0 and bits[lamp] == math.inf and np.isnan(bits[lamp + 1 :]).all()


def test_the_sum_of_exponentials_does_not_overflow() -> None:
    rows = np.array([[1000.0, 1000.0], [-np.inf, 2.0], [-np.inf, -np.inf]])
    assert np.allclose(measures.log_sum(rows), [1000 + math.log(2), 2, np.nan], equal_nan=True)
