"""Drawing a pane of Compare for a test."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from rich.cells import cell_len

from playground.compare.scene import CompareScene, CompareView
from playground.kit.canvas import Canvas
from playground.kit.palette import Palette
from playground.kit.pane import Pane
from tests.playground.looking.scenes import PALETTE


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


def fits(canvas: Canvas) -> None:
    """No line is wider than the pane, and none holds what a terminal would obey."""
    for line in canvas.plain().split("\n"):
        assert cell_len(line) <= canvas.width
        assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in line)


def acts_on_the_view(kind: type[Pane[CompareScene, CompareView]], scenes: Mapping[str, CompareScene]) -> None:
    """Every key and a click on every line, each elsewhere, gives a view in each of these scenes, which can be drawn."""
    for name, of in scenes.items():
        pane = kind()
        canvas = drawn(pane, of, 90, 30)
        acts = [canvas.at(x, y) for y in range(30) for x in range(y % 9, 90, 9)]
        views = [act(of.view) for act in acts if act is not None]
        views += [pane.move(of, *step) for step in ((1, 0), (-1, 0), (0, 1), (0, -1), (0, 9), (0, -9))]
        views.append(pane.enter(of))
        for view in set(views):
            assert isinstance(view, CompareView), name
            drawn(pane, replace(of, view=view), 40, 12)
