"""The text of the Compare screen while it is typed: a letter and its marks are one cell, for caret and mouse."""

from __future__ import annotations

from playground.compare.panes.typed import Typed
from playground.compare.scene import CompareScene, CompareView
from playground.kit.canvas import Canvas
from tests.playground.looking.scenes import PALETTE

DRAFT = "\u0928\u093f \U0001f469\u200d\U0001f467\n\U0001f1e9\U0001f1ea\u200dx"


def test_a_click_on_a_cell_puts_the_caret_before_all_of_it() -> None:
    scene = CompareScene(view=CompareView(text=DRAFT, caret=1))  # between a letter and its vowel
    canvas = Canvas(20, 5, PALETTE)
    Typed().draw(scene, canvas)
    assert canvas.plain().splitlines()[1:3] == [
        "\u0928\u093f·\U0001f469\u200d\U0001f467⏎",
        "\U0001f1e9\U0001f1ea⟨200D⟩x",
    ]
    assert [x for x, style in enumerate(canvas.styles[1]) if style is PALETTE.cursor] == [0]
    for x, y, caret in ((0, 1, 0), (1, 1, 2), (2, 1, 3), (3, 1, 3), (4, 1, 6), (1, 2, 7), (5, 2, 9), (8, 2, 10)):
        act = canvas.at(x, y)
        assert act is not None and act(scene.view).caret == caret
