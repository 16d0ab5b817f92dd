"""How the strip lays out what it says."""

from __future__ import annotations

from models.units import BITS
from playground import screens
from playground.cells import cell_len
from playground.kit.keys import program
from playground.kit.palette import Palette
from playground.kit.themes import OWN
from playground.learn import coach
from playground.learn import walk as walks
from playground.learn.catalogue import named
from playground.learn.findings import Findings, Measured, by_name

FOUND = by_name(
    [
        Measured("lessons", "words it is judged on", 13, "count"),
        Measured("head", "of the head's look is at the surname", 0.08, "share"),
        Measured("names", "of the names are right", 0.03, "share"),
        Measured("said", "says the model", 0.5, "probability", "buzz"),
    ]
)


TALL = len(FOUND) + 2  # with the title and the verdict


def test_keys_that_lead_to_a_screen_or_out_are_left_to_it_while_a_lesson_asks() -> None:
    """So are those of a screen that is added: no function key is ever part of an answer."""
    leads = {name for key in program(screens.ALL) for name in key.names if len(name) > 1 and name[1:].isdigit()}
    assert {"f1", "f6", "f8"} < leads < coach.FOR_SCREEN and {"f9", "f12", "ctrl+q"} < coach.FOR_SCREEN


def table(width: int, found: Findings = FOUND, tall: int = TALL) -> list[str]:
    """What stands below the verdict on the first page."""
    walk = walks.Walk(named("21"), "see", predicted="13", findings=found)
    page = coach.pages_of(walk, Palette.of(OWN[0]), width, tall, BITS)[0]
    lines = ["".join(words for words, _, _ in line) for line in page]
    assert max(map(cell_len, lines)) <= width
    verdict = next(at for at, line in enumerate(lines) if line.endswith("As you said."))
    return [line.rstrip() for line in lines[verdict + 1 :]]


def test_numbers_stand_in_a_column_each_right_before_its_words() -> None:
    assert table(60) == [
        "          13 words it is judged on",
        "         8 % of the head's look is at the surname",
        "         3 % of the names are right",
        '"buzz" 0.500 says the model',
    ]


def test_where_there_is_room_they_stand_in_more_columns_row_by_row() -> None:
    assert table(80)[:2] == [
        " 13 words it is judged on             8 % of the head's look is at the surname",
        '3 % of the names are right   "buzz" 0.500 says the model',
    ]
    assert table(200)[0].endswith('   3 % of the names are right   "buzz" 0.500 says the model')


def test_words_too_long_for_a_line_go_on_below_themselves() -> None:
    assert table(36, tall=TALL + 2) == [
        "          13 words it is judged on",
        "         8 % of the head's look is",
        "             at the surname",
        "         3 % of the names are right",
        '"buzz" 0.500 says the model',
    ]
