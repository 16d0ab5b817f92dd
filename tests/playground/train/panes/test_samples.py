"""Samples: that of the place, scrolled, broken at spaces."""

from __future__ import annotations

from dataclasses import replace

from rich.cells import cell_len

from models.runs.events import Sampled
from playground.train.panes import words
from playground.train.panes.samples import Samples
from playground.train.scene import TrainScene, TrainView, see
from tests.playground.train.panes.drawn_panes import drawn
from tests.playground.train.train_records import book, live, started


def test_the_sample_of_the_place_is_shown_and_scrolled() -> None:
    of = TrainScene(TrainView("book", place=40), {"book": book()})
    lines = drawn(Samples(), of, 40, 10).plain().split("\n")
    assert "step 40" in lines[0] and lines[1:3] == ["line one at 40", "line two"]
    long = live([started(), Sampled(10, "\n".join(f"line {at}" for at in range(50)))])
    of, pane = TrainScene(TrainView("x"), {"x": long}), Samples()
    assert "line 0" in drawn(pane, of, 40, 11).plain() and "lines 1-10 of 50" in drawn(pane, of, 40, 11).plain()
    down = pane.move(of, 0, 5)
    assert down.scroll == 5 and drawn(pane, replace(of, view=down), 40, 11).plain().split("\n")[1] == "line 5"
    end = pane.move(of, 0, 999)
    assert end.scroll == 40 and pane.move(replace(of, view=end), 0, -1).scroll == 39
    assert pane.move(of, 0, -1).scroll == 0
    assert pane.move(replace(of, view=see(of.view, scroll=90)), 0, -1).scroll == 39  # a longer one was shown before


def test_a_long_line_breaks_at_spaces_and_loses_nothing() -> None:
    text = "the quick brown 中文字中文字 fox " * 9
    lines = list(words.wrapped(text, 13))
    assert "".join(lines) == text and all(cell_len(line) <= 13 for line in lines)
    assert lines[0] == "the quick " and list(words.wrapped("中中", 1)) == ["中", "中"]
    assert list(words.wrapped("a\n\nb\n", 9)) == ["a", "", "b"]
    assert len(words.wrapped("x" * 1_000_000, 60)) == 16_667  # in a moment, or the screen stands still
