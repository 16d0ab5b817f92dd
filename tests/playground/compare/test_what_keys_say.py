"""Every key of Compare changes something that is seen, or says why not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from models.errors import UserError
from playground.compare.keys import KEYS
from playground.compare.layout import PANES
from playground.kit.keys import LOOK, PROGRAM, digit
from tests.playground.compare.compare_on_screen import Person, at
from tests.playground.compare.compare_scenes import STORY

ASKING = {"edit", "file", "search", "model"}  # these open something
OWN = [key for key in KEYS if key.action not in ASKING and key.group not in (LOOK, PROGRAM)]


def seen(person: Person) -> object:
    """All that a key could change."""
    compare = person.compare
    pictures = [person.sees(name) for name in compare.board.order]
    return person.app.screen, compare.focused, pictures, len(person.notices)


async def press_all(person: Person, panes: tuple[str, ...]) -> None:
    for pane in panes:
        await person.press(digit(PANES, pane) or "J")
        for key in OWN:
            person.app.clear_notifications()
            before = seen(person)
            await person.press(key.keys.split(",")[0])
            await person.until(lambda: seen(person) != before)  # noqa: B023  # awaited in this round


async def test_every_key_in_every_kind_of_pane(words: Path) -> None:
    async with at(words, STORY) as person:
        await press_all(person, ("strips", "bars", "paths", "scoreboard"))


async def test_while_the_text_is_read_no_list_of_places_is_called_empty(words: Path) -> None:
    async with at(words, STORY) as person:
        compare = person.compare
        compare.known = replace(compare.known, results=None)
        with pytest.raises(UserError, match="still read the text - press it again"):
            compare.find("wins", 1)


async def test_every_key_of_a_text_of_one_token(letters: Path) -> None:
    async with at(letters, "T") as person:
        await press_all(person, ("bars",))
        assert person.compare.view.tokens


async def test_what_a_key_says_where_its_pane_is_out_of_sight(words: Path) -> None:
    async with at(words, STORY, (80, 24)) as person:
        await person.press("2", "m")
        assert "in wins and wrong" in person.notices[-1]
        await person.press("S")
        assert person.notices[-1].startswith("seed 2")
        await person.press("2", "enter")
        assert person.notices[-1] == "there is nothing to choose here"


async def test_r_scores_and_goes_on_by_itself_and_space_pauses(words: Path) -> None:
    async with at(words, STORY) as person:
        compare = person.compare
        await person.press("6", "r")
        assert compare.view.scoring
        await person.until(lambda: compare.known.scored.scoreboard and compare.known.scored.scoreboard.texts > 2)
        await person.press("space")
        assert not compare.view.scoring and "Enter goes on" in person.sees("scoreboard")
        await person.press("space")
        assert compare.view.scoring
        await person.press("2", "r")
        assert compare.shows_scores and compare.view.scoring
