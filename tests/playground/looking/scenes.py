"""Scenes for tests of panes: a small random GPT over real characters, with real passes and what counting says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from models import baselines, model_folders
from models.baselines import ALL, Bigram
from models.gpt import GPT, GPTConfig, weight_shapes
from models.switches import Switch
from models.tokenizers import Tokenizer
from playground.kit.palette import Palette
from playground.looking.engine import Asked, Continued, Engine, Passed
from playground.looking.scene import Costs, Moved, Scene, Swept
from playground.looking.session import Session, write

CORPUS = "To be, or not to be, that is the question:\nWhether 'tis nobler in the mind to suffer\n" * 3
PALETTE = Palette((18, 20, 26), (224, 228, 232), (79, 209, 197), (240, 135, 106))
GLYPHS = replace(PALETTE, glyphs=True, bare=True)


def random_gpt(layers: int = 2, heads: int = 4, width: int = 32, context: int = 64, seed: int = 0) -> GPT:
    """A GPT nobody trained, over the characters of CORPUS."""
    tokenizer = Tokenizer.train_char(CORPUS)
    config = GPTConfig(tokenizer.vocab_size, context, layers, heads, width)
    rng = np.random.default_rng(seed)
    weights = {
        name: np.asarray(rng.normal(1.0 if "ln" in name and name.endswith("weight") else 0.0, 0.2, shape), np.float32)
        for name, shape in weight_shapes(config).items()
    }
    return GPT(config, weights, tokenizer, name="random")


def save_random(where: Path) -> Path:
    """A folder with that model and its bigram."""
    gpt = random_gpt()
    assert gpt.tokenizer is not None
    model_folders.save(gpt, where)
    corpus = np.asarray(gpt.tokenizer.encode(CORPUS))
    baselines.save([Bigram.count([corpus], gpt.vocab_size, tokenizer=gpt.tokenizer)], where)
    return where


def scene(
    text: str = "To be, or not",
    switches: Sequence[Switch] = (),
    model: GPT | None = None,
    counted: str = CORPUS,
    **look: Any,
) -> Scene:
    """A scene of this text under these switches, with all that the engine says of it, seen as `look` says."""
    model = model or random_gpt()
    assert model.tokenizer is not None
    tokens = tuple(model.tokenizer.encode(text)) if text else ()
    corpus = np.asarray(model.tokenizer.encode(counted))
    beside = {kind.slug: kind.count([corpus], model.vocab_size) for kind in ALL}
    session = replace(write(Session(model.name), tokens, text), switches=tuple(switches))
    session = replace(session, view=replace(session.view, **look))
    engine = Engine(model, beside)
    onward, row = (session.sampler, session.seed), max(session.row, 0)
    said = [*engine.work(Asked(tokens, session.switches, onward, session.view.baseline, row))]
    results = next(each.results for each in said if isinstance(each, Passed))
    continuations = next((each.tokens for each in reversed(said) if isinstance(each, Continued)), {})
    swept = next((each for each in reversed(said) if isinstance(each, Swept)), None)
    moved = next((each for each in said if isinstance(each, Moved)), None)
    costs = next((each for each in reversed(said) if isinstance(each, Costs)), None)
    return Scene(session, model, beside, results, continuations, swept, moved, costs)
