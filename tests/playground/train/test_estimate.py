"""What a run will cost."""

from __future__ import annotations

import math
from dataclasses import replace

from models.runs import TrainConfig, cost
from models.runs.events import Started, Stepped
from playground.train import estimate
from playground.train.record import Record


def test_time_is_by_steps_or_by_minutes_whichever_is_less() -> None:
    config = TrainConfig(steps=100)
    step = cost.operations(config, 65)
    assert estimate.steps(config, 65, step) == 100
    timed = replace(config, minutes=0.5)
    assert estimate.steps(timed, 65, step) == 30 == estimate.steps(replace(timed, steps=None), 65, step)
    assert estimate.steps(replace(config, minutes=5), 65, step) == 100


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
