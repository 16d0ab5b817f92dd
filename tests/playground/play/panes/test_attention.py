"""The large pattern: its numbers are the trace's, and clicks and arrows go where they point."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from models.switches import (
    HeadOff,
    Padding,
)
from playground.kit.canvas import Canvas, Hit
from playground.kit.palette import LEVELS, Palette
from playground.looking.panes import attending
from playground.looking.session import look
from playground.play.panes.attention import Attention
from tests.playground.looking.panes.attention_scenes import LONG, TEXT, drawn, model, scene, weight
from tests.playground.looking.scenes import GLYPHS, PALETTE


@pytest.mark.parametrize(("row", "column"), [(14, 9), (14, 14), (1, 0)])
def test_the_cell_under_the_cursor_is_said_in_words(row: int, column: int) -> None:
    seen = scene(layer=1, head=2, row=row, column=column)
    assert seen.results is not None
    labels = seen.results.labels
    text = drawn(Attention, seen).plain()
    assert f"{row} '{labels[row]}' looks at {column} '{labels[column]}': {weight(seen, row, column):.3f}" in text
    assert "layer 1 head 2 · rows look at columns" in text


def test_with_a_switch_before_after_and_difference_are_said() -> None:
    seen = scene(TEXT, (HeadOff(0, 0), HeadOff(0, 1)), layer=1, row=14, column=9)
    before, after = weight(seen, 14, 9, intact=True), weight(seen, 14, 9)
    assert abs(before - after) > 0.001
    text = drawn(Attention, seen, 80).plain()
    assert f"before {before:.3f}, after {after:.3f}, difference {after - before:+.3f}" in text
    assert f"{before:.3f} → {after:.3f} ({after - before:+.3f})" in drawn(Attention, seen, 50).plain()
    assert f"{before:.3f} before, {after:.3f} after" in drawn(Attention, seen, 42).plain()
    assert "· after ·" in text.splitlines()[0]


def test_what_may_not_be_looked_at_says_why() -> None:
    assert "4 'e' may not look at 12 't': it comes later" in drawn(Attention, scene(row=4, column=12)).plain()
    padded = scene(TEXT, (Padding((3,)),), row=8, column=3)
    assert "before" in drawn(Attention, padded, 80).plain()  # it was visible before
    assert padded.results is not None
    always = replace(padded, results=replace(padded.results, intact=padded.results.now))
    assert "it is padding" in drawn(Attention, always).plain()


def test_the_mouse_reads_another_cell() -> None:
    seen = scene(row=14, column=9, hover=(7, 3))
    assert f"under the mouse: 7 'o' looks at 3 'b': {weight(seen, 7, 3):.3f}" in drawn(Attention, seen).plain()


def test_the_ranking_is_in_order_and_exact() -> None:
    seen = scene(row=14)
    assert seen.results is not None
    text = " ".join(line.strip() for line in drawn(Attention, seen).plain().splitlines()[-8:])
    found = [(int(p), float(w)) for p, w in re.findall(r"(\d+) '[^']+' (\d\.\d{3})", text)]
    values = seen.results.now.blocks[0].pattern[0, 14]
    assert len(found) >= 8
    assert [position for position, _ in found] == np.argsort(-values, kind="stable")[: len(found)].tolist()
    assert [f"{value:.3f}" for _, value in found] == [f"{values[position]:.3f}" for position, _ in found]


def test_the_ranking_of_a_difference_is_by_size() -> None:
    seen = scene(TEXT, (HeadOff(0, 0),), layer=1, row=14, shows="difference")
    ranked = attending.ranking(seen, 14, 5)
    changes = [weight(seen, 14, c) - weight(seen, 14, c, intact=True) for c in range(19)]
    assert [column for column, _ in ranked] == np.argsort(-np.abs(changes), kind="stable")[:5].tolist()
    for column, value in ranked:
        assert value == pytest.approx(changes[column], abs=1e-6)
        assert f"{column} '" in drawn(Attention, seen).plain()


def test_a_short_text_has_its_numbers_in_the_cells() -> None:
    seen = scene("To be, or")
    lines = drawn(Attention, seen).plain().splitlines()
    for row in range(9):
        line = next(line for line in lines[2:] if line.startswith(f"{row} "))
        numbers = [f"{value:.2f}".replace("0.", ".") for value in (weight(seen, row, c) for c in range(row + 1))]
        assert [number for number in re.findall(r"\.\d\d|1\.0", line)] == [
            "1.0" if number == "1.00" else number for number in numbers if number != ".00"
        ]


CLICKS = [
    ("short, numbers", "To be", {}, (60, 29)),
    ("two cells", TEXT, {}, (60, 29)),
    ("half blocks", TEXT, {}, (46, 14)),
    ("window", LONG, {"row": 100, "column": 90}, (60, 29)),
    ("pooled", LONG, {"zoom": "whole"}, (60, 29)),
    ("difference", TEXT, {"shows": "difference", "layer": 1}, (60, 29)),
]


def windowed(canvas: Canvas) -> bool:
    """Whether it shows a part, which moves with the cursor."""
    return re.search(r"rows \d+-\d+", canvas.plain()) is not None


def marks(canvas: Canvas, box: Hit) -> set[tuple[int, int]]:
    """The cells of the picture that the cursor's entry takes: those on its column's and its row's accented lines."""
    accents = [(x, y) for y in range(canvas.height) for x in range(canvas.width) if accented(canvas, x, y)]
    columns = {x for x, y in accents if x >= box.x and y < box.y}
    lines = {y for x, y in accents if x < box.x and box.y <= y < box.y + box.height}
    return {(x + right, y + down) for x in columns for y in lines for right in range(-2, 3) for down in range(2)}


