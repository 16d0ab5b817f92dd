"""No key of Train is silent: each changes something that can be seen, or says why it does not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from playground.kit.keys import Key
from playground.train.keys import KEYS
from playground.train.layout import PANES
from tests.playground.train.runs_on_screen import Person, at

OF_A_PANE = ("up", "down", "page_up", "page_down", "left", "right", "enter")  # acts that each pane has its own use for
AWAY = ("screen_", "quit")  # these lead to other screens, or out


def seen(person: Person) -> object:
    """All that can be seen: pictures, which pane has the keys, dialogs, notices and colours."""
    train = person.train
    canvases = [train.board.picture(name).canvas for name in ("status", *train.board.order)]
    pictures = [(canvas.chars, canvas.styles) for canvas in canvases if canvas]
    focused = train.focused.id if train.focused else ""
    return pictures, focused, train.board.staged, person.app.screen, len(person.notices), person.app.theme


async def is_heard(person: Person, key: Key, pane: str) -> bool:
    """Whether the key does something in that pane; all is then as it was before."""
    train = person.train
    train.go_to(pane)
    person.app.clear_notifications()
    before, view, theme = seen(person), train.view, person.app.theme
    await person.pilot.press(key.names[0])
    heard = seen(person) != before
    if person.app.screen is not train:
        await person.pilot.press("escape")
    person.app.theme, train.view = theme, view
    train.follow()
    return heard


@pytest.mark.parametrize("kept", [(), ("old",)], ids=["no run", "a finished run"])
async def test_no_key_is_silent_in_any_pane(runs: Path, kept: tuple[str, ...]) -> None:
    for name in {"old", "new"} - set(kept):
        shutil.rmtree(runs / name)
    away = (*AWAY, "open") if kept else AWAY  # a snapshot that is opened leads to Play
    keys = [key for key in KEYS if not key.action.startswith(away)]
    async with at(runs) as person:
        silent = [
            (pane, key.action)
            for pane in PANES
            for key in keys
            if (key.action in OF_A_PANE or pane == "loss") and key.action != f"pane_{pane}"
            if not await is_heard(person, key, pane)
        ]
    assert not silent


@pytest.mark.parametrize("size", [(160, 48), (120, 36), (80, 24), (60, 18)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_what_is_watched_and_the_axes_turn_where_one_can_see_it(runs: Path, size: tuple[int, int]) -> None:
    """Also where Watch shows all of it at once, and where the pane is not on screen."""
    async with at(runs, size) as person:
        for key in KEYS:
            if key.action in ("watching", "axis", "scale"):
                assert await is_heard(person, key, "progress"), key
