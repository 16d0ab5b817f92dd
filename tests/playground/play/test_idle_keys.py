"""Every key of Play, in every pane, changes something on screen, or says in a sentence why it does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from playground.kit.pane import Picture
from playground.kit.screen import MOVES
from playground.looking.panes.absent import COMPUTED, NO_TEXT
from playground.looking.panes.switch_board import items
from playground.looking.scene import Scene
from playground.looking.session import look
from playground.play.acts import ACTS
from playground.play.keys import KEYS
from playground.play.layout import PANES
from playground.play.panes import ALL
from playground.play.why import WHY, why
from tests.playground.looking.scenes import scene
from tests.playground.play.play_on_screen import Person, at

LEAVE = frozenset({"quit", *(key.action for key in KEYS if key.action.startswith("screen_"))})
KINDS = {kind.name: kind for kind in ALL}


@pytest.mark.parametrize("of", [scene("To be"), scene(""), replace(scene("T"), baselines={})], ids=["text", "no", "T"])
@pytest.mark.parametrize("pane", PANES)
def test_what_a_key_leaves_as_it_is_has_a_reason(of: Scene, pane: str) -> None:
    acts = {name: act(of) for name, act in ACTS.items()}
    acts |= {name: KINDS[pane]().move(of, *by) for name, by in MOVES.items()} | {"enter": KINDS[pane]().enter(of)}
    idle = {name for name, session in acts.items() if session == of.session}
    assert {"back", "branch", "clear", "shows", "release", "more", "wider"} - {"back"} <= idle
    for name in idle:
        assert len(why(of, name, pane).split()) > 3, name


def test_enter_on_what_is_done_to_heads_already_does_not_speak_of_padding() -> None:
    of = scene("To be")
    board = items(of.model.config)
    at = next(n for n, item in enumerate(board) if item.part == "kind" and item.kind.slug == of.session.view.kind)
    of = replace(of, session=look(of.session, item=at))
    assert KINDS["switches"]().enter(of) == of.session and why(of, "enter", "switches").startswith(
        "this is what is done"
    )
    assert "padding" in why(scene(""), "enter", "switches")


@pytest.mark.parametrize("action", ["find", "most", "cut"])
def test_where_nothing_is_known_yet_it_is_not_said_that_there_is_no_text(action: str) -> None:
    assert why(replace(scene("To be"), results=None), action, "next") == COMPUTED
    no_text = scene("")
    assert why(no_text, action, "next") == NO_TEXT
    assert why(replace(no_text, results=scene("To be").results), action, "next") == NO_TEXT, "of the text before"


def test_only_keys_have_reasons() -> None:
    assert set(WHY) <= {key.action for key in KEYS}


def pictures(person: Person) -> list[object]:
    """All that is on screen but how long it took, and who has the keys."""
    shown = [each for each in person.play.query(Picture) if each.display and each.pane.name != "status"]
    return [
        *(each.strips for each in shown),
        person.play.focused,
        person.play.writing.speed,
        person.app.screen,
        person.app.theme,
    ]


@pytest.mark.parametrize("number", range(4))
async def test_every_key_changes_the_picture_or_says_why(folder: Path, number: int) -> None:
    async with at(folder) as person:
        person.play.go_to("attention")
        await person.settle()
        start = person.play.history
        for key in [key for key in KEYS if key.action not in LEAVE][number::4]:
            person.app.clear_notifications()
            before = pictures(person)
            await person.pilot.press(key.keys.split(",")[0])
            await person.until(lambda: person.notices or pictures(person) != before)  # noqa: B023  # called in this round only
            person.play.writing.pause()
            await person.until(lambda: not person.play.mattering.lists_wanted)  # then a dialog comes
            while person.app.screen is not person.play:
                await person.pilot.press("escape")
            person.play.history = start
            person.play.go_to("attention")
            person.play.follow()
            await person.settle()


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        (["enter"], "there is nothing to choose in this pane"),
        (["4", "4"], "this pane has the keys already"),
        (["1", "enter"], "the token looked at is the newest"),
        (["g"], "the token looked at is the newest"),
        (["1", "right"], "nothing lies further that way"),
        (["v"], "no switch is on"),
        (["c"], "no switch is on"),
        (["Y"], "top-k is off"),
        (["P"], "top-p is off"),
        (["s", "s"], "0 is the first seed"),
        (["z"], "the whole pattern is on screen"),
        (["7", "z"], "the attention pattern is not on screen - press 4"),
        ([*["full_stop"] * 4], "this is the fastest"),
        (["f2"], "this is the Play screen already"),
        (["escape"], "no cursor is held"),
        (["ctrl+r"], "the model knows all of the text"),
        ([*["backspace"] * 5], "the first token stays"),
    ],
    ids=lambda each: "-".join(each)[:24] if isinstance(each, list) else "",
)
async def test_the_reason_is_the_right_one(folder: Path, keys: list[str], says: str) -> None:
    async with at(folder) as person:
        await person.press("4", *keys)
        assert person.notices[-1].startswith(says)


async def test_a_switch_that_can_change_nothing_says_so(folder: Path, no_mask: Path) -> None:
    async with at(no_mask) as person:
        await person.press("m")
        assert person.notices[-1] == "mask-off changes nothing: the model was built without mask"
        await person.press("m", "x")
        assert sum("changes nothing" in each for each in person.notices) == 1


async def test_a_pattern_that_does_not_fit_is_zoomed(folder: Path) -> None:
    async with at(folder, prompt="to be or not to be " * 3, size=(80, 24)) as person:
        zooms = []
        for keys in (["4", "z"], ["z"]):
            await person.press(*keys)
            zooms.append(person.session.view.zoom)
        assert zooms == ["whole", "cells"] and not person.notices
