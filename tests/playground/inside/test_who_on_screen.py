"""Who said it, at the keyboard: another token is typed, a part is gone into, switched off, and that undone."""

from __future__ import annotations

from dataclasses import replace

from textual.widgets import Input

from models.switches import HeadOff
from playground.inside.panes.written import WhoLook
from tests.playground.inside.inside_on_screen import Person, at

JAPAN = "france: paris; italy: rome; spain: madrid; japan:"


async def typed(person: Person, words: str) -> None:
    await person.pilot.press("f")
    person.app.screen.query_one(Input).value = words
    await person.press("enter")


async def test_a_token_is_typed_and_a_part_is_gone_into_and_switched_off() -> None:
    async with at(prompt=JAPAN, size=(160, 48)) as person:
        await person.press("3")
        assert "'tokyo' after ':'" in person.sees("who") and "lost when off" in person.sees("who")
        await typed(person, "zzz")
        assert "little-world does not know 'zzz'" in person.notices[-1]
        await typed(person, "tokyo against berlin")
        assert "'tokyo' against 'berlin'" in person.sees("who")
        await person.press("enter")
        assert person.notices[-1] == "there is nothing inside this to go into, and no switch for it"
        person.screen.see(person.screen.view.looking(replace(person.screen.view.look(WhoLook), line=5)))
        await person.press("enter")
        assert "L0H3: 'tokyo'" in person.sees("who")
        await person.press("x")
        assert person.app.session.switches == (HeadOff(0, 3),) and "a switch sets what" in person.sees("who")
        await person.press("backspace")
        assert "✕ off" in person.sees("who") and "░ before: 'tokyo' is first" in person.sees("story")
        await person.press("u")
        assert not person.app.session.switches and "✕" not in person.sees("who")
