"""The pairs that are offered are of one length, and answered otherwise."""

from __future__ import annotations

import pytest

from models import load
from models.lenses.inside.pairs import PAIRS, another, example
from models.tracing import trace

TEXTS = [
    "michael jordan plays",
    "on sunday boris vale played",
    "france : paris ; italy : rome ; spain : madrid ; japan :",
    "once a king lived in the palace . people called",
    "anna was by the river . the bank",
    "the cats near the tree",
    *(pair[0] for pair in PAIRS[:-1]),
]


@pytest.mark.parametrize("text", TEXTS)
def test_another_text_is_of_one_length_and_answered_otherwise(text: str) -> None:
    model = load("little-world")
    assert model.tokenizer is not None
    typed = model.tokenizer.decode(model.tokenizer.encode(text))
    for each in {text, typed}:
        other = another(each)
        assert other is not None and not model.tokenizer.unknown_words(other)
        here, there = trace(model, each), trace(model, other)
        assert len(here) == len(there) and here.logits[-1].argmax() != there.logits[-1].argmax()


@pytest.mark.parametrize("name", ["little-world", "shakespeare-char"])
def test_every_model_that_comes_along_has_an_example(name: str) -> None:
    model = load(name)
    assert model.tokenizer is not None
    pair = example(model.tokenizer)
    assert pair is not None
    here, there = (trace(model, text) for text in pair)
    assert len(here) == len(there) and here.logits[-1].argmax() != there.logits[-1].argmax()
    assert another("hello") is None
