"""A pane of the Compare screen: a function of the CompareScene and a size."""

from __future__ import annotations

from typing import ClassVar

from playground.compare.scene import CompareScene, CompareView
from playground.kit.canvas import Canvas
from playground.kit.flow import paragraph
from playground.text import visible


class ComparePane:
    """One thing to see of models side by side. To add one: a file beside this, and a line in `__init__.py`.

    As for the panes of the other screens, `draw` copes with any size from 1 x 1 and with a scene without results.
    """

    name: ClassVar[str]  # one word: its place in the layout, its key's action
    title: ClassVar[str]
    help: ClassVar[str]  # plain words: what is shown, what the colours and numbers mean, what can be done

    def draw(self, scene: CompareScene, canvas: Canvas) -> None:
        """The whole picture, its title line included."""
        raise NotImplementedError

    def move(self, scene: CompareScene, dx: int, dy: int) -> CompareView:
        """The view after an arrow key (one of dx and dy is -1 or 1, or more for a page)."""
        return scene.moved(dx) if dx else scene.view

    def enter(self, scene: CompareScene) -> CompareView:
        """The view after Enter."""
        return scene.view


def nothing(scene: CompareScene, canvas: Canvas, title: str) -> None:
    """A pane of a text that is not there, or of which nothing is known yet."""
    canvas.title(title)
    palette = canvas.palette
    if scene.problem:
        paragraph(canvas, 1, visible(scene.problem), palette.contrast)
        return
    computing = scene.waits or ("comparing" if scene.tokens else "")
    paragraph(canvas, 1, f"{computing} ..." if computing else "type a text: press e", palette.muted)
