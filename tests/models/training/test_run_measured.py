"""The last stage of a run: its model is measured, in a time that is bounded and can be left."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import models
from models.runs.events import Ended, Event, Leave, Scored, Stepped, Working
from models.runs.measurement import UNFAIR
from models.training import opening, result
from models.training.run import How
from tests.models.training.whole_runs import EVERY_STEP, all_of, begin, kinds, saying, weights


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
