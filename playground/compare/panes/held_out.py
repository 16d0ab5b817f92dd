"""What the panes over held-out text share: which text it is, how they are started and stopped, and how far they are."""

from __future__ import annotations

from typing import ClassVar

from playground import text
from playground.compare.panes.not_yet import nothing
from playground.compare.scene import CompareScene, CompareView, measure
from playground.kit.canvas import Canvas
from playground.kit.flow import Part, paragraph
from playground.kit.palette import Palette
from playground.kit.pane import Pane


class HeldOutPane(Pane[CompareScene, CompareView]):
    """Its numbers grow while texts are read; Enter starts, stops and goes on."""

    asks: ClassVar[str]  # what starting it does

    def begin(self, scene: CompareScene, canvas: Canvas, read: int) -> bool:
        """Say over which text it is, and while none of it is read, why; return whether there is more to draw."""
        if not scene.models:
            nothing(scene, canvas, self.title)
            return False
        canvas.title(
            self.title, text.cut(f"over {scene.held_out}", canvas.beside(self.title)) if scene.held_out else ""
        )
        if read:
            return True
        if scene.is_scored and not scene.held_out:
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
        return scene.view if scene.is_scored else measure(scene.view)


def state(scene: CompareScene, palette: Palette) -> Part:
    """Whether it goes on, and the key that changes it."""
    if scene.is_scored:
        return "done", palette.muted
    return ("Enter stops", palette.accent) if scene.view.scoring else ("Enter goes on", palette.accent)
