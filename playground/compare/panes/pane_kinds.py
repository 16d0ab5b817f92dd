"""The two kinds of panes Compare has: about its text, and about scores over others; and what they say before that."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from playground import text
from playground.compare.scene import Compared, CompareScene, CompareView, measure
from playground.kit.canvas import Canvas
from playground.kit.flow import Part, first_that_fits, paragraph
from playground.kit.palette import Palette
from playground.kit.pane import Pane
from playground.looking.held_out import ABOVE

NEXT = "?"  # stands where nothing has come yet


def not_yet(scene: CompareScene, canvas: Canvas, title: str) -> None:
    """A pane of a text that is not there, or of which nothing is known yet."""
    canvas.title(title)
    if scene.view.problem:
        paragraph(canvas, 1, text.visible(scene.view.problem), canvas.palette.contrast)
        return
    computing = scene.waits or ("comparing" if scene.view.tokens else "")
    paragraph(canvas, 1, f"{computing} ..." if computing else "type a text: press e", canvas.palette.muted)


class TextPane(Pane[CompareScene, CompareView]):
    """Something about the text, which is there once all models were compared on it."""

    def draw(self, scene: CompareScene, canvas: Canvas) -> None:
        """What was found, or why there is nothing."""
        if scene.results is None:
            not_yet(scene, canvas, self.title)
        else:
            self.draw_results(scene, scene.results, canvas)

    @abstractmethod
    def draw_results(self, scene: CompareScene, results: Compared, canvas: Canvas) -> None:
        """The whole picture, its title line included."""


class HeldOutPane(Pane[CompareScene, CompareView]):
    """Scores over held-out text: they grow while it is read; Enter starts, stops and goes on."""

    asks: ClassVar[str]  # what starting it does

    def begin(self, scene: CompareScene, canvas: Canvas, read: int) -> bool:
        """Say over which text it is, and while none of it is read, why; return whether there is more to draw."""
        if not scene.models:
            not_yet(scene, canvas, self.title)
            return False
        over = scene.scored.held_out
        room = canvas.beside(self.title)
        ways = [f"over {over}", *([f"over {ABOVE}"] if over.startswith(ABOVE) else [])]
        canvas.title(self.title, text.cut(first_that_fits(ways, room), room) if over else "")
        if read:
            return True
        if scene.scored.is_done and not over:
            words = "no text is known that this model has not learned from: there is nothing to score it on"
        elif scene.view.scoring:
            words = "reading the first text ..."
        else:
            words = f"{self.asks} Enter starts"
            canvas.hit(0, 1, canvas.width, max(canvas.height - 1, 0), measure)
        paragraph(canvas, 1, words, canvas.palette.muted)
        return False

    def enter(self, scene: CompareScene) -> CompareView:
        """Start, stop, go on."""
        return scene.view if scene.scored.is_done else measure(scene.view)


def state(scene: CompareScene, palette: Palette) -> Part:
    """Whether it goes on, and the key that changes it."""
    if scene.scored.is_done:
        return "done", palette.muted
    return ("Enter stops" if scene.view.scoring else "Enter goes on"), palette.accent
