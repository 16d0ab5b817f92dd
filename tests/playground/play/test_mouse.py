"""What looks live in Play is live: clicks and the wheel do what keys do."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import MouseScrollDown, MouseScrollUp

from playground.looking.ladders import LADDERS, climb
from playground.looking.session import Session
from playground.play.writing import SPEEDS
from tests.playground.play.play_on_screen import Person, at


def spot(person: Person, pane: str, words: str) -> tuple[int, int]:
    """Where these words stand in a pane."""
    return next((line.index(words), y) for y, line in enumerate(person.sees(pane).splitlines()) if words in line)


async def click(person: Person, pane: str, words: str) -> None:
    await person.pilot.click(f"#{pane}", offset=spot(person, pane, words))
    await person.settle()


async def wheel(person: Person, pane: str, offset: tuple[int, int], by: int) -> None:
    kind = MouseScrollUp if by < 0 else MouseScrollDown
    await person.pilot._post_mouse_events([kind], f"#{pane}", offset, button=0)
    await person.settle()


async def test_the_sampling_line_is_clicked_and_turned(folder: Path) -> None:
    async with at(folder) as person:
        for words, field, clicked, up, down in (
            ("temp 1", "temperature", 1.1, 1.2, 1.1),
            ("top-k off", "top_k", 50, 0, 50),
            ("top-p off", "top_p", 0.95, 1.0, 0.95),
        ):
            here = spot(person, "next", words)
            await person.pilot.click("#next", offset=here)
            assert getattr(person.session.sampler, field) == clicked
            await wheel(person, "next", here, -1)
            assert getattr(person.session.sampler, field) == up
            await wheel(person, "next", here, 1)
            assert getattr(person.session.sampler, field) == down
        here = spot(person, "next", "seed 1")
        await person.pilot.click("#next", offset=here)
        await wheel(person, "next", here, -1)
        await wheel(person, "next", here, -1)
        await wheel(person, "next", here, 1)
        assert person.session.seed == 3
        await person.press("u", "u", "u", "u")
        assert person.session.seed == 1 and person.notices[-1] == "undone: seed 2"


async def test_the_status_line_runs_opens_and_leads_to_the_switches(folder: Path) -> None:
    async with at(folder) as person:
        await wheel(person, "status", spot(person, "status", "paused"), -1)
        assert person.play.writing.speed == SPEEDS[4]
        for _ in range(2):
            await wheel(person, "status", spot(person, "status", "paused"), 1)
        assert person.play.writing.speed == SPEEDS[2] and "paused, 2/s" in person.sees("status")
        await click(person, "status", "paused")
        assert person.play.writing.runs
        await click(person, "status", "running")
        assert not person.play.writing.runs
        await person.press("x")
        await click(person, "status", "1 switch on")
        focused = person.play.board.focused
        assert focused is not None and focused.name == "switches"
        await person.pilot.click("#status", offset=spot(person, "status", "random"))
        await person.until(lambda: person.app.screen is not person.play)


async def test_switches_heads_tokens_and_candidates_are_clicked(folder: Path) -> None:
    async with at(folder) as person:
        await person.press("7")
        await click(person, "switches", "causal mask")
        assert person.switched == {"mask-off"}
        await click(person, "switches", "causal mask")
        await click(person, "heads", "H2")
        assert person.switched == {"head-off:0.2"}
        await click(person, "heads", "mlp")
        assert person.switched == {"head-off:0.2", "mlp-off:0"}
        await click(person, "prompt", "be")
        assert person.session.row == 3
        x, y = spot(person, "next", "0.")
        await person.pilot.click("#next", offset=(x, y + 1))
        assert len(person.session.tokens) == 5 and person.session.forced == {4}


async def test_the_wheel_goes_along_the_text_and_through_lists(folder: Path) -> None:
    async with at(folder) as person:
        for by, row in ((-1, 3), (-1, 2), (1, 3), (1, 4)):
            await wheel(person, "prompt", (3, 1), by)
            assert person.session.row == row
        await wheel(person, "next", (5, 3), 1)
        await wheel(person, "next", (5, 3), 1)
        assert person.session.view.candidate == 2
        await wheel(person, "heads", (5, 3), 1)
        assert person.session.view.layer == 1
        focused = person.play.board.focused
        assert focused is not None and focused.name == "next", "the wheel leaves the keys where they are"


@pytest.mark.parametrize("field", LADDERS)
def test_a_click_goes_around_the_wheel_stops_at_the_ends(field: str) -> None:
    first, last = LADDERS[field][0], LADDERS[field][-1]
    session = climb(Session("m"), field, -99)
    assert getattr(session.sampler, field) == first
    seen = {getattr(session.sampler, field)}
    for _ in LADDERS[field][1:]:
        session = climb(session, field, 1, around=True)
        seen.add(getattr(session.sampler, field))
    assert seen == set(LADDERS[field]) and getattr(session.sampler, field) == last
    assert climb(session, field, 1) == session
    assert getattr(climb(session, field, 1, around=True).sampler, field) == first
