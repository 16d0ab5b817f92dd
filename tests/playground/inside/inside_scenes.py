"""Scenes of Inside, made as the screen makes them, without a screen."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from models import load
from models.gpt import GPT
from models.switches import Switch
from playground.inside.panes.pane_kinds import InsidePane
from playground.inside.scene import InsideScene, InsideView, Subject
from playground.kit.canvas import Canvas
from playground.kit.palette import Palette
from playground.looking import scene as play
from playground.looking.engine import Asked, Traces, results
from playground.looking.session import Session, write
from tests.playground.looking.scenes import PALETTE


@cache
def little_world() -> GPT:
    return load("little-world")


def scene(words: str, switches: Sequence[Switch] = (), of: GPT | None = None) -> InsideScene:
    """A text and its passes; nothing found yet."""
    model = of or little_world()
    assert model.tokenizer is not None
    session = write(Session(model.name), tuple(model.tokenizer.encode(words)), words)
    session = replace(session, switches=tuple(switches))
    found = results(Asked(session.tokens, session.switches), Traces(model), {})
    return InsideScene(InsideView(session), play.Scene(session, model, results=found))


def seen(of: InsideScene, view: InsideView) -> InsideScene:
    """The same, looked at otherwise; nothing found yet."""
    return replace(of, view=view, play=replace(of.play, session=view.session), found={})


def found(pane: InsidePane[Any], of: InsideScene) -> InsideScene:
    """The scene with all that the pane asks for, as the worker finds it."""
    asked, results = pane.asks(of), of.play.results
    if asked is None or results is None:
        return of
    known = _pieces(pane, results, asked)
    return replace(of, found={pane.name: known[-1]}) if known else of


@cache
def _pieces(pane: InsidePane[Any], results: play.Results, asked: Hashable) -> list[Any]:
    """All that was found, once for the same passes."""
    subject = Subject(results.now.tape.model, results)
    return [piece for piece in pane.find(subject, asked) if piece is not None]


def drawn(pane: Any, of: InsideScene, width: int = 100, height: int = 26, palette: Palette = PALETTE) -> Canvas:
    """The picture of a pane, with all that it asks for, or with what was found before."""
    canvas = Canvas(width, height, palette, focused=True)
    pane.draw(found(pane, of) if isinstance(pane, InsidePane) and not of.found else of, canvas)
    return canvas
