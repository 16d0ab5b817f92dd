"""Losses of several runs are told so that they can be compared, or it is said that they cannot."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from models.runs.events import Ended, Scored, Started, Working
from models.runs.measurement import UNFAIR, Measurement
from models.units import BITS, NATS
from playground.kit.numbers import loss
from playground.train.panes.loss import Loss
from playground.train.panes.progress import Progress
from playground.train.panes.run_line import RunLine
from playground.train.panes.runs import Runs
from playground.train.panes.yardstick import OTHER_TEXTS, OTHER_TOKENS, yardstick
from playground.train.record import Record
from playground.train.scene import TrainScene, TrainView
from tests.playground.train.panes.drawn_panes import drawn
from tests.playground.train.train_records import CONFIG, live, measured, started, stepped

CHARS = started(thing="character", characters=1.0, text="a")
PIECES = started(vocab_size=512, characters=2.0, text="a")
WORDS = started(vocab_size=900, thing="word", characters=math.nan, text="a")
OLD = started(vocab_size=900)  # of a run that was begun before any of this was told


def run_of(begun: Started, nats: float = 2.0) -> Record:
    return live([begun, stepped(10, nats), measured(10, nats)])


def test_runs_of_one_vocabulary_are_told_a_token_by_its_name() -> None:
    told = yardstick({"x": run_of(CHARS), "y": run_of(CHARS)}, BITS)
    assert (told.words, told.problem, told.units) == ("bits a character", "", {"x": BITS, "y": BITS})
    assert yardstick({"x": run_of(OLD)}, NATS).words == "nats a token"
    assert yardstick({"x": Record()}, BITS).words == "bits a token" and yardstick({}, BITS).units == {}


def test_of_one_text_different_tokens_are_told_a_character() -> None:
    told = yardstick({"chars": run_of(CHARS), "pieces": run_of(PIECES)}, NATS)
    assert (told.words, told.problem) == ("nats a character", "")
    assert told.units["chars"].nat == 1 and told.units["pieces"].nat == 0.5  # two characters a token


@pytest.mark.parametrize(
    ("other", "problem"),
    [(WORDS, OTHER_TOKENS), (OLD, OTHER_TOKENS), (replace(PIECES, text="b"), OTHER_TEXTS),
     (replace(CHARS, text="b"), OTHER_TEXTS)],
    ids=["lossy tokens", "an old run", "another text", "the same tokens of another text"],
)  # fmt: skip
def test_what_cannot_be_compared_is_said(other: Started, problem: str) -> None:
    runs = {"chars": run_of(CHARS), "other": run_of(other)}
    told = yardstick(runs, BITS)
    assert told.problem == problem and set(told.units.values()) == {BITS}
    picture = drawn(Loss(), TrainScene(TrainView("chars", ("other",)), runs), 100, 30).plain()
    assert problem in picture


def test_the_curves_are_drawn_in_what_is_fair() -> None:
    runs = {"chars": run_of(CHARS), "pieces": run_of(PIECES, 3.0)}
    canvas = drawn(Loss(), TrainScene(TrainView("chars", ("pieces",)), runs), 100, 30)
    plain = canvas.plain()
    assert plain.startswith("Loss bits a character") and f"● chars {loss(2.0)}" in plain
    assert f"a pieces {loss(1.5)}" in plain and loss(3.0) not in plain
    other = drawn(Loss(), TrainScene(TrainView("pieces", ("chars",)), runs), 100, 30).plain()
    assert f"● pieces {loss(1.5)}" in other and f"bigram {loss(2.482 / 2)}" in other
    assert f"train {loss(1.5)}" in other and f"○ best {loss(1.5)} at 10" in other


def scored(begun: Started, looks_ahead: bool = False) -> Record:
    found = Measurement(1.0, 1000, 5000, 0.01, 20, 2000, begun.thing, looks_ahead)
    record = live([begun, stepped(100, 1.9), measured(100, 1.5), Working("measuring", 0.43)])
    return record.after(Scored(100, found)).after(Ended(100, "done", 0, True, 100, 1.5))


def test_after_its_end_the_held_out_loss_is_the_run_s_and_it_has_its_name() -> None:
    of = TrainScene(TrainView("x"), {"x": scored(CHARS)})
    held_out, sampled = f"{loss(1.0)} ± {loss(0.01)}", loss(1.5)
    curve = drawn(Loss(), of, 100, 30).plain()
    assert f"sampled {sampled}" in curve and f"◆ held-out {held_out} · on 1,000 of 5,000 held-out char" in curve
    facts = drawn(Progress(), of, 80, 16).plain()
    assert f"held-out      {held_out}" in facts and f"best sampled  {sampled} at 100" in facts
    assert "losses in     bits a character" in facts
    assert f"held-out {held_out} bits a character" in drawn(RunLine(), of, 150, 1).plain()
    assert drawn(Runs(), of, 60, 6).plain().split("\n")[2].endswith(f" {loss(1.0)}")


def test_while_it_is_measured_it_says_how_far_that_is() -> None:
    busy = live([CHARS, stepped(100, 1.9), measured(100, 1.5), Working("measuring the held-out loss", 0.43)])
    of, doing = TrainScene(TrainView("x"), {"x": busy}), "measuring the held-out loss 43 %"
    for pane, wide, tall in ((Loss(), 100, 30), (Progress(), 80, 16), (RunLine(), 150, 1), (Runs(), 90, 8)):
        assert doing in drawn(pane, of, wide, tall).plain(), pane.name
    facts = drawn(Progress(), of, 80, 16).plain()
    assert "7:10" in facts, "43 % of the 12:34 that were left after the last step"
    begins = TrainScene(TrainView("x"), {"x": Record().after(Working("tokenising", 0.5))})
    assert "tokenising 50 %" in drawn(Loss(), begins, 60, 10).plain()


def test_who_sees_the_answers_is_marked_wherever_a_loss_of_it_stands() -> None:
    blind = replace(CHARS, config=replace(CONFIG, without=("mask",)).as_dict())
    runs = {"x": scored(blind, True), "y": run_of(CHARS)}
    of = TrainScene(TrainView("x"), runs)
    for pane, wide, tall in ((Loss(), 100, 30), (Progress(), 80, 16), (RunLine(), 150, 1), (Runs(), 90, 8)):
        assert UNFAIR in drawn(pane, of, wide, tall).plain(), pane.name
    assert f"†{loss(1.0)}" in drawn(Runs(), of, 90, 8).plain()
    beside = drawn(Loss(), TrainScene(TrainView("y", ("x",)), runs), 100, 30).plain()
    assert f"a †x {loss(1.5)}" in beside and "● y" in beside
