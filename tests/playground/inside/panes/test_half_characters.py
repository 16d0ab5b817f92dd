"""Tokens that are half a character: the panes of Inside show the character where the text before begins it."""

from __future__ import annotations

import pytest

from playground.inside.panes.memories import Memories
from playground.inside.panes.pane_kinds import InsidePane
from playground.inside.panes.senses import Senses, SensesLook
from playground.inside.panes.storyboard import Storyboard
from playground.inside.panes.walk import Walk, WalkLook
from playground.inside.panes.who import WhoSaidIt
from playground.inside.scene import InsideScene
from playground.looking.session import look_at
from tests.playground.half_characters import LAST, TEXT, model
from tests.playground.inside.inside_scenes import drawn, scene, seen

SCENE = scene(TEXT, of=model())


def at(row: int) -> InsideScene:
    """Looked at from a token of it."""
    view = SCENE.view.looking(WalkLook("logits"))
    return seen(SCENE, view.with_session(look_at(view.session, row)))


@pytest.mark.parametrize(
    ("pane", "says"),
    [
        (Storyboard(), "after layer 1 '🤖'"),
        (Memories(), "for '🤖'"),
        (WhoSaidIt(), "'🤖' after '⋯'"),
        (Walk(), f"{LAST} 🤖"),
    ],
)
def test_what_may_follow_is_a_whole_character(pane: InsidePane[object], says: str) -> None:
    assert says in drawn(pane, at(3)).plain()


def test_alone_it_is_a_byte() -> None:
    assert f"{LAST} <0x96>" in drawn(Walk(), at(0)).plain()


def test_a_text_beside_another_is_shown_in_whole_characters() -> None:
    view = SCENE.view.looking(SensesLook(f"{TEXT} a", f"x{TEXT} a"))
    assert "⋯⋯⋯🤗·a" in drawn(Senses(), seen(SCENE, view)).plain()
