"""A run in its folder: its events, its commands, and that nothing of it is ever lost."""

from __future__ import annotations

import math
import os
import signal
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

import models
from models import model_folders
from models.errors import UserError
from models.gpt import GPT
from models.runs import TrainConfig, history, snapshots
from models.runs.checkpoints import Checkpoints
from models.runs.events import Command, Ended, Event, Leave, Measured, Saved, Scored, Started, Stepped, Warned, Working
from models.runs.measurement import Measurement
from models.training import opening
from models.training.corpus import text_spec
from models.training.opening import Start
from models.training.run import STOP, How
from tests.models.training.whole_runs import CONFIG, EVERY_STEP, TEXT, all_of, begin, kinds, saying, weights


def test_what_happens_comes_in_order(whole: tuple[Path, list[Event]]) -> None:
    out, events = whole
    measured = ["measured {0}", "sampled {0}", "snapshot {0}", "saved {0}"]
    expected = ["started 0", "sampled 0", "snapshot 0", "saved 0"]
    for step in range(1, 13):
        expected += [f"stepped {step}", *(each.format(step) for each in measured if step % 4 == 0)]
    assert kinds(events) == [*expected, "scored 12", "ended 12"]
    started, ended = events[1], events[-1]
    assert isinstance(started, Started) and isinstance(ended, Ended)
    assert set(started.rivals) == {"bigram", "5-gram", "unigram"} and started.floor is None and started.peak > 1e8
    assert (started.parameters, started.tokens, started.held_out_tokens) == (3824, 2322, 258)
    assert started.config == CONFIG.as_dict() and started.process == os.getpid()
    assert (ended.status, ended.done, ended.best_step) == (0, True, 12) and "done after 12 steps" in ended.why
    found = [event for event in events if isinstance(event, Measured)]
    assert min(each.held_out for each in found) == ended.best_loss and len(found[0].by_position) == 16
    assert found[0].gradients.keys() == found[0].updates.keys() == {"embed", "0", "ln_f"}
    losses = [event.loss for event in events if isinstance(event, Stepped)]
    assert np.mean(losses[4:8]) == pytest.approx(found[1].loss)
    assert all(0 < event.tokens_per_second < 1e7 for event in events if isinstance(event, Stepped))


def test_a_run_leaves_a_measured_model_its_snapshots_and_its_log(whole: tuple[Path, list[Event]]) -> None:
    out, events = whole
    model = models.load(out)
    facts = model.training
    assert facts["steps"] == facts["best_step"] == 12 and facts["command"] == "playground train text.txt"
    (scored,) = (event for event in events if isinstance(event, Scored))
    assert Measurement.of(facts) == scored.held_out
    card = (out / "model" / "README.md").read_text()
    assert f"| **this model** | {scored.held_out.nats / math.log(2):.4f} |" in card and scored.held_out.on in card
    logged = history.read(out)
    assert logged == [event for event in events if not isinstance(event, Saved | Working)]
    assert list(snapshots.listing(out)) == [0, 4, 8, 12]
    first, last = (model_folders.load_any(snapshots.listing(out)[step]) for step in (0, 12))
    assert isinstance(last, GPT)
    assert all(np.array_equal(last.weights[name], array) for name, array in model.weights.items())
    assert not np.array_equal(first.weights["wte.weight"], last.weights["wte.weight"])
    assert Checkpoints(out / "checkpoints").steps() == [8, 12]


def test_a_finished_run_is_not_resumed(whole: tuple[Path, list[Event]]) -> None:
    with pytest.raises(UserError, match="is finished after 12 steps - .* a new run from"):
        opening.resume(whole[0])


@pytest.mark.parametrize("at", [1, 4, 6])
def test_it_can_be_left_anywhere_and_ends_the_same(
    at: int, whole: tuple[Path, list[Event]], text: Path, tmp_path: Path
) -> None:
    run, inbox = begin(tmp_path / "r", text), saying()
    before = []
    with run:
        for event in run.events(inbox, EVERY_STEP):
            before.append(event)
            if isinstance(event, Stepped) and event.step == at:
                inbox.put(Leave("by a test", 143))
    assert isinstance(ended := before[-1], Ended) and (ended.status, ended.done) == (143, False)
    assert f"stopped by a test after step {at}" in ended.why and f"--resume {tmp_path / 'r'}" in ended.onward
    assert models.load(tmp_path / "r").training["steps"] == at
    after = all_of(opening.resume(tmp_path / "r"))
    assert kinds(after)[:2] == [f"started {at}", f"stepped {at + 1}"]
    assert weights(tmp_path / "r") == weights(whole[0])
    steps = [event for event in [*before, *after] if isinstance(event, Stepped)]
    undisturbed = [event for event in whole[1] if isinstance(event, Stepped)]
    assert [(each.step, each.loss) for each in steps] == [(each.step, each.loss) for each in undisturbed]
    held_out = [(event.step, event.held_out) for event in [*before, *after] if isinstance(event, Measured)]
    assert held_out == [(event.step, event.held_out) for event in whole[1] if isinstance(event, Measured)]


