"""One foreign character in a paste kills nothing: it is named, and one key writes what the model knows instead."""

from __future__ import annotations

from pathlib import Path

from textual.events import Paste

from models.unknown import NAMED
from playground.looking.prompts import MENDS
from tests.playground.play.play_on_screen import Person, at

PASTED = "tö be — or “not” tö"


async def paste(person: Person, text: str) -> None:
    assert person.app.screen.focused is not None
    person.app.screen.focused.post_message(Paste(text))
    await person.pilot.pause()
    await person.settle()
    await person.pilot.pause(0.05)
    await person.settle()


def footer(person: Person) -> list[str]:
    return [key.label for key in person.play.usable if key.footer]


async def test_what_the_model_knows_of_a_paste_is_usable_by_one_key(folder: Path) -> None:
    async with at(folder) as person:
        await person.press("e", "ctrl+u")
        assert "mend" not in footer(person)
        await paste(person, PASTED)
        shown = " ".join(person.sees("prompt").split())
        assert "'ö' (U+00F6, 2 times), '—' (U+2014), '“' (U+201C) and '”' (U+201D)" in shown and MENDS in shown
        assert shown.count("✗") == 5 and "mend" in footer(person)
        assert person.session.text == PASTED and person.text == "t", "nothing typed is lost"
        await person.press("ctrl+r")
        assert person.session.text == person.text == "to be or 'not' to" and person.session.problem is None
        assert person.session.view.caret == len(person.text) and "mend" not in footer(person)
        await person.press("ctrl+z")
        assert person.session.text == PASTED and person.notices[-1] == "undone: what ^r wrote"
        await person.press("enter", "space")
        assert person.notices[-1].endswith(MENDS) and person.session.text == PASTED
        await person.press("ctrl+r", "space")
        assert person.text.startswith("to be or 'not' to") and len(person.text) == 18
        await person.press("ctrl+r")
        assert person.notices[-1] == "the model knows all of the text"


async def test_the_caret_stays_where_it_stood_when_a_text_is_mended(folder: Path) -> None:
    async with at(folder, prompt="") as person:
        await person.press("e")
        await paste(person, PASTED)
        await person.press(*["left"] * 12, "ctrl+r", "x")
        assert person.session.text == "to be xor 'not' to"


async def test_a_long_list_of_unknown_characters_is_shortened_and_the_key_is_still_said(folder: Path) -> None:
    async with at(folder, prompt="", size=(80, 24)) as person:
        await person.press("e")
        await paste(person, "".join(map(chr, range(0x410, 0x450))))
        shown = " ".join(person.sees("prompt").split())
        assert MENDS in shown and shown.count("U+04") <= NAMED
        assert person.session.problem is not None and f"and {64 - NAMED} more kinds" in person.session.problem


async def test_a_second_paste_takes_the_place_of_one_that_cannot_be_read(folder: Path) -> None:
    async with at(folder) as person:
        await person.press("e", "end", "space")
        await paste(person, "nö!")
        await paste(person, "or not")
        assert person.session.text == "To be or not" and person.session.problem is None
        assert person.notices == ["this stands in the place of the paste before, which could not be read"]
        await paste(person, ", to be")
        assert person.session.text == "To be or not, to be", "what can be read is pasted after"
        await paste(person, "ö")
        await person.press("s")
        await paste(person, "t")
        assert person.session.text == "To be or not, to beöst", "what was typed since stays"
        for text in ("To be or not, to beös", "To be or not, to beö", "To be or not, to be", "To be or not"):
            await person.press("ctrl+z")
            assert person.session.text == text


async def test_text_pasted_where_none_is_typed_is_a_prompt_of_its_own(folder: Path) -> None:
    async with at(folder) as person:
        await person.press("3")
        await paste(person, "to suffer\r\nor not")
        assert person.session.text == "to suffer\nor not" and person.session.view.caret == 16
        await person.press("enter", "u")
        assert person.text == "To be" and person.notices[-1] == "undone: paste"


async def test_erasing_a_line_goes_on_to_the_lines_above(folder: Path) -> None:
    async with at(folder, prompt="To be\nor not") as person:
        await person.press("e", "left", "left", "left", "ctrl+u")
        assert person.session.text == "To be\nnot"
        await person.press("ctrl+u")
        assert person.session.text == "To benot"
        await person.press("ctrl+u", "ctrl+u")
        assert person.session.text == "not" and person.session.view.caret == 0
