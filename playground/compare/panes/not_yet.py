"""What Compare's panes say while there is nothing to show of a text."""

from __future__ import annotations

from playground.compare.scene import CompareScene
from playground.kit.canvas import Canvas
from playground.kit.flow import paragraph
from playground.text import visible


def nothing(scene: CompareScene, canvas: Canvas, title: str) -> None:
    """A pane of a text that is not there, or of which nothing is known yet."""
    canvas.title(title)
    palette = canvas.palette
    if scene.problem:
        paragraph(canvas, 1, visible(scene.problem), palette.contrast)
        return
    computing = scene.waits or ("comparing" if scene.tokens else "")
    paragraph(canvas, 1, f"{computing} ..." if computing else "type a text: press e", palette.muted)
