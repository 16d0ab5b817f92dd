"""The row that says which panes there are, by their numbers."""

from __future__ import annotations

from functools import partial
from typing import Any

from playground.kit.canvas import Canvas
from playground.train.layout import PANES, STAGES
from playground.train.panes.base import TrainPane
from playground.train.scene import TrainScene, see


class Tabs(TrainPane):
    """One word a pane that may stand in the changing place; the one that does in the accent."""

    name = "tabs"
    title = "Panes"
    help = "Every pane has a number: press it to go there."

    def __init__(self) -> None:
        self.names: tuple[str, ...] = STAGES  # what may stand there, which depends on the size of the screen

    def sees(self, scene: TrainScene) -> tuple[Any, ...]:
        """Which pane was asked for."""
        return scene.view.pane, self.names

    def draw(self, scene: TrainScene, canvas: Canvas) -> None:
        """Numbers and names; where that is too wide, the numbers and the chosen one's name."""
        stage, x = scene.view.pane, 0
        every = [(name, f"{number} {name}") for number, name in enumerate(PANES, 1) if name in self.names]
        if sum(len(word) + 2 for _, word in every) - 2 > canvas.width:
            every = [(name, word if name == stage else word[0]) for name, word in every]
        for name, word in every:
            end = canvas.put(x, 0, word, canvas.palette.accent if name == stage else canvas.palette.muted)
            canvas.hit(x, 0, end - x, 1, partial(see, pane=name))
            x = end + 2
