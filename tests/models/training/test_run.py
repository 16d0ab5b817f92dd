"""A run in its folder: its events, its commands, and that nothing of it is ever lost."""

from __future__ import annotations

import math
import os
import random
import resource
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
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
from models.runs.events import (
    Command,
    Ended,
    Event,
    Inbox,
    Leave,
    Measured,
    Saved,
    Scored,
    Snapshot,
    Started,
    Stepped,
    Warned,
    Working,
)
from models.runs.measurement import UNFAIR, Measurement
from models.training import opening, result
from models.training.corpus import text_spec
from models.training.opening import Start
from models.training.run import STOP, How, Run

TEXT = "to be, or not to be, that is the question:\n" * 60
CONFIG = TrainConfig(
    n_layer=1, n_head=2, n_embd=16, block_size=16, batch=4, steps=12, eval_every=4, warmup=2, dropout=0.1, threads=1
)  # fmt: skip
EVERY_STEP = How(every=0)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("corpus") / "text.txt"
    file.write_text(TEXT)
    return file


def begin(out: Path, text: Path, **changes: Any) -> Run:
    config = TrainConfig.from_dict(CONFIG.as_dict() | changes)
    return opening.create(out, config, text_spec(text), ("playground", "train", "text.txt"))


def saying(*what: Command | Leave) -> Inbox:
    inbox: Inbox = SimpleQueue()
    for each in what:
        inbox.put(each)
    return inbox


def all_of(run: Run, inbox: Inbox | None = None, how: How = EVERY_STEP) -> list[Event]:
    with run:
        return list(run.events(inbox or saying(), how))


def kinds(events: list[Event]) -> list[str]:
    """What happened beside the work between steps, in short: the kind and the step of each."""
    return [
        f"{type(each).__name__.lower()} {getattr(each, 'step', '')}".rstrip()
        for each in events
        if not isinstance(each, Working)
    ]


