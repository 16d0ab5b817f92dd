"""Texts of the little world begin with a line end; what one loses without is the difference of two plain passes."""

from __future__ import annotations

import numpy as np
import pytest

from models import load, trace
from models.lenses.inside.beginnings import first_token, lost_without
from models.measures import softmax
from models.tracing import Trace


def test_what_a_text_loses_is_what_the_same_words_cost_more() -> None:
    model = load("little-world")
    words = "michael jordan plays basketball"
    alone, behind = trace(model, words), trace(model, "\n" + words)

    def bits(of: Trace, skip: int) -> float:
        p = softmax(of.logits)
        return -sum(float(np.log2(p[at - 1, token])) for at, token in enumerate(of.tokens) if at >= skip)

    lost = lost_without(model, alone.tokens, alone.logits)
    assert lost is not None and lost > 0.5
    assert lost == pytest.approx(bits(alone, 1) - bits(behind, 2), abs=1e-4)
    assert lost_without(model, behind.tokens, behind.logits) is None


def test_of_a_model_of_other_texts_nothing_is_said() -> None:
    model = load("shakespeare-char")
    found = trace(model, "To be")
    assert first_token(model) is None and lost_without(model, found.tokens, found.logits) is None
