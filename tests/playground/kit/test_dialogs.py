"""The small screens on top, by keys and by mouse, with text nobody should trust."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual import events
from textual.app import App
from textual.geometry import Offset, Size
from textual.widgets import Input

from playground.kit.choosing import Choose
from playground.kit.dialogs import Ask, Confirm, Dialog, Help, KeyTable
from playground.play.keys import KEYS
from tests.playground.kit.dialogs_on_screen import NOTHING, OPTIONS, Bare, press_word, shown
from tests.playground.waiting import until

HOSTILE = "[/] [@click=app.exit]x[/] \x1b]52;c;eA==\x07 \u202eabc \u200b \ud800 \x9b中"


def is_name(value: str) -> str | None:
    return None if value.strip() else "a set needs a name [/] \x1b - type at least one letter"


async def test_ask_gives_what_was_typed_once_nothing_is_wrong_with_it() -> None:
    app = Bare(Ask("Save as", "a name", check=is_name))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Save as" in shown(app.screen) and "a name" in shown(app.screen)
        await pilot.press("space", "enter")
        await pilot.pause()
        assert app.given is NOTHING and "a set needs a name [/] ␛ - type" in shown(app.screen)
        await pilot.press("m", "[", "slash", "]")
        await pilot.pause()
        assert "needs a name" not in shown(app.screen)
        await pilot.press("enter")
        await pilot.pause()
        assert app.given == " m[/]"


async def test_ask_starts_from_a_value_and_can_be_clicked() -> None:
    app = Bare(Ask("Seed", value="12"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("end", "3")
        await press_word(pilot, "done")
        assert app.given == "123"


@pytest.mark.parametrize(
    "dialog",
    [lambda: Ask("t"), lambda: Choose("t", OPTIONS[:1]), lambda: Help("t", "words", [])],
    ids=["ask", "choose", "help"],
)
async def test_escape_and_a_click_beside_cancel(dialog: Any) -> None:
    app = Bare(dialog())
    async with app.run_test(size=(100, 44)) as pilot:
        await pilot.click(".title")
        assert app.given is NOTHING
        await pilot.press("escape")
        await pilot.pause()
        assert app.given is None
        app.given = NOTHING
        app.push_screen(dialog(), app.take)
        await pilot.pause()
        await press_word(pilot, "esc")
        assert app.given is None
        app.given = NOTHING
        app.push_screen(dialog(), app.take)
        await pilot.pause()
        await pilot.click(offset=Offset(1, 1))
        await pilot.pause()
        assert app.given is None


@pytest.mark.parametrize(
    ("keys", "given"),
    [
        ("y", True), ("n", None), ("escape", None), ("enter", None), ("tab enter", True), ("right enter", True),
        ("down space", True), ("tab tab enter", None), ("left enter", True), ("right left enter", None),
    ],
)  # fmt: skip
async def test_confirm_by_keys_and_the_safe_answer_is_the_first(keys: str, given: bool | None) -> None:
    app = Bare(Confirm("Delete it?", "For good.", "delete it", "keep it"))
    async with app.run_test(size=(80, 24)) as pilot:
        assert all(words in shown(app.screen) for words in ("Delete it?", "For good.", "n  keep it", "y  delete it"))
        await pilot.press(*keys.split())
        await pilot.pause()
        assert app.given is given


@pytest.mark.parametrize(("target", "given"), [("#yes", True), ("#no", None), (None, None)])
async def test_confirm_by_mouse(target: str | None, given: bool | None) -> None:
    app = Bare(Confirm("Delete it?", "For good.", "delete it"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click(".title")
        await pilot.click("Static")
        assert app.given is NOTHING
        await pilot.click(target, offset=Offset(1, 0))
        await pilot.pause()
        assert app.given is given


async def test_confirm_by_its_words() -> None:
    app = Bare(Confirm("Delete it?", "For good.", "delete it"))
    async with app.run_test(size=(60, 18)) as pilot:
        await press_word(pilot, "other")
        await press_word(pilot, "choose")
        assert app.given is True


def at_once(app: App[None], *burst: events.Event) -> None:
    """All of them before any is looked at, as a terminal sends what was pressed while it was busy."""
    for event in burst:
        app.post_message(event)


def key(name: str) -> events.Key:
    return events.Key(name, None)


def click(x: int, y: int) -> list[events.Event]:
    where = (None, x, y, 0, 0, 1, False, False, False, x, y)
    return [events.MouseDown(*where), events.MouseUp(*where)]


BURSTS: dict[str, Callable[[], list[events.Event]]] = {
    "returns": lambda: [key("enter") for _ in range(3)],
    "escapes": lambda: [key("escape") for _ in range(3)],
    "clicks": lambda: [event for _ in range(3) for event in click(1, 1)],
    "pages": lambda: [key(name) for name in ("pagedown", "pagedown", "enter", "enter", "escape")],
}
DIALOGS: dict[str, Callable[[], Dialog[Any]]] = {
    "ask": lambda: Ask("t"),
    "choose": lambda: Choose("t", OPTIONS),
    "help": lambda: Help("t", "words", []),
}


@pytest.mark.parametrize("burst", BURSTS)
@pytest.mark.parametrize("dialog", DIALOGS)
async def test_a_dialog_leaves_once_and_takes_no_other_screen_with_it(dialog: str, burst: str) -> None:
    app = Bare(DIALOGS[dialog]())
    async with app.run_test(size=(100, 44)) as pilot:
        under = app.screen_stack[0]
        at_once(app, *BURSTS[burst]())
        await until(pilot, lambda: app.times)
        app.push_screen(DIALOGS[dialog](), app.take)
        at_once(app, *BURSTS[burst]())  # now before it is mounted
        await pilot.pause()
        at_once(app, key("escape"))
        await until(pilot, lambda: app.times == 2)
        assert app.screen_stack == [under]


async def test_only_the_dialog_on_top_leaves() -> None:
    app = Bare(Ask("below"))
    async with app.run_test(size=(80, 24)) as pilot:
        below = app.dialog
        app.push_screen(Ask("above"), app.take)
        await pilot.pause()
        below.dismiss("never")
        await pilot.pause()
        assert app.times == 0 and len(app.screen_stack) == 3
        at_once(app, key("a"), key("escape"))
        await until(pilot, lambda: app.screen is below)


async def test_a_dialog_waits_where_there_is_no_room_for_it() -> None:
    app = Bare(Choose("Many", OPTIONS))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a", "l")
        for size in ((59, 24), (6, 24), (4, 3), (1, 1)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda: app.screen.has_class("small"))
            await pilot.press("pagedown", "x")
            assert "Many" not in shown(app.screen)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.screen.focused)
        assert app.screen.query_one(Input).value == "al", "what is typed unseen goes nowhere"
        await pilot.press("enter")
        await until(pilot, lambda: app.given is not NOTHING)
        assert app.given == "b"


async def test_help_shows_text_and_every_key_and_scrolls() -> None:
    keys = [(key.written, key.words) for key in KEYS]
    app = Bare(Help("Switches", "Every part.\n\nA second paragraph, [/] and \x1b.", keys))
    async with app.run_test(size=(70, 20)) as pilot:
        assert "A second paragraph, [/] and ␛." in shown(app.screen) and keys[0][1] in shown(app.screen)
        await pilot.press("j", "j")
        await pilot.pause()
        assert "Every part." not in shown(app.screen)
        await pilot.press("k", "pageup")
        await pilot.pause()
        assert "Every part." in shown(app.screen)
        await pilot.press("end")
        await pilot.pause()
        assert keys[-1][1] in shown(app.screen) and "esc close" in shown(app.screen)
        await pilot.press("question_mark")
        await pilot.pause()
        assert app.given is None


def test_keys_and_words_stand_in_two_columns_however_narrow() -> None:
    table = KeyTable([("space", "Write one token: the one that is drawn."), ("esc", ""), ("a" * 40, "b")])
    assert table.lines(80) == [
        ("space       ", "Write one token: the one that is drawn."),
        ("esc         ", ""),
        ("aaaaaaaaaaa…", "b"),
    ]
    narrow = table.lines(32)
    assert [words for _, words in narrow[:2]] == ["Write one token: the", "one that is drawn."] and narrow[1][0] == ""
    assert table.get_content_height(Size(32, 9), Size(32, 9), 32) == 4
    assert table.lines(1)


@pytest.mark.parametrize("size", [(80, 24), (60, 18), (5, 3)], ids=str)
async def test_hostile_text_is_shown_as_written_and_does_nothing(size: tuple[int, int]) -> None:
    dialogs: list[Dialog[Any]] = [
        Ask(HOSTILE, HOSTILE, check=lambda value: HOSTILE),
        Choose(HOSTILE, [(HOSTILE, HOSTILE, HOSTILE)] * 3),
        Help(HOSTILE, HOSTILE, [(HOSTILE, HOSTILE)]),
        Confirm(HOSTILE, HOSTILE, HOSTILE, HOSTILE),
    ]
    app = Bare(dialogs[0], second_door=False)
    async with app.run_test(size=size) as pilot:
        for dialog in dialogs:
            if dialog is not dialogs[0]:
                app.push_screen(dialog, app.take)
            await pilot.pause()
            if isinstance(dialog, Ask):
                await pilot.press("enter")
                await pilot.pause()
            seen = shown(app.screen)
            assert not any(character in seen for character in "\x1b\x07\x9b\u202e\u200b\ud800")
            if size == (80, 24):
                assert "[/] [@click=app.exit]x[/] ␛]52;c;eA==␇ ⟨202E⟩abc" in seen
            await pilot.press("escape")
            await pilot.pause()
        assert app.is_running and app.screen is not dialogs[-1]


async def test_what_is_typed_cannot_reach_the_terminal_raw() -> None:
    app = Bare(Ask("Name", value=HOSTILE))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("right")
        assert not any(character in shown(app.screen) for character in "\x1b\x07\x9b\u202e\ud800")
        await pilot.press("enter")
        await pilot.pause()
        assert app.given == HOSTILE


async def test_a_paste_of_anything_stays_one_line() -> None:
    app = Bare(Ask("Name"))
    async with app.run_test(size=(60, 18)) as pilot:
        from textual.events import Paste

        app.screen.query_one(Input).post_message(Paste("a\nb\x1b[31m"))
        await pilot.pause()
        assert "\x1b" not in shown(app.screen)
        await pilot.press("enter")
        await pilot.pause()
        assert app.given == "a"
