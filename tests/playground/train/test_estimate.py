"""What a run will cost."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import pytest

from models.runs import TrainConfig, cost
from models.runs.events import Started, Stepped
from playground.train import estimate
from playground.train.record import Record
from playground.train.sources import Source

TEXT = Source("a text", 65, 10_000)  # of which a thousand tokens are held out


def test_time_is_by_steps_or_by_minutes_whichever_is_less() -> None:
    config = TrainConfig(steps=100)
    speed = float(cost.operations(config, 65))  # a step a second
    measured = 1 + 1 / 24  # an eighth of what is learned from is measured on, forward alone
    after = 1000 / (3 * config.batch * config.block_size)
    told = estimate.estimate(config, TEXT, 65, speed)
    assert told.steps == 100 and told.seconds == pytest.approx(100 * measured + after)
    timed = replace(config, minutes=0.5)
    assert estimate.estimate(timed, TEXT, 65, speed).steps == 29  # of 30 seconds
    assert estimate.estimate(replace(timed, steps=None), TEXT, 65, speed).seconds == pytest.approx(30, abs=1.1)
    assert estimate.estimate(replace(config, minutes=5), TEXT, 65, speed).steps == 100


def test_measuring_the_model_is_bounded_and_in_the_time() -> None:
    config = TrainConfig(steps=1)
    tokens = float(config.batch * config.block_size)
    speed = cost.operations(config, 65) / tokens  # a token a second
    large = estimate.estimate(config, replace(TEXT, tokens=1e9), 65, speed)
    assert large.seconds == pytest.approx(tokens * 25 / 24 + cost.SAMPLE / 3)
    assert estimate.estimate(config, replace(TEXT, tokens=1e12), 65, speed) == large
    world = estimate.estimate(config, Source("a world", 65, math.inf), 65, speed)
    assert world.seconds == pytest.approx(tokens * 25 / 24 + (estimate.WORLD_HELD_OUT + cost.PROBED) / 3)
    half = estimate.estimate(replace(config, steps=None, minutes=tokens / 60), replace(TEXT, tokens=1e9), 65, speed)
    assert half.steps == 1  # measuring would take longer than all of it: the steps get half


def run_of(config: TrainConfig, speed: float) -> Record:
    started = Started("x", 0, config.as_dict(), 1, 1, 1, 65, 1, 1, "float32")
    return Record.of([started, Stepped(1, 0, 1, 1, 1, 1, 1, 1, speed, 1, 1)])


def test_the_speed_is_that_of_the_run_most_like_it() -> None:
    small, large = TrainConfig(n_embd=64), TrainConfig(n_embd=512)
    runs = [run_of(small, 1e9), run_of(large, 5e9), run_of(replace(small, model="gru"), 7e9), Record()]
    assert estimate.speed_of(runs, replace(large, n_embd=384), 65) == 5e9
    assert estimate.speed_of(runs, replace(small, n_embd=32), 65) == 1e9
    assert estimate.speed_of([run_of(small, math.nan)], small, 65) is None


def test_without_a_run_a_product_is_measured() -> None:
    assert 1e7 < estimate.measure(TrainConfig(n_embd=64, batch=4)) < 1e14


def test_a_width_that_no_machine_could_hold_is_measured_as_well() -> None:
    assert 1e7 < estimate.measure(TrainConfig(n_embd=1_000_000, n_head=1, batch=4)) < 1e15


def test_what_else_the_machine_does_meanwhile_slows_no_estimate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two products the first takes 30 ms, as it was held up, and the second 1 ms."""
    ticks = iter([0.0, 0.0, 0.03, 0.03, 0.031, 0.06])
    monkeypatch.setattr(estimate, "time", SimpleNamespace(perf_counter=lambda: next(ticks)))
    config = TrainConfig(n_embd=64, batch=4, block_size=16)
    assert estimate.measure(config) == pytest.approx(estimate.REACHED * 2 * 4 * 16 * 64 * 4 * 64 / 0.001)
