"""Layers: numbers and marks of the place, and their course."""

from __future__ import annotations

from models.runs.events import Event
from playground.train.panes.layers import Layers
from playground.train.scene import TrainScene, TrainView
from tests.playground.train.panes.drawn_panes import drawn
from tests.playground.train.train_records import book, live, measured, started


def test_layers_have_their_numbers_and_marks() -> None:
    plain = drawn(Layers(), TrainScene(TrainView("book"), {"book": book()}), 70, 12).plain().split("\n")
    rows = {line.split()[0]: line for line in plain[2:6]}
    assert list(rows) == ["embed", "L0", "L1", "ln_f"]
    assert "0.375" in rows["embed"] and "0.012" in rows["embed"] and "0.533" in rows["L0"] and "1.7e-3" in rows["L0"]
    assert "4.2e-7▽" in rows["L1"] and "0.250▲" in rows["ln_f"] and "▲" not in rows["L0"]
    assert "about 1e-3 is healthy" in "".join(plain)


def test_layers_are_those_of_the_place() -> None:
    events: list[Event] = [started()]
    events += [measured(at, gradients={"0": at / 100}, updates={"0": at / 1e4}) for at in (10, 20, 30)]
    plain = drawn(Layers(), TrainScene(TrainView("x", place=20), {"x": live(events)}), 70, 12).plain()
    assert "step 20" in plain and "0.200" in plain and "2.0e-3" in plain and "0.300" not in plain


def test_layers_over_time_rise_and_fall_with_their_values() -> None:
    events: list[Event] = [
        started(),
        *(measured(at, gradients={"0": 10.0 ** (at / 10)}, updates={}) for at in range(10, 60, 10)),
    ]
    line = drawn(Layers(), TrainScene(TrainView("x"), {"x": live(events)}), 70, 12).plain().split("\n")[2]
    bars = [char for char in line if char in "▁▂▃▄▅▆▇█"]
    assert len(bars) == 5 and bars == sorted(bars) and bars[0] == "▁" and bars[-1] == "▇"
