"""What words mean, at the foot: each in one line, and of words that stand on the screens."""

from __future__ import annotations

from pathlib import Path

from playground.cells import cell_len
from playground.glossary import WORDS
from playground.kit.keybar import KeyBar
from tests.playground.play.play_on_screen import at


def test_every_meaning_is_one_line_and_says_more_than_the_word() -> None:
    for word, meaning in WORDS.items():
        assert word == word.casefold() and meaning != word
        assert cell_len(meaning) <= 78, "whole in a terminal of 80 columns"


async def test_the_words_of_a_draw_are_explained_where_the_mouse_is(tiny_folder: Path) -> None:
    async with at(tiny_folder, prompt="to be") as person:
        bar = person.play.query_one(KeyBar)
        lines = person.sees("next").splitlines()
        y = next(y for y, line in enumerate(lines) if "dice" in line)
        for word in ("dice", "rank"):
            await person.pilot.hover("#next", offset=(lines[y].index(word) + 1, y))
            await person.pilot.pause()
            assert bar.render_line(0).text.strip() == WORDS[word]
        await person.pilot.hover("#attention", offset=(0, 0))
        await person.pilot.pause()
        assert bar.render_line(0).text.strip() == WORDS["attention"]
