"""The line about the run drops the least important first."""

from __future__ import annotations

from models.runs.events import Ended
from playground.train.panes.run_line import RunLine
from playground.train.scene import TrainScene, TrainView
from tests.playground.train.panes.drawn_panes import drawn
from tests.playground.train.train_records import book


def test_the_status_line_drops_the_least_important_first() -> None:
    of = TrainScene(TrainView("book"), {"book": book().after(Ended(100, "the disk is full", 4, False, 100))})
    wide = drawn(RunLine(), of, 150, 1).plain()
    assert "book · ✗ died · step 100 of 100 · the disk is full · sampled" in wide and "2 layers" in wide
    assert drawn(RunLine(), of, 14, 1).plain() == "book · ✗ died"
