"""One row as text: its largest weights stand below their tokens."""

from __future__ import annotations

from playground.play.panes.row import Row
from tests.playground.looking.panes.attention_scenes import LONG, drawn, model, scene, weight


def test_the_text_stands_there_with_its_largest_weights() -> None:
    seen = scene(row=14, layer=1)
    assert seen.results is not None
    lines = drawn(Row, seen, 58, 12).plain().splitlines()
    assert lines[1].startswith("To·be,·or·not·to·be")
    assert lines[2][14] == "▲"
    column = seen.column
    number = f"{weight(seen, 14, column):.2f}"[1:]
    assert number in (lines[2][column : column + 3], lines[2][max(column - 2, 0) : column + 1])


def test_a_click_on_a_token_makes_it_the_column() -> None:
    seen = scene(row=14)
    act = drawn(Row, seen, 10, 12).at(2, 3)  # the third token of the second line: 12
    assert act is not None
    assert (act(seen.session).view.row, act(seen.session).view.column) == (14, 12)


def test_the_column_is_always_in_view() -> None:
    for column in (0, 60, 159):
        seen = scene(LONG, model=model("long"), row=159, column=column)
        canvas = drawn(Row, seen, 30, 6)
        acts = [hit.act for hit in canvas.hits if hit.height == 1 and hit.y < 5]
        assert column in {act(seen.session).view.column for act in acts}


def test_words_keep_apart() -> None:
    text = drawn(Row, scene("To be , or not to be", model=model("word")), 58, 12).plain()
    assert "To be · , or not to be" in text
