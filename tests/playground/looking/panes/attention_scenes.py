"""Scenes that the panes of attention are drawn from: short, long, large, switched, hostile and broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from models.gpt import GPT, GPTConfig, weight_shapes
from models.switches import (
    Switch,
)
from models.tokenizers import Tokenizer
from playground.kit.canvas import Canvas
from playground.kit.palette import Palette
from playground.kit.pane import Pane
from playground.looking.engine import Asked, Traces, results
from playground.looking.scene import Scene
from playground.looking.session import Session, look, write
from tests.playground.looking.scenes import CORPUS, PALETTE, random_gpt

HOSTILE = "\x1b[31m[/]‮⁦字\U0001f469‍\U0001f467é́\x00\n\t [@click=app.quit]"
TEXT = "To be, or not to be"
LONG = CORPUS[:160]


@cache
def computed(text: str, switches: tuple[Switch, ...], model: GPT | None) -> Scene:
    """The results of a text, once; without continuations, which a broken model has not."""
    model = model or random_gpt()
    assert model.tokenizer is not None
    tokens = tuple(model.tokenizer.encode(text)) if text else ()
    session = replace(write(Session(model.name), tokens, text), switches=switches)
    return Scene(session, model, {}, results(Asked(tokens, switches), Traces(model), {}))


def scene(text: str = TEXT, switches: Sequence[Switch] = (), model: GPT | None = None, **view: object) -> Scene:
    """This text under these switches, looked at as said."""
    found = computed(text, tuple(switches), model)
    return replace(found, session=look(found.session, **view))


@cache
def model(kind: str) -> GPT:
    """A random GPT: over long texts, large, over words, over what nobody should print, or broken."""
    if kind == "long":
        return random_gpt(context=160)
    if kind == "short":
        return random_gpt(context=10)
    if kind == "large":
        return random_gpt(layers=12, heads=12, width=48)
    if kind == "broken":
        sound = random_gpt()
        return replace(
            sound, weights={**sound.weights, "h.1.attn.c_attn.weight": np.full((32, 96), np.nan, np.float32)}
        )
    tokenizer = Tokenizer.train_word(CORPUS) if kind == "word" else Tokenizer.train_char(HOSTILE + CORPUS)
    config = GPTConfig(tokenizer.vocab_size, 64, 2, 4, 16)
    rng = np.random.default_rng(1)
    weights = {name: rng.normal(0.5, 0.5, shape).astype(np.float32) for name, shape in weight_shapes(config).items()}
    return GPT(config, weights, tokenizer, name=kind)


def drawn(
    kind: type[Pane[Any, Any]], seen: Scene, width: int = 60, height: int = 29, palette: Palette = PALETTE
) -> Canvas:
    """The pane's picture."""
    canvas = Canvas(width, height, palette, focused=True)
    kind().draw(seen, canvas)
    return canvas


def weight(seen: Scene, row: int, column: int, *, intact: bool = False) -> float:
    """A weight of the chosen head, from the trace."""
    assert seen.results is not None
    trace = seen.results.intact if intact else seen.results.now
    return float(trace.blocks[seen.session.view.layer].pattern[seen.session.view.head, row, column])
