"""A pane of the Train screen: a function of the TrainScene and a size."""

from __future__ import annotations

from typing import Any, ClassVar

from playground.kit.canvas import Canvas
from playground.train.scene import TrainScene, TrainView

NO_RUN = "no run yet: n starts one"


class TrainPane:
    """One thing to see of a run. To add one: a file beside this with a subclass, and a line in `__init__.py`.

    As for the panes of the Play screen, `draw` copes with any size from 1 x 1 and with a run of which nothing is known.
    """

    name: ClassVar[str]  # one word: its place in the layout, its key's action
    title: ClassVar[str]
    help: ClassVar[str]  # plain words: what is shown, what the colours and numbers mean, what can be done

    def draw(self, scene: TrainScene, canvas: Canvas) -> None:
        """The whole picture, its title line included."""
        raise NotImplementedError

    def sees(self, scene: TrainScene) -> tuple[Any, ...]:
        """All of the scene that the picture is made of: while that is equal, the picture stands and costs nothing."""
        return scene.view, tuple(scene.runs.items()), scene.watch

    def move(self, scene: TrainScene, dx: int, dy: int) -> TrainView:
        """The view after an arrow key (one of dx and dy is -1 or 1, or more for a page)."""
        return scene.scrubbed(dx) if dx else scene.view

    def enter(self, scene: TrainScene) -> TrainView:
        """The view after Enter."""
        return scene.view
