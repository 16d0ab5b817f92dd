"""A run whose disk, memory, numbers or process fail: what was saved stays, and it goes on from there."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

import models
from models.runs import history, snapshots
from models.runs.checkpoints import Checkpoints
from models.runs.events import Ended, Event, Measured, Snapshot, Started, Stepped, Warned
from models.training import opening
from models.training.run import How
from tests.models.training.whole_runs import EVERY_STEP, all_of, begin, kinds, saying, weights


def test_a_loss_that_is_no_number_keeps_the_last_good_checkpoint(text: Path, tmp_path: Path) -> None:
    events = all_of(begin(tmp_path / "r", text, lr=1e30, warmup=0))
    assert isinstance(ended := events[-1], Ended) and (ended.status, ended.done, ended.step) == (5, False, 1)
    assert "stopped at step 2: the loss is not finite; the checkpoint of step 0 is kept - " in ended.why
    model = models.load(tmp_path / "r")
    assert model.training["steps"] == 1 and all(np.isfinite(each).all() for each in model.weights.values())
    assert Checkpoints(tmp_path / "r" / "checkpoints").steps() == [0]


class Full:
    """No file of this process may grow beyond so many bytes; what does not fit fails as on a full disk."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __enter__(self) -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        self.usual = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.most, self.usual[1]))

    def __exit__(self, *_: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self.usual)


def test_a_full_disk_does_not_stop_a_run_that_may_go_on(
    whole: tuple[Path, list[Event]], text: Path, tmp_path: Path
) -> None:
    """It is full at step 4 and has room again at step 8."""
    events, full = [], Full(6_000)
    with begin(tmp_path / "r", text) as run:
        for event in run.events(saying(), EVERY_STEP):
            events.append(event)
            if isinstance(event, Stepped) and event.step == 3:
                full.__enter__()
            if isinstance(event, Stepped) and event.step == 5:
                full.__exit__()
    assert [each for each in kinds(events) if each.startswith(("saved", "snapshot", "ended"))] == [
        "snapshot 0", "saved 0", "snapshot 8", "saved 8", "snapshot 12", "saved 12", "ended 12",
    ]  # fmt: skip
    warned = [event.says for event in events if isinstance(event, Warned)]
    assert any(says.startswith("checkpoint at step 4 not saved") and "step 0 is intact" in says for says in warned)
    assert isinstance(ended := events[-1], Ended) and ended.status == 0
    assert weights(tmp_path / "r") == weights(whole[0])


@pytest.mark.parametrize(("stop", "at"), [(True, 4), (False, 12)])
def test_a_disk_that_stays_full_ends_with_status_4_and_all_that_was_saved(
    stop: bool, at: int, whole: tuple[Path, list[Event]], text: Path, tmp_path: Path
) -> None:
    events, full = [], Full(6_000)
    with begin(tmp_path / "r", text) as run:
        for event in run.events(saying(), How(every=0, stop_on_full_disk=stop)):
            events.append(event)
            if isinstance(event, Stepped) and event.step == 3:
                full.__enter__()
        full.__exit__()
    assert isinstance(ended := events[-1], Ended) and (ended.status, ended.done, ended.step) == (4, False, at)
    assert "not saved" in ended.why and "step 0 is intact" in ended.why
    assert not [name for name in os.listdir(tmp_path / "r" / "checkpoints") if name.startswith(".")]
    all_of(opening.resume(tmp_path / "r"))
    assert weights(tmp_path / "r") == weights(whole[0])


def test_a_folder_that_was_taken_away_is_not_made_again(text: Path, tmp_path: Path) -> None:
    events = []
    with begin(tmp_path / "r", text) as run:
        for event in run.events(saying(), EVERY_STEP):
            events.append(event)
            if isinstance(event, Stepped) and event.step == 3:
                shutil.rmtree(tmp_path / "r")
    assert isinstance(ended := events[-1], Ended) and (ended.status, ended.done) == (4, False)
    assert "is gone, and nothing can be saved" in ended.why and not (tmp_path / "r").exists()


def test_too_little_memory_for_a_step_keeps_what_was_saved(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = []
    with begin(tmp_path / "r", text) as run:
        for event in run.events(saying(), EVERY_STEP):
            events.append(event)
            if isinstance(event, Stepped) and event.step == 5:
                # the first thing a step does, so that it is this step that asks for more memory than there is
                monkeypatch.setattr(run.training.source, "draw", lambda: torch.empty(1 << 55))
    assert isinstance(ended := events[-1], Ended) and (ended.status, ended.done, ended.step) == (4, False, 5)
    assert "not enough for step 6; the checkpoint of step 4 is kept - take a smaller batch" in ended.why
    all_of(opening.resume(tmp_path / "r"), saying("stop"))


def test_a_run_that_was_killed_before_its_first_checkpoint_begins_anew(
    whole: tuple[Path, list[Event]], text: Path, tmp_path: Path
) -> None:
    begin(tmp_path / "r", text).close()
    events = all_of(opening.resume(tmp_path / "r"))
    assert kinds(events)[:3] == ["started 0", "warned", "sampled 0"]
    assert weights(tmp_path / "r") == weights(whole[0])


def test_what_lies_after_its_checkpoint_is_forgotten(text: Path, tmp_path: Path) -> None:
    """As if it had been killed at step 6."""
    with begin(tmp_path / "r", text, snapshot_every=1) as run:
        for event in run.events(saying(), EVERY_STEP):
            if isinstance(event, Snapshot) and event.step == 6:
                break
    assert list(snapshots.listing(tmp_path / "r")) == list(range(7))
    events = all_of(opening.resume(tmp_path / "r"), saying("stop"))
    assert kinds(events) == ["started 4", "saved 4", "scored 4", "ended 4"]
    assert list(snapshots.listing(tmp_path / "r")) == list(range(5))
    logged = [each.step for each in history.read(tmp_path / "r") if isinstance(each, Stepped)]
    assert logged == [1, 2, 3, 4]


def train(out: Path, report: Callable[[], object] = lambda: None) -> None:
    """Go on to the end, and report every event."""
    with opening.resume(out) as run:
        for _ in run.events(saying(), EVERY_STEP):
            report()


def killed(out: Path, after: int, later: float) -> bool:
    """Train in a process that is killed some time after so many events; whether it had not ended before."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            train(out, lambda: os.write(writing, b"."))
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    while after > 0 and (seen := os.read(reading, after)):
        after -= len(seen)
    time.sleep(later)
    os.kill(child, signal.SIGKILL)
    os.close(reading)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_killed_at_any_moment_it_ends_the_same(whole: tuple[Path, list[Event]], text: Path, tmp_path: Path) -> None:
    """Saving at every step, so that most kills fall into a save."""
    out = tmp_path / "r"
    begin(out, text, save_every=1).close()
    chance, times = random.Random(7), 0
    for _ in range(12):
        if not _done(out):
            times += killed(out, chance.randint(0, 8), chance.uniform(0, 0.02))
    if not _done(out):
        train(out)
    assert times >= 3
    assert weights(out) == weights(whole[0])
    logged = history.read(out)
    assert [event.step for event in logged if isinstance(event, Stepped)] == list(range(1, 13))
    assert [event.step for event in logged if isinstance(event, Measured)] == [4, 8, 12]
    assert list(snapshots.listing(out)) == [0, 4, 8, 12]


def _done(out: Path) -> bool:
    turns = [event for event in history.read(out) if isinstance(event, (Started, Ended))]
    return bool(turns) and isinstance(turns[-1], Ended) and turns[-1].done
