"""The row that says which panes share the changing place, by their digits; every screen has the same."""

from __future__ import annotations

from typing import Any

from playground.kit.canvas import Canvas, GoTo
from playground.kit.layout import Places, tab_lines
from playground.kit.pane import Pane


class Tabs(Pane[Any, Any]):
    """One word a pane; the one in the changing place in the accent."""

    name = "tabs"
    title = "Panes"
    help = "The first ten panes have a digit: press it to go there. J goes to any by its name."

    def __init__(self, panes: tuple[str, ...]) -> None:
        self.panes = panes  # all of the screen's
        self.places = Places({})

    def sees(self, scene: Any) -> tuple[Any, ...]:
        """Nothing of the scene: the places alone."""
        return (self.places.tabs, self.places.staged)

    def draw(self, scene: Any, canvas: Canvas) -> None:
        """Digits and names, over as many lines as they need."""
        for y, line in enumerate(tab_lines(self.panes, self.places.tabs, canvas.width)):
            for x, name, words in line:
                style = canvas.palette.accent if name == self.places.staged else canvas.palette.muted
                canvas.put(x, y, words, style)
                canvas.hit(x, y, len(words), 1, GoTo(name))
