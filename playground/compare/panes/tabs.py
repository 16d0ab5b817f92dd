"""The row that says which panes there are, by their numbers."""

from __future__ import annotations

from functools import partial

from playground.compare.layout import PANES, tab_lines
from playground.compare.panes.base import ComparePane
from playground.compare.scene import CompareScene, see
from playground.kit.canvas import Canvas


class Tabs(ComparePane):
    """One word a pane that may stand in the changing place; the one that does in the accent."""

    name = "tabs"
    title = "Panes"
    help = "Every pane has a number: press it to go there."

    def __init__(self) -> None:
        self.names: tuple[str, ...] = PANES  # what may stand there, which depends on the size of the screen
        self.shown: str | None = None  # what does, though another pane may have the keys

    def draw(self, scene: CompareScene, canvas: Canvas) -> None:
        """Numbers and names, over as many lines as they need."""
        for y, line in enumerate(tab_lines(self.names, canvas.width)):
            for x, name, words in line:
                canvas.put(x, y, words, canvas.palette.accent if name == self.shown else canvas.palette.muted)
                canvas.hit(x, y, len(words), 1, partial(see, pane=name))
