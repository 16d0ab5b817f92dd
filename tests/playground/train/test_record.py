"""What is known of a run grows by its events."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from models.runs.events import (
    Continued,
    Ended,
    Event,
    Paused,
    Sampled,
    Saved,
    Scored,
    Snapshot,
    Warned,
    Working,
    decode,
    encode,
)
from models.runs.measurement import Measurement
from playground.train.record import Record
from tests.playground.train.train_records import CONFIG, book, course, live, measured, started, stepped


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


def test_it_knows_what_is_done_between_steps_and_what_came_of_it() -> None:
    busy = book().after(Working("measuring", 0.43))
    assert (busy.share, book().share) == (0.43, 1.0) and busy.state == "running"
    assert busy.after(stepped(101)).working is None and busy.after(started(100)).working is None
    found = Scored(100, Measurement(1.5, 10, 10))
    over = busy.after(found).after(Ended(100, "the run is over", 0, True, 100))
    assert over.scored == found and over.working is None and over.state == "done"
    assert over.after(started(100)).scored is None, "it goes on: what was measured is of a model of before"
    assert Record().after(Working("tokenising", 2.0)).share == 1.0 and busy.lost("killed").working is None
    assert Record.of([started(), found]).scored == found


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
