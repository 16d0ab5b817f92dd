"""What panes say in the place of what is not there, so that all say it alike."""

from __future__ import annotations

from playground.kit.canvas import Canvas
from playground.kit.flow import paragraph

NO_TEXT = "type a prompt: press e"


def no_text(canvas: Canvas) -> None:
    """Below the title, while there is no text."""
    paragraph(canvas, 1, NO_TEXT, canvas.palette.muted)


def no_counts(canvas: Canvas) -> None:
    """Below the title, where nothing was counted."""
    words = "this model has no counts beside it: playground train writes them with the model"
    paragraph(canvas, 1, words, canvas.palette.muted)
