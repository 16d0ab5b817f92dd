"""Inside has Play's text, cursor and switches, and its panes follow them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from models.switches import MaskOff
from playground.inside.panes.storyboard import Storyboard
from playground.inside.scene import Subject
from playground.inside.screen import Inside
from playground.kit.board import Board
from tests.playground.inside.inside_on_screen import at


async def test_text_cursor_and_switches_are_those_of_play() -> None:
    async with at() as person:
        assert "basketb" in person.sees("story")
        await person.press("left")
        assert person.app.session.row == 1 and "'basketb" not in person.sees("story")
        await person.press("m")
        assert person.app.session.switches == (MaskOff(),)
        scene = person.app.play.scene
        assert scene is not None and scene.effect is not None and scene.swept is None, "nobody sweeps here"
        costs = f"mask-off {scene.effect.kl:.2f} bits"
        await person.until(lambda: costs in person.sees("status"))
        await person.press("u")
        assert not person.app.session.switches
        await person.press("escape", "e", *"anna", "enter")
        assert person.app.session.text == "michael jordan playsanna"
        await person.press("f2", "u", "f5")
        assert person.screen.view.session == person.app.session


async def test_who_comes_from_typing_looks_on_here() -> None:
    async with at() as person:
        await person.press("f2", "e", "f5", "escape", "left")
        assert person.screen.draft is None and person.app.session.row == 1
        await person.press("e", "f2")
        await person.until(lambda: person.app.screen is person.app.play and person.app.play.draft is None)


async def test_what_play_learns_while_this_screen_is_not_there_yet_waits() -> None:
    async with at() as person:
        inside = Inside()
        person.app.made["inside"] = inside  # as in a burst: asked for, and without a pane
        inside.hear_of(person.app.play)
        assert not inside.query(Board)


async def test_a_key_without_a_use_says_so() -> None:
    async with at() as person:
        await person.press("1", "v")
        assert person.notices[-1] == "that key is for the panes below the text: tab goes to one"


class Endless(Storyboard):
    """Never done; and how often it was begun."""

    begun = 0

    def find(self, subject: Subject, asked: Any) -> Iterator[Any]:
        self.begun += 1
        while True:
            yield None


async def test_the_pane_that_has_the_keys_is_answered_before_the_others_work() -> None:
    async with at(size=(160, 48)) as person:
        await person.press("3")
        endless = person.screen.finders["story"] = Endless()
        await person.pilot.press("m")
        await person.until(lambda: "before" in person.sees("who") and "…" not in person.sees("who"))
        await person.until(lambda: endless.begun)
        await person.pilot.press("down", "down", "up")
        assert "▸position" in person.sees("who")
        assert endless.begun == 1, "what is in hand goes on when the answer before it arrives, and while a cursor moves"
        await person.pilot.press("2", "left", "3")
        await person.until(lambda: "after 'jordan'" in person.sees("who") and "…" not in person.sees("who"))
