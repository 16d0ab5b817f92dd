"""The list of runs has one selection: its bar stands on the chosen run, whatever else is marked."""

from __future__ import annotations

from dataclasses import replace

from playground.kit.numbers import ABSENT, loss
from playground.train.panes.runs import Runs
from playground.train.record import Record
from playground.train.scene import TrainScene, TrainView
from tests.playground.train.panes.drawn_panes import drawn
from tests.playground.train.train_records import CONFIG, book, live, measured, started, stepped


def test_the_list_of_runs_marks_chooses_and_pins() -> None:
    lacking = live([started(config=replace(CONFIG, without=("mask",))), stepped(7), measured(7, 2.345)])
    runs = {"book": book(), "blind": lacking, "dead": Record(config=CONFIG).lost("killed by signal 9")}
    of, pane = TrainScene(TrainView("book", ("dead",)), runs), Runs()
    canvas = drawn(pane, of, 90, 8)
    rows = canvas.plain().split("\n")
    assert rows[2].startswith("●· ▶ book") and rows[2].endswith(f"100   ~{loss(measured(100).held_out)}")
    assert rows[3].startswith(" · ▶ blind") and "mask" in rows[3] and "2×4×32" in rows[3]
    assert rows[3].endswith(f"7  †~{loss(2.345)}")
    assert rows[4].startswith(" a ✗ dead") and rows[4].endswith(ABSENT)
    assert rows[-1].startswith("running · ") and "without" not in rows[-1], "the last line is of the chosen one"
    name, mark = canvas.at(10, 3), canvas.at(1, 3)
    assert name is not None and mark is not None
    assert name(of.view) == replace(of.view, run="blind") and mark(of.view).pinned == ("dead", "blind")
    assert pane.move(of, 0, 1).run == "blind" and pane.move(of, 0, 9).run == "dead" and pane.move(of, 0, -9) is of.view
    below = drawn(pane, replace(of, view=pane.move(of, 0, 9)), 90, 8).plain().split("\n")
    assert below[4].startswith("●a ✗ dead") and below[2].startswith(" · ▶ book"), "a pinned run keeps its letter"
    assert "killed by signal 9" in below[-1]


def test_a_run_that_cannot_be_read_says_so_in_its_line() -> None:
    runs = {"book": book(), "cut": Record().lost("cut/run.json is cut short - delete the run")}
    for width in (90, 44):
        rows = drawn(Runs(), TrainScene(TrainView("book"), runs), width, 6).plain().split("\n")
        assert rows[3].startswith(" · ✗ cut") and "cut/run.json" in rows[3]


def test_the_bar_stands_on_the_chosen_run_alone() -> None:
    runs = {"book": book(), "other": book()}
    for chosen in runs:
        canvas = drawn(Runs(), TrainScene(TrainView(chosen), runs), 60, 8)
        cursor = canvas.palette.cursor
        assert [cursor in canvas.styles[y] for y in (2, 3)] == [name == chosen for name in runs]
