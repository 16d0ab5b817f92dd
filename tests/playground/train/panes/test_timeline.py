"""The timeline is drawn and clicked."""

from __future__ import annotations

from dataclasses import replace

from playground.train.panes.timeline import Timeline
from playground.train.scene import TrainScene, TrainView
from tests.playground.train.panes.drawn_panes import drawn
from tests.playground.train.train_records import course, live


def test_the_timeline_is_drawn_and_clicked() -> None:
    half = live(event for event in course() if getattr(event, "step", 0) <= 50)
    of, pane = TrainScene(TrainView("x", place=20), {"x": half}), Timeline()
    canvas = drawn(pane, of, 80, 3)
    track, numbers = canvas.plain().split("\n")[1:]
    wide = track.index("newest") - 2
    assert track.index("●") == round(0.2 * (wide - 1)) and "step 20 · snapshot 3 of 6" in canvas.plain()
    assert (
        track[round(0.45 * (wide - 1))] == "─"
        and track[wide - 2] == "┈"
        and track.count("┻") == 2
        and track.count("┴") == 3
    )  # the rest is still to come
    assert abs(numbers.index("20") - track.index("●")) <= 1
    for step in (0, 10, 30):
        act = canvas.at(round(step / 100 * (wide - 1)), 1)
        assert act is not None and act(of.view).place == step
    for x in (round(0.5 * (wide - 1)), wide - 2, track.index("newest") + 1):
        act = canvas.at(x, 1)
        assert act is not None and act(of.view).place is None
    assert pane.enter(of).place is None and pane.enter(replace(of, view=pane.enter(of))).place == 50
    assert pane.move(of, 1, 0).place == 30 and pane.move(of, 99, 0).place is None
