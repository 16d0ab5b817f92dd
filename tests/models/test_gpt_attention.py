"""A model that grew up with another attention: what a switch makes of its twin, in any folder, setting and card."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers

from models import model_folders
from models.errors import UserError
from models.gpt import GPT, GPTConfig
from models.parts import attention_in_words, attention_of
from models.runs import TrainConfig
from models.switches import LinearAttention, ScaleOff, Switch, Window
from models.tracing import trace
from models.training import card
from tests.conftest import random_gpt

SIZES = GPTConfig(vocab_size=11, block_size=16, n_layer=2, n_head=2, n_embd=8)
LINEAR, WINDOW = replace(SIZES, linear=True), replace(SIZES, windows=(3, 3))
TWINS: dict[str, tuple[GPTConfig, Switch]] = {"window:3": (WINDOW, Window(3)), "linear": (LINEAR, LinearAttention())}
TEXT = (1, 2, 3, 4, 5, 6, 7, 8, 9)
OWN_WORDS = ["full", "window:3", "linear"]
each_own = pytest.mark.parametrize(
    "config", [LINEAR, WINDOW, replace(SIZES, windows=(0, 5))], ids=lambda c: c.attention
)


def twin(model: GPT) -> GPT:
    """Of the same weights, with full attention."""
    return replace(model, config=SIZES)


@pytest.mark.parametrize("words", TWINS)
def test_it_is_what_the_switch_makes_of_its_twin(words: str) -> None:
    config, switch = TWINS[words]
    model = random_gpt(config)
    own = trace(model, TEXT)
    assert config.attention == words and np.abs(own.logits - trace(twin(model), TEXT).logits).max() > 1e-3
    for more in ((), (ScaleOff(),)):
        own, put_in = trace(model, TEXT, more), trace(twin(model), TEXT, (*more, switch))
        np.testing.assert_allclose(own.logits, put_in.logits, rtol=0, atol=1e-12)
        for mine, theirs in zip(own.blocks, put_in.blocks, strict=True):
            np.testing.assert_allclose(mine.pattern, theirs.pattern, rtol=0, atol=1e-12)


def test_a_linear_one_has_the_scores_as_they_are() -> None:
    model = random_gpt(LINEAR)
    own, full = (trace(each, TEXT).blocks[0] for each in (model, twin(model)))
    np.testing.assert_array_equal(own.scores, full.scores)
    s = own.scores[1, 6, :7]
    np.testing.assert_allclose(own.pattern[1, 6, :7], (1 + s + s * s / 2) / (1 + s + s * s / 2).sum(), rtol=1e-12)
    assert not own.pattern[1, 6, 7:].any()


def test_its_switch_is_idle_there_and_a_window_that_hides_more_is_not() -> None:
    assert LinearAttention().idle_in(LINEAR) and not LinearAttention().idle_in(WINDOW)
    assert Window(3).idle_in(WINDOW) and not Window(2).idle_in(WINDOW) and not Window(3).idle_in(LINEAR)


@pytest.mark.parametrize("words", OWN_WORDS)
def test_it_is_a_choice_of_training(words: str) -> None:
    config = TrainConfig(n_layer=2, n_head=2, n_embd=8, block_size=16, attention=words)
    assert attention_in_words(*attention_of(words)) == words
    assert config.gpt(11) == {"full": SIZES, "window:3": WINDOW, "linear": LINEAR}[words]
    assert TrainConfig().of_size(config.gpt(11)).attention == words
    assert TrainConfig.from_dict(json.loads(json.dumps(config.as_dict()))) == config
    lacks: dict[str, tuple[str, ...]] = {"full": (), "window:3": ("far places",), "linear": ("softmax",)}
    assert config.gpt(11).lacks == lacks[words]


def test_one_that_differs_from_layer_to_layer_is_not_gone_on_from() -> None:
    mixed = replace(SIZES, windows=(0, 5))
    assert mixed.attention == "full and window:5" and mixed.lacks == ()
    with pytest.raises(UserError, match="attention must be full, window:N .* or linear, not 'full and window:5'"):
        TrainConfig().of_size(mixed)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"attention": "window"}, "must be full, window:N (N places in sight, 1 or more) or linear, not 'window'"),
        ({"attention": "window:0"}, "or linear, not 'window:0'"),
        ({"attention": "window:-3"}, "or linear, not 'window:-3'"),
        ({"attention": ""}, "or linear, not ''"),
        ({"attention": "window:16"}, "has a window of 16, and the context is 16 - take a smaller one, or full"),
        ({"attention": "linear", "model": "gru"}, "is linear, and a gru has none to choose - leave one of the two out"),
        ({"attention": "window:3", "without": ("attention",)}, "and a model without it has none to choose"),
    ],
)
def test_what_no_model_can_be_trained_with_is_refused_in_a_sentence(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError) as caught:
        TrainConfig(block_size=16, **settings)
    assert caught.value.setting == "attention" and says in str(caught.value)


@each_own
def test_a_folder_brings_it_back_and_transformers_refuses_it(config: GPTConfig, tmp_path: Path) -> None:
    for choices in ({}, {"without": ("scale",), "bias": False, "positions": "sinusoidal"}):
        model = random_gpt(replace(config, **choices), dtype=np.float32)  # type: ignore[arg-type]  # each of its own type
        model_folders.save(model, tmp_path / "m")
        again = model_folders.load(tmp_path / "m")
        assert again.config == model.config and again.weights.keys() == model.weights.keys()
        np.testing.assert_array_equal(trace(again, TEXT).logits, trace(model, TEXT).logits)
        assert "Hugging Face layout" not in (tmp_path / "m" / "README.md").read_text()
        hf: Any = transformers
        with pytest.raises(ValueError, match="transformer_playground"):
            hf.AutoModelForCausalLM.from_pretrained(tmp_path / "m")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"windows": []}, "windows is .* - it must list how many positions each layer sees"),
        ({"windows": 3}, "windows is 3 - it must list"),
        ({"windows": [3, True]}, "windows is .* - it must list"),
        ({"windows": [3]}, "windows 1 windows for 2 layers - give one a layer"),
        ({"windows": [3, -3]}, "windows has one of -3 positions - give 1 or more, or 0"),
        ({"linear": False}, "linear is False - it must be true, or be left out"),
        ({"linear": 1}, "linear is 1 - it must be true"),
        ({"model_type": "gpt2"}, "windows = .* is not handled"),
    ],
)
def test_a_config_that_does_not_hold_together_is_refused(change: dict[str, Any], says: str, tmp_path: Path) -> None:
    model_folders.save(random_gpt(WINDOW, dtype=np.float32), tmp_path / "m")
    file = tmp_path / "m" / "config.json"
    assert json.loads(file.read_text())["windows"] == [3, 3]
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(UserError, match=says):
        model_folders.load(tmp_path / "m")


def test_the_card_says_how_it_looks_back() -> None:
    for words, config in (("window:3", WINDOW), ("linear", LINEAR)):
        own = replace(random_gpt(config), training={"settings": {"block_size": 16}})
        sizes = card._sizes(own)
        assert f"| attention | {words} |" in sizes and f"| trained without | {', '.join(config.lacks)} |" in sizes
        assert card._kind(own) == "A GPT-2 that attends otherwise, for study: only the playground can load it."
    plain = replace(random_gpt(SIZES), training={"settings": {"block_size": 16}})
    assert "| attention |" not in card._sizes(plain) and "Hugging Face's layout" in card._kind(plain)
