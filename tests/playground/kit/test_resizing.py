"""A terminal that takes another size while the one before is still on its way."""

from __future__ import annotations

import pytest
from textual import events
from textual.geometry import Size
from textual.screen import Screen

from playground.kit.dialogs import Ask
from tests.playground.kit.tiny_screen import alone

MOST = 100  # times that a screen is laid out before it is held to go round in a circle


async def test_two_sizes_on_their_way_do_not_call_for_each_other_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    times, lay_out = 0, Screen._screen_resized

    def counted(screen: Screen[object], size: Size) -> None:
        nonlocal times
        times += 1
        assert times < MOST
        lay_out(screen, size)

    async with alone() as person:
        app, before = person.app, person.app.size
        await app.push_screen(Ask("A line"))
        monkeypatch.setattr(Screen, "_screen_resized", counted)
        for screen in app.screen_stack:
            times = 0
            with app.batch_update():  # drawing is held up: what is to be drawn comes between the two
                for size in (before + Size(1, 1), before):
                    screen.post_message(events.Resize(size, size))
                    screen.call_later(lambda: None)
                await person.pilot.pause()
            assert 0 < times < MOST
        assert {screen.size for screen in app.screen_stack} == {before}