def accented(canvas: Canvas, x: int, y: int) -> bool:
    """Whether something stands there in the accent."""
    return canvas.styles[y][x] is canvas.palette.accent and canvas.chars[y][x] != " " and y > 0


@pytest.mark.parametrize("palette", [PALETTE, GLYPHS])
@pytest.mark.parametrize(("name", "text", "view", "size"), CLICKS, ids=[case[0] for case in CLICKS])
def test_a_click_goes_to_the_cell_it_is_on(
    name: str, text: str, view: dict[str, object], size: tuple[int, int], palette: Palette
) -> None:
    seen = scene(text, (HeadOff(0, 0),) if name == "difference" else (), model("long"), **view)
    canvas = drawn(Attention, seen, *size, palette)
    chosen = [(x, y, canvas.at(x, y)) for y in range(canvas.height) for x in range(canvas.width)]
    picture = [hit for hit in canvas.hits if hit.act_at is not None and not hit.on_hover]
    assert len(picture) == 1
    box = picture[0]
    cells = {}
    for x, y, act in chosen:
        if act is not None and box.x <= x < box.x + box.width and box.y <= y < box.y + box.height:
            after = act(seen.session).view
            cells[x, y] = (after.row, after.column)
            hover = canvas.at(x, y, on_hover=True)
            assert hover is not None
            assert hover(seen.session).view.hover == (after.row, after.column)
    assert len(cells) == box.width * box.height
    if "each shade is" not in canvas.plain() and not windowed(canvas):
        assert {column for _, column in cells.values()} == set(range(len(seen.session.tokens)))
        assert len({row for row, _ in cells.values()}) >= len(seen.session.tokens) // 2
    for (x, y), (row, column) in list(cells.items())[:: max(len(cells) // 30, 1)]:
        again = replace(seen, session=look(seen.session, row=row, column=column))
        moved = drawn(Attention, again, *size, palette)
        assert windowed(moved) or (x, y) in marks(moved, box)


def test_a_click_on_what_stands_for_many_goes_to_the_largest() -> None:
    pairs = {
        id(PALETTE.pair(top, bottom)): max(top, bottom) for top in range(-1, LEVELS) for bottom in range(-1, LEVELS)
    }
    seen = scene(LONG, model=model("long"), zoom="whole", row=159, column=159)
    canvas = drawn(Attention, seen)
    box = next(hit for hit in canvas.hits if hit.act_at is not None)
    for y in range(box.y, box.y + box.height - 1):  # not the line of the cursor
        for x in range(box.x, box.x + box.width):
            act = canvas.at(x, y)
            assert act is not None
            view = act(seen.session).view
            assert view.row is not None
            assert view.column is not None
            level = PALETTE.level(math.sqrt(weight(seen, view.row, view.column)))
            assert pairs[id(canvas.styles[y][x])] == (level if view.column <= view.row else -1)


def test_the_window_holds_the_cursor_and_says_where_it_is() -> None:
    for row in (0, 80, 159):
        for column in (0, 40, 159):
            seen = scene(LONG, model=model("long"), row=row, column=column)
            text = drawn(Attention, seen).plain()
            found = re.search(r"rows (\d+)-(\d+), columns (\d+)-(\d+) of 160", text)
            assert found is not None
            low, high, left, right = map(int, found.groups())
            assert low <= row <= high
            assert left <= column <= right
            assert high - low >= 15


def test_the_whole_says_what_a_shade_stands_for() -> None:
    canvas = drawn(Attention, scene(LONG, model=model("long"), zoom="whole"))
    found = re.search(r"each shade is the largest of (\d+) x (\d+)", canvas.plain())
    assert found is not None
    rows, columns = map(int, found.groups())
    box = next(hit for hit in canvas.hits if hit.act_at is not None)
    assert box.width * columns >= 160 > box.width * (columns - 1)
    assert box.height * 2 * rows >= 160


def test_positions_are_those_of_the_text_where_the_context_has_dropped_its_beginning() -> None:
    seen = scene(TEXT, model=model("short"), row=14, column=12)
    assert seen.results is not None
    assert seen.results.now.dropped == 9
    text = drawn(Attention, seen).plain()
    assert f"14 't' looks at 12 't': {weight(seen, 5, 3):.3f}" in text
    moved = Attention().move(seen, 1, -1)
    assert (moved.view.row, moved.view.column) == (13, 13)
    assert (Attention().move(seen, -99, -99).view.row, Attention().move(seen, -99, -99).view.column) == (9, 9)
    act = next(hit for hit in drawn(Attention, seen).hits if hit.act_at is not None).act
    assert (act(seen.session).view.row, act(seen.session).view.column) == (9, 9)


def test_arrows_set_row_and_column_even_where_both_followed() -> None:
    seen = scene()
    moved = Attention().move(seen, 0, -1)
    assert (moved.view.row, moved.view.column) == (17, seen.column)
    assert Attention().move(seen, 99, 99).view.row == 18
