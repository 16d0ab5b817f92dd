"""Scenes that the panes of text are drawn from, over characters, words and pieces of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from models.gpt import GPT, GPTConfig, weight_shapes
from models.switches import Switch
from models.tokenizers import Tokenizer
from playground.kit.canvas import Canvas
from playground.kit.palette import Palette
from playground.kit.pane import Pane
from playground.looking.prompts import written
from playground.looking.scene import Scene
from playground.looking.session import Session, look
from tests.playground.looking import scenes
from tests.playground.looking.scenes import CORPUS, PALETTE, random_gpt

TEXT = "To be, or not to be"
KINDS = ("char", "word", "bpe")


@cache
def model(kind: str = "char") -> GPT:
    """A random GPT over one kind of tokens."""
    if kind == "char":
        return random_gpt()
    return over(Tokenizer.train_word(CORPUS) if kind == "word" else Tokenizer.train_bpe(CORPUS, vocab_size=300), kind)


def over(tokenizer: Tokenizer, name: str = "foreign") -> GPT:
    """A random GPT over these tokens."""
    config = GPTConfig(tokenizer.vocab_size, 16, 1, 2, 8)
    rng = np.random.default_rng(1)
    weights = {name: rng.normal(0.5, 0.5, shape).astype(np.float32) for name, shape in weight_shapes(config).items()}
    return GPT(config, weights, tokenizer, name=name)


@cache
def computed(text: str, switches: tuple[Switch, ...], of: GPT) -> Scene:
    """The results of a text, once."""
    return scenes.scene(text, switches, of)


def scene(text: str, switches: Sequence[Switch] = (), of: GPT | None = None, **changes: Any) -> Scene:
    """This text under these switches, looked at as said."""
    return seen(computed(text, tuple(switches), of or model()), **changes)


def picture(
    pane: Pane[Any, Any], shown: Scene, width: int = 60, height: int = 20, palette: Palette = PALETTE
) -> Canvas:
    canvas = Canvas(width, height, palette, focused=True)
    pane.draw(shown, canvas)
    return canvas


def lines(canvas: Canvas) -> list[str]:
    return canvas.plain().splitlines()


def but(shown: Scene, **changes: Any) -> Scene:
    """The same results, and a session that went on."""
    return replace(shown, session=replace(shown.session, **changes))


def seen(shown: Scene, **changes: Any) -> Scene:
    """The same results, looked at from elsewhere."""
    return replace(shown, session=look(shown.session, **changes))


def typing(draft: str, caret: int, of: GPT | None = None) -> Scene:
    """A text that is being typed, its results there."""
    of = of or model()
    session = look(written(Session(of.name), of, draft), caret=caret)
    known = of.tokenizer.decode(session.tokens) if of.tokenizer else ""
    return replace(scene(known, of=of), session=session)


def broken(shown: Scene) -> Scene:
    """As if the pass had ended in NaN."""
    assert shown.results is not None
    shown.results.now.logits[...] = np.nan
    shown.results.surprises["now"][...] = np.nan
    return shown
