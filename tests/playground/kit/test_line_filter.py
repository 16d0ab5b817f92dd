"""The second door: what a widget forgot to make safe is stopped on its way out."""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.filter import LineFilter
from textual.widgets import Static

from playground.kit.line_filter import SafeText
from playground.kit.pane import Picture
from playground.text import content
from tests.playground.kit.tiny_screen import alone

FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def kinds(text: str) -> set[str]:
    return {unicodedata.category(char) for char in text}


class Careless(App[None]):
    """Hands foreign text to a widget without asking `text.py`."""

    def get_line_filters(self) -> list[LineFilter]:
        return [*super().get_line_filters(), SafeText()]

    def compose(self) -> ComposeResult:
        yield Static("a\x1b]52;c;aGk=\x07\u202eb\x9b\udc80c", markup=False)
        yield Static(content("[red]x[/red]\x1b"))


async def test_the_second_door_stops_what_a_widget_forgot() -> None:
    app = Careless()
    async with app.run_test(size=(40, 3)):
        lines = ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]
    assert not kinds("".join(lines)) & FORBIDDEN
    assert lines[0].replace("\ufffd", "").rstrip() == "a]52;c;aGk=bc"  # how many marks is Rich's to say
    assert lines[1].startswith("[red]x[/red]␛")
    assert {cell_len(line) for line in lines} == {40}


def test_the_second_door_leaves_good_lines_alone() -> None:
    good = [Segment("日本 e\u0301", Style(bold=True))]
    assert SafeText().apply(good, Color.parse("black")) is good
    controls = [Segment("x", None, [(1,)])]  # type: ignore[list-item]  # no control of Rich's
    assert SafeText().apply(controls, Color.parse("black")) == [Segment("x", None)]


def test_the_second_door_lets_joiners_pass_where_they_belong_to_a_letter() -> None:
    family, persian = "\U0001f469\u200d\U0001f467", "\u06cc\u200c\u062e"
    line = [Segment(f"{family} {persian[:2]}", Style(bold=True)), Segment(persian[2:], Style()), Segment("a\u200d\x1b")]
    shown = ["".join(segment.text) for segment in SafeText().apply(line, Color.parse("black"))]
    assert shown == [f"{family} {persian[:2]}", persian[2:], "a"]


async def test_a_line_that_stays_as_it_is_passes_the_second_door_once() -> None:
    async with alone() as person:
        picture = next(iter(person.screen.query(Picture)))
        before, after = (picture.render_lines(picture.size.region) for _ in range(2))
        assert len(before) > 2 and all(old is new for old, new in zip(before, after, strict=True))
