"""What is put on a canvas stands there whole, lines stay as wide as they are, and what the mouse is on is marked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region

from playground.cells import cell_len
from playground.kit.canvas import Act, Canvas, Live, underlined
from playground.text import token, visible
from tests.playground.looking.scenes import PALETTE


def test_a_part_of_a_canvas_is_cut_at_every_edge() -> None:
    part = Canvas(4, 3, PALETTE)
    for y, line in enumerate(("abcd", "efgh", "ijkl")):
        part.put(0, y, line)
    part.hit(0, 0, 4, 3, lambda value: value + 1)
    whole = Canvas(5, 3, PALETTE)
    whole.paste(part, 2, 1, lambda act: lambda value: 10 * act(value))
    assert whole.plain() == "\n  abc\n  efg" and [len(row) for row in whole.chars] == [5, 5, 5]
    act = whole.at(3, 2)
    assert act is not None and act(1) == 20 and whole.at(1, 1) is None


def test_marks_stand_in_the_cell_of_their_letter() -> None:
    canvas = Canvas(8, 1, PALETTE)
    assert canvas.put(0, 0, "\u092c\u091a\u094d\u091a\u093e") == 3
    assert canvas.put(4, 0, token("\u093e")) == 5  # alone
    assert canvas.chars[0] == ["\u092c", "\u091a\u094d", "\u091a\u093e", " ", "◌\u093e", " ", " ", " "]


def test_a_wide_character_is_there_with_both_its_cells_or_not_at_all() -> None:
    canvas = Canvas(6, 1, PALETTE)
    canvas.put(0, 0, "日本語")
    canvas.put(1, 0, "x")
    canvas.put(2, 0, "y")
    assert canvas.chars == [[" ", "x", "y", " ", "語", ""]]
    part = Canvas(4, 1, PALETTE)
    part.put(0, 0, "文字")
    canvas.paste(part, 3, 0)
    assert canvas.chars == [[" ", "x", "y", "文", "", " "]]
    canvas.paste(part, 4, 0)
    assert canvas.chars == [[" ", "x", "y", " ", "文", ""]]


@given(st.lists(st.tuples(st.integers(-2, 12), st.text(st.characters(exclude_categories=()), max_size=9)), max_size=6))
def test_lines_stay_as_wide_as_they_are(put: list[tuple[int, str]]) -> None:
    canvas = Canvas(10, 1, PALETTE)
    for x, text in put:
        canvas.put(x, 0, visible(text))
    (strip,) = canvas.strips()
    assert sum(segment.cell_length for segment in strip) == strip.cell_length == 10
    assert sum(map(cell_len, canvas.chars[0])) == 10


@given(st.text(st.characters(exclude_categories=()), max_size=20))
def test_all_of_a_text_is_on_the_canvas(text: str) -> None:
    shown = visible(text)
    canvas = Canvas(cell_len(shown) + 1, 1, PALETTE)
    assert canvas.put(0, 0, shown) == cell_len(shown)
    assert "".join(canvas.chars[0]) == shown + " "


def test_rich_does_not_join_what_stands_behind_a_joiner() -> None:
    canvas = Canvas(4, 1, PALETTE)
    canvas.put(0, 0, "\u0dc1\u0dca\u200d\u0dbb\u0dd3x")
    (strip,) = canvas.strips()
    assert "".join(segment.text for segment in strip) == "\u0dc1\u0dca\u200d\u0dbb\u0dd3x "
    assert [part.text for part in strip.divide([1, 4])] == ["\u0dc1\u0dca\u200d", "\u0dbb\u0dd3x "]


def done(act: Act | None) -> object:
    """What comes of it, for the view 0."""
    assert act is not None
    return act(0)


def test_the_wheel_does_what_a_part_says_and_else_what_the_pane_does() -> None:
    canvas = Canvas(10, 3, PALETTE)
    canvas.live(2, 1, 3, 1, Live(lambda view: view + 1, lambda view: view + 2, lambda view: view + 3))
    canvas.live(6, 1, 2, 1, Live(lambda view: view + 4))
    assert (done(canvas.at(3, 1)), done(canvas.turned(3, 1, -1)), done(canvas.turned(4, 1, 1))) == (1, 2, 3)
    assert canvas.turned(6, 1, -1) is None and canvas.turned(0, 0, 1) is None
    whole = Canvas(20, 5, PALETTE)
    whole.paste(canvas, 5, 2, lambda inner: lambda view: 10 * inner(view))
    assert (done(whole.turned(8, 3, -1)), done(whole.at(11, 3))) == (20, 40) and whole.turned(11, 3, 1) is None


def test_what_a_click_acts_on_is_live_as_one() -> None:
    canvas = Canvas(8, 4, PALETTE)
    canvas.hit(0, 0, 8, 4, lambda value: value, on_hover=True)
    canvas.hit(1, 1, 4, 2, lambda value: value)
    canvas.grid_hit(5, 0, 2, 2, lambda dx, dy: lambda value: value)
    assert canvas.under(2, 2) == Region(1, 1, 4, 1) and canvas.under(6, 1) == Region(6, 1, 1, 1)
    assert canvas.under(0, 0) is None


def test_only_the_words_in_the_cells_are_underlined() -> None:
    canvas = Canvas(12, 1, PALETTE)
    canvas.put(0, 0, "ab  c中 d  ef")
    (strip,) = canvas.strips()
    marked = underlined(strip, 2, 10)
    assert [text for text, style, _ in marked if style and style.underline] == ["c中 d"]
    assert marked.text == strip.text and marked.cell_length == strip.cell_length
    assert underlined(strip, 2, 4) == strip


def test_the_word_around_a_cell_is_what_stands_between_blanks() -> None:
    canvas = Canvas(30, 2, PALETTE)
    canvas.put(0, 0, "KL 0.3 bits, top-k · 日本: 'e'")
    assert [canvas.word(x, 0) for x in (0, 1, 2, 7, 10, 14, 19, 21, 22, 27)] == [
        "KL", "KL", "", "bits", "bits", "top-k", "", "日本", "日本", "e",
    ]  # fmt: skip
    assert canvas.word(0, 1) == canvas.word(-1, 0) == canvas.word(30, 0) == canvas.word(0, 2) == ""
