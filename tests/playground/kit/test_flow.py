"""Tokens over lines: nothing is lost, no line is too long, words stay whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from playground.kit.canvas import Canvas
from playground.kit.flow import Unit, fitting, flow, over_lines, say, token_away, token_lines, unit_at
from tests.playground.looking.scenes import PALETTE

units = st.builds(
    Unit,
    shown=st.text("ab日·", min_size=1, max_size=9),
    mark=st.sampled_from(["", "▸"]),
    opens=st.booleans(),
    gap=st.booleans(),
    breaks=st.booleans(),
)


def letters(text: str) -> list[Unit]:
    """One unit a letter; a line may begin after a space."""
    return [Unit(each, at, opens=at > 0 and text[at - 1] == " ") for at, each in enumerate(text)]


def shown(lines: list[list[tuple[int, Unit]]]) -> list[str]:
    return ["".join(unit.shown for _, unit in line) for line in lines]


def test_words_stay_whole_where_a_line_holds_them() -> None:
    assert shown(flow(letters("to be or not"), 7)) == ["to be ", "or not"]


def test_a_word_longer_than_a_line_is_broken() -> None:
    assert shown(flow(letters("a question"), 4)) == ["a ", "ques", "tion"]


def test_a_unit_wider_than_a_line_goes_on_in_the_next_and_keeps_its_token() -> None:
    lines = flow([Unit("abcdefg", 3, mark="▸", breaks=True), Unit("x", 4)], 3)
    assert shown(lines) == ["ab", "cde", "fg", "x"]
    assert [line[0][1].token for line in lines] == [3, 3, 3, 4]
    assert [line[0][1].mark for line in lines] == ["▸", "", "", ""]


def test_gaps_stand_between_units_but_not_before_a_line() -> None:
    lines = flow([Unit("to", 0, gap=True, opens=True), Unit("be", 1, gap=True, opens=True), Unit("or", 2, gap=True)], 6)
    assert [[x for x, _ in line] for line in lines] == [[0], [0, 3]]  # "or" may not open a line, so "be" comes with it


@given(st.lists(units, max_size=12), st.integers(2, 14))
def test_nothing_is_lost_and_no_line_is_too_long(given_units: list[Unit], width: int) -> None:
    lines = flow(given_units, width)
    assert "".join(shown(lines)) == "".join(unit.shown for unit in given_units)
    for line in lines:
        edge = 0
        for x, unit in line:
            assert x == edge + (unit.gap if x else 0)
            edge = x + unit.cells
        assert edge <= width or len(line) == 1
        assert not any(unit.breaks for _, unit in line[:-1])


def test_as_many_parts_as_fit() -> None:
    assert fitting(["14/64 tokens", "seed 1", "x"], 21) == "14/64 tokens · seed 1"
    assert fitting(["14/64 tokens", "seed 1", "x"], 20) == "14/64 tokens"
    assert fitting(["14/64 tokens"], 3) == ""


def test_parts_are_said_in_their_styles_and_never_in_halves() -> None:
    canvas = Canvas(12, 2, PALETTE)
    say(canvas, 0, 0, [("one", PALETTE.strong), ("two", PALETTE.muted), ("three", PALETTE.muted)])
    assert canvas.plain().splitlines()[0] == "one · two"
    assert canvas.styles[0][0] is PALETTE.strong
    assert canvas.styles[0][6] is PALETTE.muted


@given(st.lists(st.text("abc", min_size=1, max_size=8), max_size=8), st.integers(8, 30))
def test_parts_over_lines_all_fit(words: list[str], width: int) -> None:
    lines = over_lines([(each, PALETTE.text) for each in words], width)
    assert [each for line in lines for each, _ in line] == words
    assert all(cell_len(" · ".join(each for each, _ in line)) <= width for line in lines)


LABELS = ("to", "be", "questions", "or⏎", "not")


def test_tokens_are_cut_to_a_line_and_padded_but_never_broken() -> None:
    assert shown(token_lines(LABELS, 5, True)) == ["tobe", "ques…", "or⏎", "not"]
    assert shown(token_lines(LABELS, 12, False, least=4, most=6)) == ["to  be  ", "quest…or⏎ ", "not "]
    assert shown(token_lines(LABELS, 90, False, ends="⏎", first=1)) == ["bequestionsor⏎", "not"]


def test_a_cell_of_a_line_belongs_to_the_token_before_it_and_a_line_away_is_straight_below() -> None:
    lines = token_lines(LABELS, 6, True, most=3)
    assert [[x for x, _ in line] for line in lines] == [[0, 3], [0], [0], [0]]
    assert [unit_at(lines[0], x).token for x in range(6)] == [0, 0, 0, 1, 1, 1]
    assert token_away(lines, 1, 1) == 2 and token_away(lines, 2, -1) == 0
    assert token_away(lines, 4, 1) is None and token_away(lines, 0, -1) is None
    whole = [line[:1] for line in lines]  # token 1 is part of what token 0 begins
    assert token_away(whole, 1, 1) == 2 and token_away(whole, 1, -1) is None and token_away([], 1, 1) is None
