"""The panes of attention: every size of every scene is drawn, and whatever can be clicked or pressed acts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from models.switches import (
    AttentionOff,
    HeadMean,
    HeadOff,
    HeadUniform,
    MaskOff,
    MLPLinear,
    MLPOff,
    NormOff,
    Padding,
)
from playground.kit.pane import Pane
from playground.looking.panes.heads import Heads
from playground.looking.scene import Scene
from playground.play.panes.attention import Attention
from playground.play.panes.cell import Cell
from playground.play.panes.row import Row
from tests.playground.looking.panes.attention_scenes import HOSTILE, LONG, TEXT, drawn, model, scene
from tests.playground.looking.scenes import GLYPHS, PALETTE

PANES: tuple[type[Pane[Any, Any]], ...] = (Heads, Attention, Row, Cell)
SIZES = ((1, 1), (1, 40), (3, 2), (11, 5), (23, 9), (46, 13), (60, 29), (200, 4), (200, 80))
BOTH = (HeadOff(0, 1), HeadMean(1, 0), HeadUniform(1, 2), MLPOff(0), MLPLinear(1), AttentionOff(1))


SITUATIONS: dict[str, Callable[[], Scene]] = {
    "nothing": lambda: scene(""),
    "one token": lambda: scene("T"),
    "text": lambda: scene(),
    "switched": lambda: scene(TEXT, BOTH),
    "difference": lambda: scene(TEXT, (HeadOff(0, 1), MaskOff()), shows="difference", layer=1, row=4, column=17),
    "before": lambda: scene(TEXT, (MaskOff(),), shows="before", hover=(3, 4)),
    "padding": lambda: scene(TEXT, (Padding(tuple(range(6))),), row=2, column=3),
    "long, cells": lambda: scene(LONG, model=model("long"), row=70, column=3, hover=(500, 1)),
    "long, whole": lambda: scene(LONG, model=model("long"), zoom="whole"),
    "dropped": lambda: scene(TEXT, model=model("short"), row=12),
    "large": lambda: scene(TEXT, (HeadOff(5, 7),), model("large"), layer=11, head=11),
    "words": lambda: scene("To be , or not to be", model=model("word")),
    "hostile": lambda: scene(HOSTILE, model=model("hostile"), row=9),
    "broken": lambda: scene(TEXT, (NormOff(),), model("broken"), layer=1, head=3, shows="difference"),
}


@pytest.mark.parametrize("name", SITUATIONS)
@pytest.mark.parametrize("kind", PANES)
def test_every_size_is_drawn(kind: type[Pane[Any, Any]], name: str) -> None:
    seen = SITUATIONS[name]()
    for width, height in SIZES:
        for palette in (PALETTE, GLYPHS):
            canvas = drawn(kind, seen, width, height, palette)
            assert [len(line) for line in canvas.chars] == [width] * height
            assert all(strip.cell_length == width for strip in canvas.strips())
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f‮⁦]", canvas.plain())


@pytest.mark.parametrize("name", SITUATIONS)
@pytest.mark.parametrize("kind", PANES)
def test_everything_that_can_be_clicked_or_pressed_acts(kind: type[Pane[Any, Any]], name: str) -> None:
    seen = SITUATIONS[name]()
    canvas = drawn(kind, seen)
    for y in range(canvas.height):
        for x in range(canvas.width):
            for on_hover in (False, True):
                act = canvas.at(x, y, on_hover=on_hover)
                if act is not None:
                    act(seen.session)
    for dx, dy in ((0, -1), (0, 10), (-99, 0), (1, 0)):
        kind().move(seen, dx, dy)
    kind().enter(seen)


@pytest.mark.parametrize("kind", PANES)
def test_without_text_a_line_says_what_to_do(kind: type[Pane[Any, Any]]) -> None:
    assert "press e" in drawn(kind, scene("")).plain()


@pytest.mark.parametrize("kind", (Attention, Row, Cell))
def test_what_is_not_a_number_is_said(kind: type[Pane[Any, Any]]) -> None:
    text = drawn(kind, scene(TEXT, model=model("broken"), layer=1, head=3, column=2)).plain()
    assert "not a number" in text
