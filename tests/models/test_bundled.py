"""The bundled models: what ships is what the card says, and writes what it wrote."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import models
from models import baselines
from models.gpt import GPT
from models.sampling import Sampler, draw
from models.tracing import extend, trace

FOLDER = models.folder("shakespeare-char")
CORPUS = Path(__file__).parents[3] / "shared" / "data" / "tinyshakespeare.txt"
GOLDEN = Path(__file__).with_name("golden.txt")


def written(model: GPT, prompt: str, length: int, seed: int) -> str:
    """The text the model writes, stepped as the app steps it."""
    assert model.tokenizer is not None
    now = trace(model, prompt)
    for position in range(len(now), len(now) + length):
        now = extend(model, now, draw(now.logits[-1], Sampler(), seed, position).token)
    return model.tokenizer.decode(now.tokens)


def test_it_writes_the_same_200_tokens_as_ever() -> None:
    """In float64, so that no other order of additions can tip a draw."""
    assert written(models.load("shakespeare-char", dtype="float64"), "ROMEO:", 200, seed=7) == GOLDEN.read_text("utf-8")


def test_the_folder_is_small_and_complete() -> None:
    files = {path.name for path in FOLDER.iterdir()}
    assert files >= {"config.json", "model.safetensors", "tokenizer.json", "training.json", "README.md"}
    assert files >= {"bigram.safetensors", "ngram.safetensors"}
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 8_000_000


def test_the_card_says_what_was_measured() -> None:
    card = (FOLDER / "README.md").read_text("utf-8")
    facts = json.loads((FOLDER / "training.json").read_text("utf-8"))
    assert facts["val_loss"] <= 1.55
    for number in (facts["val_loss"], facts["bits_per_character"], *facts["rivals"].values()):
        assert f"{number:.4f}" in card
    assert facts["bits_per_character"] == pytest.approx(facts["val_loss"] / np.log(2))
    assert "playground train" in card and set(facts["rivals"]) == {"bigram", "5-gram"}


def test_its_loss_on_part_of_the_held_out_text_fits_the_card() -> None:
    """Needs ../shared/data/tinyshakespeare.txt; 24 windows from all over the held-out tenth."""
    model = models.load("shakespeare-char")
    assert model.tokenizer is not None
    text = CORPUS.read_text("utf-8")
    held_out = model.tokenizer.encode(text[int(len(text) * 0.9) :])
    context = model.config.block_size
    losses = []
    for start in np.linspace(0, len(held_out) - context - 1, 24, dtype=int):
        window = held_out[start : start + context + 1]
        logits = trace(model, window[:-1]).logits.astype(np.float64)
        logits -= logits.max(-1, keepdims=True)
        losses.append(np.log(np.exp(logits).sum(-1)) - logits[np.arange(context), window[1:]])
    assert np.mean(losses) == pytest.approx(model.training["val_loss"], abs=0.1)


def test_it_is_better_than_the_counts_beside_it() -> None:
    model = models.load("shakespeare-char")
    assert set(baselines.load(FOLDER, model.tokenizer)) == {"bigram", "ngram"}
    assert model.training["val_loss"] < min(model.training["rivals"].values())
