"""Scenes for tests of the Compare panes: real passes of small random models, real counts, and the world's truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import numpy as np

from models.baselines import Bigram, NGram
from models.contract import LanguageModel
from models.corpora.little_world import World, world
from models.gpt import GPT, GPTConfig, weight_shapes
from models.lenses.truth import Truth
from models.lenses.versus import versus
from models.ops import Array
from models.tokenizers import Tokenizer
from playground.compare.scene import Compared, CompareScene, CompareView
from playground.looking.labels import labelled
from tests.playground.looking.scenes import CORPUS, random_gpt

STORY = "anna was by the river . it was a sunny day . the bank flooded gently ."


def compared(tokens: Sequence[int], models: Mapping[str, LanguageModel], tokenizer: Tokenizer) -> Compared:
    """What the engine would find; the sides by the models' short names."""
    found = versus(tuple(models.values()), tokens)
    names = {model.name: short for short, model in models.items()}
    sides = tuple(replace(side, name=short) for side, short in zip(found.sides, models, strict=True))
    found = replace(found, sides=sides, reference=names.get(found.reference or ""))
    truth = next((model for model in models.values() if isinstance(model, Truth)), None)
    beliefs = () if truth is None else (truth.world.start, *truth.beliefs(tokens))
    return Compared(tuple(tokens), labelled(tokenizer, tokens), found, beliefs)


def scene(words: str, models: Mapping[str, LanguageModel], tokenizer: Tokenizer, /, **changes: Any) -> CompareScene:
    """A scene of these models on a text, seen as `changes` says: any of CompareView's fields."""
    tokens = tuple(tokenizer.encode(words)) if words else ()
    results = compared(tokens, models, tokenizer) if tokens else None
    view = replace(CompareView(words, tokens), **changes)
    gpt = next(model for model in models.values() if isinstance(model, GPT))
    return CompareScene(view, gpt, models, results)


@cache
def letters() -> tuple[dict[str, LanguageModel], Tokenizer]:
    """A random GPT over characters and what counting says; nobody knows the truth."""
    gpt = random_gpt()
    assert gpt.tokenizer is not None
    ids = np.asarray(gpt.tokenizer.encode(CORPUS))
    counted = Bigram.count([ids], gpt.vocab_size), NGram.count([ids], gpt.vocab_size)
    return {"GPT": gpt, **{each.name: each for each in counted}}, gpt.tokenizer


@cache
def worldly() -> tuple[dict[str, LanguageModel], Tokenizer]:
    """A random GPT over the little world's words, what counting says, and the truth, first."""
    whole = world()
    tokenizer = Tokenizer.of_words(*whole.vocabulary)
    ids = _texts(whole, tokenizer)
    counted = Bigram.count([ids], tokenizer.vocab_size), NGram.count([ids], tokenizer.vocab_size)
    config = GPTConfig(tokenizer.vocab_size, 96, 1, 2, 8)
    rng = np.random.default_rng(1)
    weights = {name: rng.normal(0, 0.2, shape).astype(np.float32) for name, shape in weight_shapes(config).items()}
    gpt = GPT(config, weights, tokenizer, name="random")
    return {"truth": Truth(tokenizer, whole), "GPT": gpt, **{each.name: each for each in counted}}, tokenizer


def _texts(whole: World, tokenizer: Tokenizer) -> Array:
    return whole.rows(40, 97, tokenizer.ids, Random(7)).ravel()


def of_letters(words: str = "To be, or not to be", /, **changes: Any) -> CompareScene:
    """Without a truth."""
    return scene(words, *letters(), **changes)


def of_the_world(words: str = STORY, /, **changes: Any) -> CompareScene:
    """With it."""
    return scene(words, *worldly(), **changes)


def gpt_of(models: Mapping[str, LanguageModel]) -> GPT:
    gpt = models["GPT"]
    assert isinstance(gpt, GPT)
    return gpt


def counted_of(models: Mapping[str, LanguageModel]) -> dict[str, LanguageModel]:
    return {name: model for name, model in models.items() if name not in ("GPT", "truth")}
