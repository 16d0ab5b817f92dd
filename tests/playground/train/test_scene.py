"""The acts on Train's view: runs, axes, and the timeline."""

from __future__ import annotations

from dataclasses import replace

from models.runs import snapshots
from models.runs.events import (
    Snapshot,
)
from playground.train.record import Record
from playground.train.scene import (
    TrainScene,
    TrainView,
    choose,
    forget,
    go_to,
    pin,
    see,
    turn,
)
from tests.playground.train.train_records import book, started


def test_choosing_and_pinning_runs() -> None:
    view = choose(go_to(see(TrainView(), scroll=3), 40), "one")
    assert (view.run, view.place, view.scroll) == ("one", None, 0)
    for name in "abcde":
        view = pin(view, name)
    assert view.pinned == ("b", "c", "d", "e")
    assert pin(view, "c").pinned == ("b", "d", "e") and choose(view, "c").pinned == view.pinned
    assert forget(view, "c").pinned == ("b", "d", "e") and forget(view, "one").run == ""
    assert forget(view, "c").run == "one"


def test_the_chosen_run_is_drawn_first_and_once() -> None:
    runs = {name: book() for name in "xyz"}
    of = TrainScene(TrainView("y", ("y", "gone", "x")), runs)
    assert list(of.shown) == ["y", "x"] and of.second == "x"
    assert list(replace(of, view=choose(of.view, "x")).shown) == ["x", "y"]
    assert replace(of, view=choose(of.view, "x")).second == "y" and TrainScene(TrainView("x"), runs).second is None


def test_up_and_down_choose_among_the_runs() -> None:
    of = TrainScene(TrainView("y", place=10), {name: book() for name in "xyz"})
    assert of.moved(0, 1) == TrainView("z") and of.moved(0, -1) == TrainView("x") and of.moved(0, 10).run == "z"
    assert replace(of, view=TrainView("z")).moved(0, 1) == TrainView("z") and TrainScene().moved(0, 1) == TrainView()


def test_axes_and_what_is_watched_go_round() -> None:
    view = TrainView()
    once = turn(view, "along")
    assert [once.along, turn(once, "along").along] == ["seconds", "tokens"]
    assert turn(turn(once, "along"), "along") == view == turn(turn(view, "scale"), "scale")
    assert turn(turn(turn(view, "watching"), "watching"), "watching") == view != turn(view, "watching")


def test_the_timeline_is_walked() -> None:
    of = TrainScene(TrainView("book"), {"book": book()})
    assert of.step == 100 and of.is_newest and of.scrubbed(1).place is None
    back = of.scrubbed(-2)
    assert back.place == 80 and replace(of, view=back).scrubbed(1).place == 90
    assert replace(of, view=back).scrubbed(2).place is None and of.scrubbed(-99).place == 0
    assert of.nearest(of.places, 44) == 40 and of.nearest(of.places, 99) is None
    cut = replace(of, view=back, runs={"book": book().after(started(50))})
    assert cut.step == 50  # the run was cut short before it
    assert TrainScene().step == 0 and TrainScene().scrubbed(1) == TrainView()


def test_snapshots_that_were_thinned_away_are_no_places() -> None:
    record = Record()
    for step in range(0, 450, 2):
        record = record.after(Snapshot(step, f"snapshots/{step}"))
        if step == 300:
            early = record
    kept = record.places.tolist()
    assert kept == [each.step for each in record.snapshots] and len(kept) == snapshots.MOST
    assert {0, 448} <= set(kept)
    assert len(early.places) == 151, "what was known before stands"
    assert record.keeping([0, 448]).places.tolist() == [0, 448] and record.keeping(kept) is record
