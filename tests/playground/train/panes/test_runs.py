"""The list of runs marks, chooses and overlays."""

from __future__ import annotations

from dataclasses import replace

from playground.kit.numbers import ABSENT, nats
from playground.train.panes.runs import Runs
from playground.train.record import Record
from playground.train.scene import TrainScene, TrainView
from tests.playground.train.panes.drawn_panes import drawn
from tests.playground.train.train_records import CONFIG, book, live, measured, started, stepped


def test_the_list_of_runs_marks_chooses_and_overlays() -> None:
    lacking = live([started(config=replace(CONFIG, without=("mask",))), stepped(7), measured(7, 2.345)])
    runs = {"book": book(), "blind": lacking, "dead": Record().lost("killed by signal 9")}
    of, pane = TrainScene(TrainView("book", ("dead",), item=1), runs), Runs()
    canvas = drawn(pane, of, 90, 8)
    rows = canvas.plain().split("\n")
    assert rows[2].startswith("● ▶ book") and rows[2].endswith(f"100  {nats(measured(100).held_out)}")
    assert (
        rows[3].startswith("· ▶ blind") and "mask" in rows[3] and rows[3].endswith("7  2.345") and "2×4×32" in rows[3]
    )
    assert rows[4].startswith("a ✗ dead") and rows[4].endswith(ABSENT)
    assert rows[-1].startswith("running · without mask")
    name, mark = canvas.at(10, 3), canvas.at(0, 3)
    assert name is not None and mark is not None
    assert (name(of.view).run, name(of.view).item) == ("blind", 1) and mark(of.view).overlaid == ("dead", "blind")
    assert pane.enter(of).run == "blind" and pane.move(of, 0, 9).item == 2 and pane.move(of, 0, -9).item == 0
    assert "killed by signal 9" in drawn(pane, replace(of, view=pane.move(of, 0, 9)), 90, 8).plain()
