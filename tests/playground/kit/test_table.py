"""Columns: the first ones that fit, each with its gap, their words at the right end, at the left, or cut."""

from __future__ import annotations

from playground.kit.canvas import Canvas
from playground.kit.flow import first_shown
from playground.kit.table import Column, needed, put_heads, put_row, with_room
from tests.playground.looking.scenes import PALETTE

COLUMNS: tuple[Column[int], ...] = (
    Column("square", 6, lambda row: str(row * row)),
    Column("word", 4, lambda row: "x" * row, left=True, style=PALETTE.muted),
    Column("last", 5, str),
)


def test_columns_go_from_the_last_on_where_there_is_no_room() -> None:
    assert needed(COLUMNS) == 21
    assert [column.head for column in with_room(COLUMNS, 21)] == ["square", "word", "last"]
    assert [column.head for column in with_room(COLUMNS, 20)] == ["square", "word"]
    assert with_room(COLUMNS, 7) == []


def test_words_stand_at_their_end_of_a_column_and_are_cut_to_it() -> None:
    canvas = Canvas(24, 3, PALETTE)
    put_heads(canvas, 1, 0, COLUMNS)
    for y, row in enumerate((2, 12), 1):
        put_row(canvas, 1, y, COLUMNS, row, PALETTE.strong)
    assert canvas.plain().split("\n") == [
        "   square  word   last",
        "        4  xx        2",
        "      144  xxx…     12",
    ]
    assert canvas.styles[1][8] is PALETTE.strong and canvas.styles[1][11] is PALETTE.muted


def test_a_list_shows_what_is_about_its_cursor_and_leaves_no_row_empty() -> None:
    assert [first_shown(cursor, 10, 4) for cursor in (0, 2, 5, 9)] == [0, 0, 3, 6]
    assert first_shown(2, 3, 8) == 0