def weights(out: Path) -> bytes:
    return (out / "model" / "model.safetensors").read_bytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, text: Path) -> tuple[Path, list[Event]]:
    """A run nobody disturbed."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    return out, all_of(begin(out, text))


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


# the model is measured


def test_it_tells_how_far_the_measuring_is_and_can_be_held_and_ended(text: Path, tmp_path: Path) -> None:
    run, inbox = begin(tmp_path / "r", text), saying()
    events, doing = list[Event](), "measuring the held-out loss"
    with run:
        for event in run.events(inbox, EVERY_STEP):
            events.append(event)
            if isinstance(event, Working) and event == Working(doing, 0.0):
                inbox.put("pause")
                inbox.put("continue")
            if isinstance(event, Working) and event.doing == doing and event.share > 0:
                inbox.put("stop")
    after = events[next(at for at, event in enumerate(events) if event == Working(doing, 0.0)) :]
    assert names(after) == ["working", "paused", "continued", "working", "ended"]
    assert isinstance(ended := after[-1], Ended) and (ended.status, ended.done) == (0, False)
    assert "stopped as asked after step 12" in ended.why and "held_out" not in models.load(tmp_path / "r").training
    again = all_of(opening.resume(tmp_path / "r"))
    shares = [each.share for each in again if isinstance(each, Working) and each.doing == doing]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] == 1 and kinds(again)[-2:] == [
        "scored 12", "ended 12",
    ]  # fmt: skip


def names(events: list[Event]) -> list[str]:
    return [type(event).__name__.lower() for event in events]


def test_a_sample_is_measured_and_all_on_demand_the_rivals_on_the_same_tokens(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result, "SAMPLE", 64)
    run = begin(tmp_path / "r", text, steps=4)
    held_out, rivals = np.asarray(run.corpus.held_out), run.corpus.rivals
    (few,) = (event for event in all_of(run) if isinstance(event, Scored))
    assert (few.held_out.tokens, few.held_out.windows, few.held_out.held_out) == (64, 4, 258)
    assert few.held_out.characters == 64 and few.held_out.thing == "character" and not few.held_out.looks_ahead
    starts = [0, 64, 128, 192]  # of 16 windows there are every fourth
    expected = {each.name: np.mean([each.loss(held_out[at : at + 17].tolist()) for at in starts]) for each in rivals}
    assert few.rivals == pytest.approx(expected)
    run = begin(tmp_path / "all", text, steps=4)
    (whole,) = (event for event in all_of(run, how=How(measure_all=True)) if isinstance(event, Scored))
    assert (whole.held_out.tokens, whole.held_out.windows) == (256, 16)
    card = (tmp_path / "r/model/README.md").read_text()
    assert "on 64 of 258 held-out characters" in card
    assert f"a standard error of {few.held_out.error / math.log(2):.4f} bits, each of the 4 windows one draw" in card


def test_of_its_minutes_there_are_some_left_to_measure_in(text: Path, tmp_path: Path) -> None:
    """As if measuring took six of the nine seconds: the steps then get half of all, the least there is for them."""
    run = begin(tmp_path / "r", text, steps=None, minutes=0.15)
    with run:
        assert run.training.config.progress(1, 4.5) == 0.5
        run.training.reserve(6.0)
        assert run.training.config.progress(1, 4.5, run.training.after) == 1.0
        run.training.seconds = 4.5
        run.training.reserve(6.0)
        assert run.training.done
        run.training.reserve(3.0)
        assert run.training.progress == pytest.approx(0.75)


def test_a_run_keeps_as_much_time_as_measuring_takes(text: Path, tmp_path: Path) -> None:
    run = begin(tmp_path / "r", text)
    events = all_of(run)
    assert 0 < run.training.after < 60
    last = [event for event in events if isinstance(event, Stepped)][-1]
    assert last.seconds_left == run.training.after
    assert result.seconds_to_finish(run.training, run.corpus) > 0


def test_a_run_without_a_mask_is_no_fair_score_wherever_its_loss_goes(text: Path, tmp_path: Path) -> None:
    events = all_of(begin(tmp_path / "r", text, steps=4, without=["mask"]))
    (scored,) = (event for event in events if isinstance(event, Scored))
    assert scored.held_out.looks_ahead and UNFAIR in scored.held_out.said()
    assert "no fair score" in (tmp_path / "r/model/README.md").read_text()


# what goes wrong


def test_a_loss_that_is_no_number_keeps_the_last_good_checkpoint(text: Path, tmp_path: Path) -> None:
    events = all_of(begin(tmp_path / "r", text, lr=1e30, warmup=0))
    assert isinstance(ended := events[-1], Ended) and (ended.status, ended.done, ended.step) == (5, False, 1)
    assert "stopped at step 2: the loss is not finite; the checkpoint of step 0 is kept - " in ended.why
    model = models.load(tmp_path / "r")
    assert model.training["steps"] == 1 and all(np.isfinite(each).all() for each in model.weights.values())
    assert Checkpoints(tmp_path / "r" / "checkpoints").steps() == [0]


def test_who_leaves_while_it_is_measured_after_such_a_loss_hears_why_it_ended(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, measuring = saying(), result.measuring

    def hurried(*args: Any) -> Any:
        inbox.put(Leave("by a test", 143))
        return measuring(*args)

    monkeypatch.setattr(result, "measuring", hurried)
    ended = all_of(begin(tmp_path / "r", text, lr=1e30, warmup=0), inbox)[-1]
    assert isinstance(ended, Ended) and ended.status == 5 and "the loss is not finite; the check" in ended.why


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


def test_who_wants_to_leave_does_not_wait_for_the_last_measurement(
    whole: tuple[Path, list[Event]], text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, measuring = saying(), result.measuring

    def hurried(*args: Any) -> Any:
        for said in ("save", Leave("as its input ended", 0), Leave("by a test", 143)):
            inbox.put(said)
        return measuring(*args)

    with monkeypatch.context() as patch:
        patch.setattr(result, "measuring", hurried)
        ended = all_of(begin(tmp_path / "r", text), inbox)[-1]
    assert isinstance(ended, Ended) and (ended.status, ended.done, ended.step) == (143, False, 12)
    assert "--resume" in ended.onward and "held_out" not in models.load(tmp_path / "r").training
    assert kinds(all_of(opening.resume(tmp_path / "r"))) == ["started 12", "scored 12", "ended 12"]
    assert weights(tmp_path / "r") == weights(whole[0])
    assert "held_out" in models.load(tmp_path / "r").training


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


# killed


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
