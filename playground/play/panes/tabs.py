"""The row that says which panes there are, by their numbers."""

from __future__ import annotations

from functools import partial

from playground.kit.canvas import Canvas
from playground.kit.pane import Pane
from playground.play.layout import PANES
from playground.play.scene import Scene
from playground.play.session import look


class Tabs(Pane):
    """One word a pane; the one in the changing place in the accent."""

    name = "tabs"
    title = "Panes"
    help = "Every pane has a number: press it to go there."

    def draw(self, scene: Scene, canvas: Canvas) -> None:
        """Numbers and names; where that is too wide, the numbers and the chosen one's name."""
        stage, x = scene.session.view.stage, 0
        every = [(name, f"{number} {name}") for number, name in enumerate(PANES, 1) if name != "prompt"]
        words = every[1:]
        if sum(len(word) + 2 for _, word in words) - 2 > canvas.width:
            words = [(name, word if name == stage else word[0]) for name, word in every]
        for name, word in words:
            end = canvas.put(x, 0, word, canvas.palette.accent if name == stage else canvas.palette.muted)
            canvas.hit(x, 0, end - x, 1, partial(look, stage=name))
            x = end + 2