def test_it_pauses_steps_saves_and_goes_on(whole: tuple[Path, list[Event]], text: Path, tmp_path: Path) -> None:
    said: tuple[Command, ...] = ("step", "step", "pause", "save", "continue", "continue", "step", "save", "stop")
    events = all_of(begin(tmp_path / "r", text), saying(*said), How(every=0, paused=True))
    assert kinds(events)[3:] == [
        "saved 0", "paused 0", "stepped 1", "stepped 2", "saved 2", "continued 2", "paused 2", "stepped 3",
        "saved 3", "saved 3", "scored 3", "ended 3",
    ]  # fmt: skip
    assert isinstance(ended := events[-1], Ended) and (ended.status, ended.done) == (0, False)
    assert "held_out" in models.load(tmp_path / "r").training  # who says stop gets the whole card
    all_of(opening.resume(tmp_path / "r"))
    assert weights(tmp_path / "r") == weights(whole[0])


def test_it_waits_while_paused_until_a_command_comes(text: Path, tmp_path: Path) -> None:
    inbox = saying()
    run = begin(tmp_path / "r", text)
    signal.signal(signal.SIGALRM, lambda *_: inbox.put(STOP))
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    begun = time.monotonic()
    events = all_of(run, inbox, How(paused=True))
    assert time.monotonic() - begun >= 0.25 and kinds(events)[-3:] == ["saved 0", "scored 0", "ended 0"]


@pytest.mark.parametrize("clock", [0.0, 5.0, 1e6])
def test_steps_are_told_at_intervals_with_their_mean(
    clock: float, whole: tuple[Path, list[Event]], text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first at once, also where the clock was started a moment ago: it counts from the machine's start."""
    monkeypatch.setattr("models.training.run.time", SimpleNamespace(monotonic=lambda: clock))
    events = all_of(begin(tmp_path / "r", text), how=How(every=1000))
    steps = [event for event in events if isinstance(event, Stepped)]
    assert [event.step for event in steps] == [1, 4, 8, 12]  # the first, and with each measurement
    each = [event.loss for event in whole[1] if isinstance(event, Stepped)]
    assert [event.loss for event in steps] == pytest.approx(
        [np.mean(each[a:b]) for a, b in ((0, 1), (1, 4), (4, 8), (8, 12))]
    )


def test_only_one_process_trains_in_a_folder(text: Path, tmp_path: Path) -> None:
    with begin(tmp_path / "r", text), pytest.raises(UserError, match=f"is in use by process {os.getpid()}"):
        opening.resume(tmp_path / "r")


def test_what_cannot_begin_leaves_nothing(text: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.txt"
    short.write_text("to be")
    for spec in (text_spec(short), text_spec(tmp_path / "none.txt")):
        with pytest.raises(UserError):
            opening.create(tmp_path / "new" / "r", CONFIG, spec, ())
        assert os.listdir(tmp_path) == ["short.txt"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError):
        opening.create(tmp_path / "empty", CONFIG, text_spec(short), ())
    assert os.listdir(tmp_path / "empty") == []


def test_a_folder_that_holds_something_is_left_alone(whole: tuple[Path, list[Event]], text: Path) -> None:
    before = sorted(whole[0].rglob("*"))
    with pytest.raises(UserError, match="whole (has a run already|is not empty)"):
        begin(whole[0], text)
    assert sorted(whole[0].rglob("*")) == before


def test_a_text_that_has_changed_is_refused(text: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text(TEXT)
    all_of(begin(tmp_path / "r", own), saying("stop"))
    own.write_text(TEXT.replace("be", "do"))
    with pytest.raises(UserError, match=r"own\.txt"):
        opening.resume(tmp_path / "r")
    own.unlink()  # its tokens are there
    assert all_of(opening.resume(tmp_path / "r"), saying("stop"))[-1]


def test_another_environment_is_told(text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    all_of(begin(tmp_path / "r", text), saying("stop"))
    monkeypatch.setattr(torch, "__version__", "9.9")
    events = all_of(opening.resume(tmp_path / "r"), saying("stop"))
    assert any("9.9" in event.says for event in events if isinstance(event, Warned))


# other models


def test_a_model_is_trained_on(whole: tuple[Path, list[Event]], text: Path, tmp_path: Path) -> None:
    model = models.load(whole[0])
    start = Start(str(whole[0]), model)
    config = TrainConfig.from_dict(CONFIG.as_dict() | {"lr": 1e-6})
    run = opening.create(tmp_path / "r", config, text_spec(text), (), start, "float32")
    events = all_of(run, saying(), How(every=0))
    assert isinstance(started := events[1], Started) and started.started_from == str(whole[0])
    assert isinstance(last := events[-1], Ended) and isinstance(whole_last := whole[1][-1], Ended)
    assert last.best_loss == pytest.approx(whole_last.best_loss, abs=1e-3)
    tuned = models.load(tmp_path / "r")
    np.testing.assert_allclose(tuned.weights["wte.weight"], model.weights["wte.weight"], atol=1e-4)
    assert f"began with the weights and the vocabulary of `{whole[0]}`" in (tmp_path / "r/model/README.md").read_text()


@pytest.mark.parametrize("changes", [{"model": "gru"}, {"without": ["mask", "norm"], "positions": "none"}], ids=str)
def test_every_kind_of_model_leaves_a_folder_that_opens(changes: dict[str, Any], text: Path, tmp_path: Path) -> None:
    events = all_of(begin(tmp_path / "r", text, steps=4, **changes))
    assert isinstance(ended := events[-1], Ended) and ended.done
    model = model_folders.load_any(tmp_path / "r")
    card = (tmp_path / "r/model/README.md").read_text()
    assert "held_out" in model.training and ("recurrent" in card or "trained without | mask, norm, positions" in card)
