"""Loss: the chart in the events' numbers, levels at their height, runs told apart."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from models.runs.presets import PRESETS, about
from playground.kit.numbers import loss
from playground.train.panes import words
from playground.train.panes.loss import Loss
from playground.train.scene import TrainScene, TrainView, go_to, see, turn
from tests.playground.looking.scenes import GLYPHS
from tests.playground.train.panes.drawn_panes import drawn
from tests.playground.train.train_records import book, course, live, measured, started, stepped

LEVELS = [loss(nats) for nats in (2.482, 1.713, 0.605)]


def test_another_run_s_only_measurement_is_on_the_chart() -> None:
    one = live([started(), stepped(1), measured(10, 3.0)])
    of = TrainScene(TrainView("book", ("other",)), {"book": book(), "other": one})
    assert any(words.LETTERS[0] in line[:70] for line in drawn(Loss(), of, 120, 20).plain().split("\n")[1:-3])


def test_the_loss_is_told_in_the_events_numbers() -> None:
    of = TrainScene(TrainView("book"), {"book": book()})
    plain = drawn(Loss(), of, 100, 30).plain()
    last, best = loss(measured(100).held_out), book().best
    assert best is not None
    for told in (
        "newest, step 100",
        f"sampled {last}",
        f"train {loss(stepped(100).loss)}",
        f"○ best {loss(best.held_out)} at 100",
        f"bigram {loss(2.482)}",
        f"n-gram {loss(1.713)}",
        f"floor {loss(0.605)}",
        f"↑ from {loss(stepped(1).loss)}",
        "0:50",
    ):
        assert told in plain
    earlier = drawn(Loss(), replace(of, view=go_to(of.view, 40)), 100, 30).plain()
    assert f"step 40 · sampled {loss(measured(40).held_out)} · train {loss(stepped(40).loss)}" in earlier


def test_levels_stand_at_their_height_and_the_cursor_at_its_step() -> None:
    canvas = drawn(Loss(), TrainScene(TrainView("book", place=50), {"book": book()}), 100, 40)
    lines = canvas.plain().split("\n")
    rows = {name: next(y for y, line in enumerate(lines) if line.endswith(name)) for name in LEVELS}
    assert all("╌" in lines[row] for row in rows.values())
    heights = np.diff([rows[name] for name in LEVELS])
    assert heights[0] / heights[1] == pytest.approx((2.482 - 1.713) / (1.713 - 0.605), abs=0.1)
    columns = {x for y, row in enumerate(canvas.chars) for x, char in enumerate(row) if char == "│"}
    axis = lines[-2]
    assert len(columns) == 1 and abs(columns.pop() - axis.index("40") - (axis.index("60") - axis.index("40")) / 2) <= 2


def test_runs_are_told_apart_by_more_than_colour() -> None:
    of = TrainScene(
        TrainView("book", ("one", "two")), {"book": book(), "one": live(course(60)), "two": live(course(80))}
    )
    canvas = drawn(Loss(), of, 100, 40, GLYPHS)
    plot = [row[5:80] for row in canvas.chars[1:37]]
    letters = [cell for row in plot for cell in row if cell in "ab"]
    assert letters.count("a") >= 1 and letters.count("b") >= 1
    plain = canvas.plain()
    assert f"● book {loss(measured(100).held_out)}" in plain
    assert f"a one {loss(measured(60).held_out)}" in plain and f"b two {loss(measured(80).held_out)}" in plain


def test_a_second_run_is_compared_at_the_same_place_of_the_axis() -> None:
    slow = live([started(), *(event for at in range(1, 101) for event in (stepped(at, seconds=2.0 * at),)),
                 *(measured(at, float(at), seconds=2.0 * at) for at in range(10, 101, 10))])  # fmt: skip
    of = TrainScene(TrainView("book", ("slow",), place=40), {"book": book(), "slow": slow})
    assert f"a slow {loss(40.0)}" in drawn(Loss(), of, 100, 30).plain().split("\n")[-1]
    by_time = replace(of, view=see(of.view, along="seconds"))  # 20 s: the slow one is at step 10
    assert f"a slow {loss(10.0)}" in drawn(Loss(), by_time, 100, 30).plain().split("\n")[-1]


def test_the_chart_is_clicked_and_its_axes_change() -> None:
    of = TrainScene(TrainView("book"), {"book": book()})
    canvas = drawn(Loss(), of, 100, 30)
    axis = canvas.plain().split("\n")[-2]
    act = canvas.at(axis.index("40") + 1, 10)
    assert act is not None and act(of.view).place == 40
    unit = canvas.at(axis.index("steps") + 1, 28)
    assert unit is not None and unit(of.view).along == "seconds"
    scale = canvas.at(0, 10)
    assert scale is not None and scale(of.view).scale == "log" and Loss().enter(of).scale == "log"
    timed = drawn(Loss(), replace(of, view=turn(of.view, "along")), 100, 30).plain().split("\n")[-2]
    assert "0:20" in timed and "seconds" in timed
    assert Loss().move(of, -1, 0).place == 90


def test_a_loss_that_rises_again_and_one_that_is_no_number_are_said() -> None:
    rising = live([*course(), measured(110, 2.5)])
    said = drawn(Loss(), TrainScene(TrainView("x"), {"x": rising}), 100, 30).plain()
    assert "rising since 100" in said
    lost = live([*course(), measured(110, math.nan)])
    said = drawn(Loss(), TrainScene(TrainView("x"), {"x": lost}), 100, 30).plain()
    assert "✕" in said and "sampled not a number" in said


def test_where_there_is_no_run_it_says_what_can_be_begun() -> None:
    plain = drawn(Loss(), TrainScene(TrainView(), {}), 80, 20).plain()
    assert "F8 3" in plain and all(f"\n{name} " in plain for name in PRESETS) and "Small enough to watch" in plain
    assert "tiny" not in drawn(Loss(), TrainScene(TrainView(), {}), 24, 20).plain()


@pytest.mark.parametrize("width", [30, 41, 61, 120])
def test_what_can_be_begun_is_said_in_whole_sentences(width: int) -> None:
    """At 41 cells, which it has in a terminal of 80 columns, each says what it is."""
    lines = drawn(Loss(), TrainScene(TrainView(), {}), width, 24).plain().splitlines()
    said = {name: line.removeprefix(name).strip() for line in lines for name in PRESETS if line.split()[:1] == [name]}
    assert set(said) == set(PRESETS)
    for name, shown in said.items():
        first, *rest = [each + "." for each in about(name)[0].removesuffix(".").split(". ")]
        every = [first, *filter(None, [about(name)[1]]), *rest]
        assert shown in [" ".join(every[:count]) for count in range(len(every) + 1)]
        assert shown or width < 41
    assert width < 120 or "Five seconds. Long" in said["tiny"]
