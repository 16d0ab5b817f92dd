"""Drawing a pane of Compare for a test."""

from __future__ import annotations

from playground.compare.scene import (
    CompareScene,
    CompareView,
)
from playground.kit.canvas import Canvas
from playground.kit.palette import Palette
from playground.kit.pane import Pane
from tests.playground.play.play_scenes import PALETTE


def drawn(
    pane: Pane[CompareScene, CompareView],
    of: CompareScene,
    width: int = 80,
    height: int = 27,
    palette: Palette = PALETTE,
) -> Canvas:
    canvas = Canvas(width, height, palette, focused=True)
    pane.draw(of, canvas)
    return canvas


def line_with(canvas: Canvas, words: str) -> str:
    """The first line that holds them."""
    return next(line for line in canvas.plain().split("\n") if words in line)
