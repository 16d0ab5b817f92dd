"""What the Play screen shows is of the text and the switches it shows, however late or early an answer comes."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.errors import UserError
from models.switches import HeadOff, Switch
from models.tracing import trace
from playground.looking.scene import Scene
from tests.playground.play.play_on_screen import at
from tests.playground.waiting import PATIENCE


async def test_a_result_under_other_switches_is_not_accepted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A head is switched off and on again while its pass is still on the way."""
    begun, onward, edit = threading.Event(), threading.Event(), HeadOff.edit

    def held_up(*arguments: Any) -> object:
        begun.set()
        assert onward.wait(PATIENCE)
        return edit(*arguments)

    async with at(folder) as person:
        monkeypatch.setattr(HeadOff, "edit", held_up)
        await person.pilot.press("x")
        await person.until(begun.is_set)
        await person.pilot.press("x", "right")
        drawn = list[tuple[Switch, ...]]()
        board = person.play.board
        draw = board.draw

        def watched(scene: Scene, *more: Any) -> None:
            drawn.append(() if scene.results is None else scene.results.switches)
            draw(scene, *more)

        monkeypatch.setattr(board, "draw", watched)
        before = person.play.results
        onward.set()
        await person.until(lambda: person.play.results is not before)
        assert drawn and not any(drawn), "nobody asks for that head any more"


async def test_a_text_that_grows_under_switches_has_the_numbers_of_a_pass_under_them(folder: Path) -> None:
    async with at(folder, "To be, or not") as person:
        await person.press("x")
        for _ in range(3):
            await person.press("space")
            results, session = person.play.results, person.session
            assert results is not None and results.changed is not None and session.switches == (HeadOff(0, 0),)
            for found, switches in ((results.changed, session.switches), (results.intact, ())):
                whole = trace(person.model, session.tokens, switches)
                np.testing.assert_allclose(found.logits, whole.logits, atol=1e-4)
            assert np.abs(results.changed.logits - results.intact.logits).max() > 0.01


async def test_keys_of_a_burst_act_in_the_order_in_which_they_were_pressed(folder: Path) -> None:
    """What comes after a step that waits for the engine waits as well."""
    async with at(folder) as person:
        await person.press("space", "space")
        two = person.text
        await person.press("u", "u")
        for key in ("space", "space", "x"):
            person.app.simulate_key(key)
        await person.until(lambda: person.switched)
        await person.settle()
        assert person.text == two, "both were drawn while every head still spoke"
        for key in ("u", "space", "backspace", "m"):
            person.app.simulate_key(key)
        await person.until(lambda: person.switched == {"mask-off"})
        await person.settle()
        assert person.text == two
        await person.press("c")
        seed = person.session.seed
        for key in ("space", "space", "S", "u"):
            person.app.simulate_key(key)
        await person.until(lambda: len(person.text) == len(two) + 2)
        await person.settle()
        assert person.session.seed == seed, "undone was the last act, not the steps before it"


async def test_who_wants_no_more_of_what_is_due_lets_go_of_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with at(folder) as person:
        onward, work = threading.Event(), HeadOff.edit

        def held_up(*arguments: object) -> object:
            assert onward.wait(PATIENCE)
            return work(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(HeadOff, "edit", held_up)
        await person.pilot.press("x", "space", "space", "m", "escape")
        onward.set()
        await person.settle()
        assert person.text == "To be" and person.switched == {"head-off:0.0"}
        assert "what was still to be done is left undone" in person.notices


async def test_a_pass_that_fails_leaves_no_key_waiting_for_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise UserError("there is no room for it", "take a shorter text")

    async with at(folder) as person:
        monkeypatch.setattr(HeadOff, "edit", broken)
        await person.pilot.press("x")
        await person.until(lambda: any("no room" in each for each in person.notices))
        await person.pilot.press("space", "space", "x")
        await person.until(lambda: not person.switched)
        await person.settle()
        assert person.text == "To be" and not person.play.writing.due
