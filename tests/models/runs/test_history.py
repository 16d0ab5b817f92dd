"""The log of a run: nothing lost but a torn last line, cut where a run goes on, and short however long the run was."""

from __future__ import annotations

import math
import os
import random
import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import UserError
from models.runs import history
from models.runs.events import Event, Measured, Sampled, Snapshot, Started, Stepped, Warned, encode
from models.runs.history import STEPS, History
from tests.models.runs.made_events import measured, stepped

SOME: list[Event] = [
    Started("runs/x", 0, {"n_layer": 2}, 9, 100, 10, 5, 4711, 1, "float32", rivals={"bigram": 2.5}),
    stepped(1),
    stepped(2),
    measured(2, 3.5, True),
    Sampled(2, 'To be\n"best": true\x1b[2J\u2028 or'),
    Snapshot(2, "snapshots/step-000000002"),
    stepped(3),
    Warned("the clock went back"),
    stepped(4),
    measured(4, 3.25, True),
    measured(6, 3.75),
]


def write(folder: Path, events: list[Event]) -> History:
    log = History(folder)
    for event in events:
        log.append(event)
    assert not log.trouble
    return log


def test_events_come_back_in_order_also_after_it_was_closed(tmp_path: Path) -> None:
    write(tmp_path, SOME[:5]).close()
    write(tmp_path, SOME[5:])
    assert history.read(tmp_path) == SOME


def test_a_run_without_a_log_has_no_events(tmp_path: Path) -> None:
    assert history.read(tmp_path) == []
    history.cut(tmp_path, 0)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("keep", range(0, 60, 7))
def test_a_torn_last_line_is_left_out_and_overwritten(keep: int, tmp_path: Path) -> None:
    write(tmp_path, SOME[:4]).close()
    file = tmp_path / "log.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + encode(stepped(9)).encode()[:keep])
    assert history.read(tmp_path) == SOME[:4]
    write(tmp_path, SOME[4:])
    assert history.read(tmp_path) == SOME


def test_damaged_lines_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, SOME).close()
    file, chance = tmp_path / "log.jsonl", random.Random(1)
    lines = file.read_bytes().splitlines()
    for wrong in (b"", b"{}", b"\xff\xfe", b'{"event": "stepped"}', lines[1][:40], b"[" * 5000):
        at = chance.randrange(len(lines) + 1)
        file.write_bytes(b"".join(line + b"\n" for line in [*lines[:at], wrong, *lines[at:]]))
        assert history.read(tmp_path) == SOME


def test_any_damage_is_no_more_than_lines_left_out(tmp_path: Path) -> None:
    write(tmp_path, SOME).close()
    file, chance = tmp_path / "log.jsonl", random.Random(1)
    content = file.read_bytes()
    for _ in range(200):
        at = chance.randrange(len(content))
        file.write_bytes(content[:at] + chance.randbytes(4) + content[at + 4 :])
        found = history.read(tmp_path)
        assert len(SOME) - 3 <= len(found) <= len(SOME)


@pytest.mark.parametrize(("step", "left"), [(0, 1), (1, 2), (2, 6), (3, 8), (4, 10), (5, 10), (6, 11)])
def test_a_cut_forgets_what_came_after_a_step(step: int, left: int, tmp_path: Path) -> None:
    write(tmp_path, SOME).close()
    history.cut(tmp_path, step)
    found = history.read(tmp_path)
    assert len(found) in (left, left + 1)  # a warning is of no step
    assert len((tmp_path / "log.jsonl").read_bytes().splitlines()) == len(found)
    assert [event for event in SOME if getattr(event, "step", 0) <= step] == found


def test_a_long_run_keeps_few_lines_of_steps_and_all_the_rest(tmp_path: Path) -> None:
    count, log = 4 * STEPS + 123, History(tmp_path)
    chance = random.Random(0)
    losses = [chance.gauss(3, 1) for _ in range(count)]
    for step, loss in enumerate(losses, 1):
        log.append(stepped(step, loss))
        if step % 500 == 0:
            log.append(measured(step, 3.0))
        if step % 3000 == 0:  # left and continued
            log.close()
            log = History(tmp_path)
    events = history.read(tmp_path)
    steps = [event for event in events if isinstance(event, Stepped)]
    assert STEPS // 4 < len(steps) <= STEPS
    assert [event.step for event in events if isinstance(event, Measured)] == list(range(500, count, 500))
    assert [getattr(event, "step", 0) for event in events] == sorted(getattr(event, "step", 0) for event in events)
    last, total = 0, 0.0
    for event in steps:  # each says the mean of all since the one before
        total += event.loss * (event.step - last)
        last = event.step
    assert math.isclose(total, sum(losses[:last]), rel_tol=1e-3)
    gaps = {b.step - a.step for a, b in zip(steps, steps[1:], strict=False)}
    assert max(gaps) <= 32 and count - last < 32


@given(st.lists(st.tuples(st.integers(1, 9), st.floats(0, 100)), min_size=1, max_size=20))
def test_merged_steps_have_the_mean_loss(gaps: list[tuple[int, float]]) -> None:
    steps, at = [], 5
    for gap, loss in gaps:
        at += gap
        steps.append(stepped(at, loss))
    one = history.merged(steps, 5)
    mean = sum(gap * loss for gap, loss in gaps) / sum(gap for gap, _ in gaps)
    assert one.step == at and math.isclose(one.loss, mean, abs_tol=1e-9)


def test_a_full_disk_is_said_and_the_run_goes_on(tmp_path: Path) -> None:
    log = write(tmp_path, SOME[:4])
    size = (tmp_path / "log.jsonl").stat().st_size
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, old[1]))  # the kernel takes half of the next line
    try:
        for event in SOME[4:6]:
            log.append(event)
            assert "log is not written: " in log.trouble
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    for event in SOME[6:]:
        log.append(event)
        assert not log.trouble
    assert history.read(tmp_path) == SOME[:4] + SOME[6:]


def test_a_log_that_something_else_made_too_large_stops_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = write(tmp_path, SOME[:4])
    monkeypatch.setattr(history, "STEPS", 0)  # each line of a step is one too many
    monkeypatch.setattr(history, "MAX_LOG", 10)
    for step in (50, 60):
        log.append(stepped(step))
        assert "log is not thinned: " in log.trouble or "log is not written: " in log.trouble
        assert "more than the 10 read here" in log.trouble
    log.close()


def test_a_log_that_cannot_be_opened_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").mkdir()
    with pytest.raises(UserError, match=r"log.* - "):
        History(tmp_path)
    with pytest.raises(UserError, match="no such file or directory"):
        History(tmp_path / "none")
