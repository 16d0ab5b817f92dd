"""The panes of text draw every size and every kind of token, and hostile text stays text."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from models.switches import HeadOff
from playground.kit.palette import Palette
from playground.looking.panes.model_line import ModelLine
from playground.looking.panes.next_token import NextToken
from playground.looking.panes.prompt import Prompt
from tests.playground.looking import scenes
from tests.playground.looking.panes.text_scenes import KINDS, TEXT, broken, model, picture, scene, seen, typing
from tests.playground.looking.scenes import GLYPHS, PALETTE

FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
SIZES = ((1, 1), (2, 3), (5, 2), (7, 20), (34, 12), (60, 18), (200, 80))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("palette", [PALETTE, GLYPHS])
@pytest.mark.parametrize("kind", KINDS)
def test_every_size_and_every_kind_of_token(kind: str, palette: Palette, size: tuple[int, int]) -> None:
    shown = scene(TEXT, [HeadOff(0, 1)], model(kind), row=3)
    for pane in (Prompt(), NextToken(), ModelLine()):
        assert len(picture(pane, shown, *size, palette).strips()) == size[1]
        picture(pane, replace(shown, results=None), *size, palette)
        picture(pane, scene("", of=model(kind)), *size, palette)
        picture(pane, seen(shown, caret=2), *size, palette)


@pytest.mark.parametrize("size", SIZES)
def test_what_is_not_a_number_is_said(size: tuple[int, int]) -> None:
    shown = broken(scenes.scene(TEXT, [HeadOff(0, 1)]))
    prompt, coming = picture(Prompt(), shown, *size), picture(NextToken(), shown, *size)
    if size[0] >= 60:
        assert "surprise not a number" in prompt.plain()
        assert "the scores are not numbers" in coming.plain()
        assert NextToken().enter(shown) == shown.session


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_text_stays_text(kind: str) -> None:
    hostile = "[/]\x1b]52;c;aGk=\x07\u202e\u200b\udc80\x9b[red]é\u0301日\n"
    shown = typing(hostile, 3, model(kind))
    for width, height in SIZES:
        plain = picture(Prompt(), shown, width, height).plain().replace("\n", "")
        assert not {unicodedata.category(each) for each in plain} & FORBIDDEN
