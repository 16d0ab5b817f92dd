"""Panes of Play that stand in Inside as well: the same picture, the same keys, of the same session."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import ClassVar

from playground.inside.keys import KEYS
from playground.inside.layout import PANES
from playground.inside.scene import InsideScene, InsideView
from playground.kit.canvas import Act, Canvas, GoTo, Hit, Press
from playground.kit.pane import Pane
from playground.looking.panes.model_line import ModelLine
from playground.looking.panes.prompt import Prompt
from playground.looking.panes.switches import Switches
from playground.looking.scene import Scene
from playground.looking.session import Session

ACTIONS = frozenset(key.action for key in KEYS)


class OfPlay(Pane[InsideScene, InsideView]):
    """A pane of Play, its acts lifted to this screen's view."""

    of: ClassVar[type[Pane[Scene, Session]]]

    def __init__(self) -> None:
        self.pane = self.of()

    def draw(self, scene: InsideScene, canvas: Canvas) -> None:
        """As in Play."""
        part = canvas.part(canvas.width, canvas.height, canvas.focused)
        self.pane.draw(scene.play, part)
        part.hits = [_here(hit) for hit in part.hits if _is_here(hit.act)]
        canvas.paste(part, 0, 0, lifted)

    def move(self, scene: InsideScene, dx: int, dy: int) -> InsideView:
        """As in Play."""
        return scene.view.with_session(self.pane.move(scene.play, dx, dy))

    def enter(self, scene: InsideScene) -> InsideView:
        """As in Play."""
        return scene.view.with_session(self.pane.enter(scene.play))

    def wheel(self, scene: InsideScene, by: int) -> InsideView:
        """As in Play."""
        return scene.view.with_session(self.pane.wheel(scene.play, by))


def _is_here(act: Act | None) -> bool:
    """Whether this screen has the key that is pressed, or the pane that is gone to."""
    if isinstance(act, Press):
        return act.action in ACTIONS
    return act.pane in PANES if isinstance(act, GoTo) else act is not None


def _here(hit: Hit) -> Hit:
    """What the wheel does there only as far as it is done here as well."""
    return replace(hit, up=hit.up if _is_here(hit.up) else None, down=hit.down if _is_here(hit.down) else None)


def lifted(act: Act) -> Act:
    """An act on a session, as one on the view that has it."""
    return act if isinstance(act, GoTo | Press) else partial(_on_session, act)


def _on_session(act: Act, view: InsideView) -> InsideView:
    return view.with_session(act(view.session))


class PromptOfPlay(OfPlay):
    """The text."""

    of = Prompt
    name, title, help, gist, is_typed = Prompt.name, Prompt.title, Prompt.help, Prompt.gist, True


class SwitchesOfPlay(OfPlay):
    """The switches."""

    of = Switches
    name, title, help, gist = Switches.name, Switches.title, Switches.help, Switches.gist


class StatusOfPlay(OfPlay):
    """The line about the model."""

    of = ModelLine
    name, title, help = ModelLine.name, ModelLine.title, ModelLine.help
