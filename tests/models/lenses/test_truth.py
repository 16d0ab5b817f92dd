"""The truth is a model like any other."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.corpora import little_world
from models.lenses.truth import Truth
from models.tokenizers import Tokenizer


def test_the_truth_is_a_model_like_any_other(words: Tokenizer) -> None:
    truth = Truth(words, little_world.world())
    tokens = words.encode("\nmichael jordan plays basketball.\nthe zor cat")
    rows = truth.logits(tokens)
    assert rows.shape == (len(tokens), words.vocab_size)
    assert np.allclose(np.exp(rows[:8]).sum(-1), 1)
    assert rows[3, words.ids["basketball"]] == pytest.approx(0)
    assert rows[3, words.ids["chess"]] == -math.inf
    assert np.isnan(rows[8:]).all()
    beliefs = list(truth.beliefs(tokens))
    assert beliefs[3] is not None and beliefs[-1] is None
    assert beliefs[3].readings[0].says == "about people and sports; michael jordan plays basketball"
    assert truth.world.start.readings[0].says == "a new text begins"
    assert np.isnan(truth.logits(words.encode("the zebra"))[1]).all()
