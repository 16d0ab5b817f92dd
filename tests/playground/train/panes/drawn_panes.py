"""Drawing a pane of Train for a test."""

from __future__ import annotations

from models.gpt import GPT
from playground.kit.canvas import Canvas
from playground.kit.palette import Palette
from playground.kit.pane import Pane
from playground.train.scene import TrainScene, TrainView, Watched
from tests.playground.looking.scenes import PALETTE, scene


def drawn(
    pane: Pane[TrainScene, TrainView], of: TrainScene, width: int = 62, height: int = 27, palette: Palette = PALETTE
) -> Canvas:
    canvas = Canvas(width, height, palette, focused=True)
    pane.draw(of, canvas)
    return canvas


def watched(step: int = 100, model: GPT | None = None, text: str = "To be, or not") -> Watched:
    return Watched(step, scene(text, (), model))
