"""A run that is left and taken up again is the run that was never left, bit for bit."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest
import torch

from models.errors import UserError
from models.runs.checkpoints import State
from models.runs.events import Measured
from models.training import Training
from tests.models.training.small_training import QUICK, VOCAB, Rows, noise, same, training

N = 7


def through_json(state: State) -> State:
    """As a checkpoint does it."""
    return replace(state, values=json.loads(json.dumps(state.values, allow_nan=False)))


def resumed(run: Training, **changes: Any) -> tuple[Training, list[str]]:
    other = training(run.config, **changes)
    return other, other.restore(through_json(run.state()), run.best)


def followed(run: Training) -> list[tuple[float, Measured | None]]:
    """The loss of every step, and what was measured after it, whenever that was."""
    return [
        (each.loss, replace(found, seconds=0) if (found := run.measured) and found.step == each.step else None)
        for each in run.reports()
    ]


@pytest.mark.parametrize("k", [1, 4])
@pytest.mark.parametrize("changes", [
    {"dropout": 0.2}, {"method": "adamw", "dropout": 0.2}, {"accumulate": 4}, {"dtype": "bfloat16", "dropout": 0.1},
    {"dtype": "float32"}, {"without": ("norm", "scale")}, {"schedule": "cosine", "lr_rest": 0.3}, {"model": "gru"},
    {"model": "gru", "method": "adamw"}, {"attention": "window:3"}, {"attention": "linear", "dropout": 0.1},
], ids=str)  # fmt: skip
def test_a_parted_run_ends_as_a_straight_one(changes: dict[str, Any], k: int) -> None:
    straight, first = (training(replace(QUICK, steps=N, **changes)) for _ in range(2))
    told = followed(straight)
    list(islice(first.reports(), k))
    second, warnings = resumed(first)
    assert warnings == [] and followed(second) == told[k:]
    assert same(second.weights(), straight.weights()) and same(second.best, straight.best)
    assert (second.best_step, second.best_loss) == (straight.best_step, straight.best_loss)
    assert same(second.optimiser.state(), straight.optimiser.state()) and second.step == N
    ours, theirs = second.state().values, straight.state().values
    assert {name for name in ours if ours[name] != theirs[name]} <= {"seconds"}


@pytest.mark.parametrize("k", [0, 3, N])
def test_it_may_be_left_before_the_first_step_after_a_measurement_or_at_the_end(k: int) -> None:
    straight, first = (training(steps=N) for _ in range(2))
    list(straight.reports())
    list(islice(first.reports(), k))
    second, _ = resumed(first)
    assert len(list(second.reports())) == N - k and second.done
    assert same(second.weights(), straight.weights()) and same(second.best, straight.best)


def test_time_goes_on_and_the_best_is_remembered() -> None:
    first = training(steps=N)
    *_, last = islice(first.reports(), 5)
    second, _ = resumed(first)
    assert second.seconds == last.seconds == first.seconds > 0
    assert (second.best_step, second.best_loss) == (3, first.best_loss) and same(second.best, first.best)
    assert next(second.reports()).seconds > last.seconds and second.measure_if_new() is None  # step 6 measured
    without = training(steps=N)
    without.restore(first.state())
    assert without.best_step == 5 and without.best_loss == math.inf and same(without.best, first.weights())


def test_a_state_is_a_copy() -> None:
    run = training()
    list(islice(run.reports(), 2))
    state = run.state()
    weights, moments = ({name: a.copy() for name, a in each.items()} for each in (state.weights, state.optimiser))
    list(run.reports())
    assert same(state.weights, weights) and same(state.optimiser, moments)
    assert state.values["source"] == {"drawn": 2} and all(a.dtype == np.float32 for a in state.optimiser.values())


def test_before_the_first_measurement_there_is_no_best_loss() -> None:
    run = training()
    list(islice(run.reports(), 1))
    assert run.state().values["best_loss"] is None
    second, _ = resumed(run)
    assert second.best_loss == math.inf and second.best_step == 1


@pytest.mark.parametrize(("changes", "says"), [
    ({"n_embd": 16}, r"the checkpoint has wte.weight as \(7, 32\)"), ({"n_layer": 1}, "has h.1"),
    ({"n_layer": 3}, "has no h.2"), ({"method": "adamw"}, "of another model or optimiser"),
    ({"model": "gru"}, "has wte"),
], ids=str)  # fmt: skip
def test_a_state_of_another_run_is_refused_and_changes_nothing(changes: dict[str, Any], says: str) -> None:
    run = training()
    list(islice(run.reports(), 2))
    other = training(replace(QUICK, **changes))
    before, moments = other.weights(), other.optimiser.state()
    with pytest.raises(UserError, match=says):
        other.restore(run.state(), run.best)
    assert same(before, other.weights()) and same(moments, other.optimiser.state()) and other.step == 0


@pytest.mark.parametrize("wrong", [
    {"seconds": None}, {"seconds": -1.0}, {"since": [1]}, {"source": {}}, {"environment": {}},
    {"environment": {"threads": 1}},
    {"best_step": "three"}, {"measured_step": []},
], ids=str)  # fmt: skip
def test_a_state_that_is_not_whole_is_refused_in_a_sentence(wrong: dict[str, Any]) -> None:
    run = training()
    list(islice(run.reports(), 4))
    state = run.state()
    for values in (dict(state.values) | wrong, {n: v for n, v in state.values.items() if n not in wrong}):
        with pytest.raises(UserError, match="step 4 is not whole"):
            training().restore(replace(state, values=values), run.best)


def test_what_makes_it_inexact_is_said() -> None:
    run = training(dtype="float32")
    list(islice(run.reports(), 1))
    state = run.state()
    then = dict(state.values["environment"])
    changed = then | {"threads": 64, "torch_version": "2.0", "processor": "Pentium II, MMX", "processes": 2}
    said = training(dtype="float32").restore(replace(state, values=dict(state.values) | {"environment": changed}))
    assert said == [
        f"not bit for bit: threads {then['threads']}, and it was 64",
        f"not bit for bit: torch {torch.__version__}, and it was 2.0",
        f"not bit for bit: processor {then['processor']}, and it was Pentium II, MMX",
        "not bit for bit: processes 1, and it was 2",
    ]
    assert training(dtype="bfloat16").restore(state) == ["not bit for bit: products in bfloat16, and it was float32"]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_type_that_was_measured_is_kept(dtype: Any) -> None:
    """Measuring again might choose another."""
    run = training(dtype=dtype)
    list(islice(run.reports(), 2))
    environment = run.state().values["environment"] | {"muon_in": dtype}
    second = training(dtype="auto")
    state = replace(run.state(), values=dict(run.state().values) | {"environment": environment})
    assert second.restore(state, run.best) == []
    assert second.environment.products_in == second.environment.muon_in == dtype
    assert next(second.reports()).loss == next(run.reports()).loss


def test_fine_tuning_resumes_as_well() -> None:
    start = training(seed=5).weights()
    runs = [Training(QUICK, VOCAB, Rows(noise(), 16, 8), noise()[:65], start) for _ in range(2)]
    list(runs[0].reports())
    list(islice(runs[1].reports(), 2))
    second, _ = resumed(runs[1])
    list(second.reports())
    assert same(second.weights(), runs[0].weights())
