"""What is known of a run grows by its events, is shared with what was known before, and is looked at by acts."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.runs import snapshots
from models.runs.events import (
    Continued,
    Ended,
    Event,
    Paused,
    Sampled,
    Saved,
    Snapshot,
    Warned,
    decode,
    encode,
)
from playground.train.growing import Grown, Table
from playground.train.record import Record
from playground.train.scene import (
    TrainScene,
    TrainView,
    choose,
    forget,
    go_to,
    next_axis,
    next_watched,
    other_scale,
    overlay,
    see,
)
from tests.playground.train.train_records import CONFIG, book, course, live, measured, started, stepped

# what only grows ---------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60))
def test_what_grows_is_as_if_each_had_its_own(moves: list[tuple[int, int]]) -> None:
    lists: list[list[int]] = [[]]
    grown: list[Grown[int]] = [Grown()]
    tables = [Table("a", "b")]
    for pick, value in moves:
        at = pick % len(lists)
        if value < 5:  # cut
            lists.append(lists[at][:value])
            grown.append(grown[at].first(value))
            tables.append(tables[at].first(value))
        else:
            lists.append([*lists[at], value])
            grown.append(grown[at].and_(value))
            tables.append(tables[at].and_(value, -value))
    for mine, longer, table in zip(lists, grown, tables, strict=True):
        assert list(longer) == mine == longer[:] and len(longer) == len(mine) == len(table)
        assert table["a"].tolist() == mine and table["b"].tolist() == [-value for value in mine]
        assert list(reversed(longer)) == mine[::-1] and longer[1:3] == mine[1:3]


def test_growing_copies_nothing() -> None:
    table = Table("a")
    for value in range(1000):
        table, before = table.and_(value), table
    assert before._buffer is table._buffer
    record = live(course())
    assert record.after(stepped(101)).curve._buffer is record.curve._buffer


# the record --------------------------------------------------------------------------------------------------------


def test_a_record_knows_what_was_told() -> None:
    record = book()
    assert record.state == "running" and record.step == 100 and record.is_alive
    assert record.config == CONFIG and record.started == started()
    assert record.curve["step"].tolist() == list(range(1, 101))
    assert record.curve["loss"][41] == stepped(42).loss and record.curve["tokens"][41] == 64 * 42
    assert record.points["step"].tolist() == list(range(10, 101, 10))
    assert record.points["tokens"].tolist() == [64 * step for step in range(10, 101, 10)]
    assert record.measured[3] == measured(40) and record.best == measured(100)
    assert record.places.tolist() == list(range(0, 101, 10)) and record.layers == ("embed", "0", "1", "ln_f")
    assert record.measured_at(9) is None and record.measured_at(49) == measured(40)
    assert record.sample_at(49) == Sampled(40, "line one at 40\nline two") and record.sample_at(9) is None
    assert record.snapshot_at(49) == Snapshot(40, "snapshots/40") and record.loss_at(42) == stepped(42).loss
    assert math.isnan(record.loss_at(0))


def test_a_record_read_from_its_lines_is_the_same() -> None:
    record, again = book(), Record.of(decode(encode(event)) for event in course())
    assert again.state == "stopped" and again.measured[:] == record.measured[:]
    assert np.array_equal(again.curve["loss"], record.curve["loss"]) and again.best == record.best


@pytest.mark.parametrize(
    ("events", "state", "problem"),
    [
        ([], "waiting", ""),
        ([started()], "running", ""),
        ([started(), Paused(3)], "paused", ""),
        ([started(), Paused(3), stepped(4)], "paused", ""),  # a single step
        ([started(), Paused(3), Continued(3)], "running", ""),
        ([started(), Ended(9, "told to stop", 0, False, 5)], "stopped", ""),
        ([started(), Ended(9, "SIGTERM", 143, False, 5)], "stopped", ""),
        ([started(), Ended(100, "the run is over", 0, True, 5)], "done", ""),
        ([started(), Ended(9, "the disk is full", 4, False, 5)], "died", "the disk is full"),
        ([started(), Ended(9, "the loss is not finite", 5, False, 5), started(5)], "running", ""),
    ],
)
def test_the_state_of_a_run(events: list[Event], state: str, problem: str) -> None:
    record = live(events)
    assert (record.state, record.problem) == (state, problem)
    gone = record.lost("killed by signal 9")
    over = state in ("stopped", "done", "died")
    assert (gone.state, gone.problem) == ((state, problem) if over else ("died", "killed by signal 9"))


def test_a_run_that_goes_on_from_a_checkpoint_forgets_what_lay_beyond() -> None:
    record = book().after(Warned("slow")).after(Saved(40)).after(started(40))
    assert record.step == 40 and len(record.curve) == 40 and record.best == measured(40)
    assert record.places.tolist() == [0, 10, 20, 30, 40] and len(record.samples) == 4
    assert list(record.warnings) == [Warned("slow")] and record.saved == 40
    again = record.after(stepped(41, 9.0))
    assert again.curve["loss"][-1] == 9.0 and book().curve["loss"][40] == stepped(41).loss  # the old one is untouched
    assert record.after(started(0)).places.tolist() == [0]


def test_what_is_told_twice_counts_once() -> None:
    record = book()
    for event in (stepped(100, 9.0), measured(90, 0.1), Sampled(100, "other"), Snapshot(100, "other")):
        after = record.after(event)
        assert len(after.curve) == 100 and after.measured[:] == record.measured[:] and after.best == record.best
        assert after.samples[:] == record.samples[:] and after.snapshots[:] == record.snapshots[:]


def test_a_loss_that_is_no_number_is_never_the_best() -> None:
    assert live([started(), measured(10, math.nan)]).best is None
    record = live([started(), measured(10, math.nan), measured(20, 2.0), measured(30, math.nan), measured(40, 2.5)])
    assert record.best == measured(20, 2.0) and record.until(15).best is None


def test_settings_of_a_newer_version_are_no_obstacle() -> None:
    record = live([started(config=CONFIG), replace(started(), config={"n_wings": 4})])
    assert record.config == CONFIG
    assert live([replace(started(), config={"n_wings": 4})]).config is None


# acts --------------------------------------------------------------------------------------------------------------


def test_choosing_and_overlaying_runs() -> None:
    view = choose(go_to(see(TrainView(), scroll=3), 40), "one")
    assert (view.run, view.place, view.scroll) == ("one", None, 0)
    assert overlay(view, "one") == view == overlay(view, "")
    for name in "abcde":
        view = overlay(view, name)
    assert view.overlaid == ("b", "c", "d", "e")
    assert overlay(view, "c").overlaid == ("b", "d", "e") == choose(view, "c").overlaid
    assert forget(view, "c").overlaid == ("b", "d", "e") and forget(view, "one").run == ""


def test_axes_and_what_is_watched_go_round() -> None:
    view = TrainView()
    assert [next_axis(view).along, next_axis(next_axis(view)).along] == ["seconds", "tokens"]
    assert next_axis(next_axis(next_axis(view))) == view == other_scale(other_scale(view))
    assert next_watched(next_watched(next_watched(view))) == view


def test_the_timeline_is_walked() -> None:
    of = TrainScene(TrainView("book"), {"book": book()})
    assert of.step == 100 and of.is_newest and of.scrubbed(1).place is None
    back = of.scrubbed(-2)
    assert back.place == 80 and replace(of, view=back).scrubbed(1).place == 90
    assert replace(of, view=back).scrubbed(2).place is None and of.scrubbed(-99).place == 0
    assert of.nearest(44) == 40 and of.nearest(99) is None
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
