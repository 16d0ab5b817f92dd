"""The training loop: what a step does, what it reports, and that every setting acts."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partialmethod
from itertools import islice
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from models.errors import UserError
from models.formats import records
from models.gpt import GPT, GPTConfig, weight_shapes
from models.ops import idle
from models.runs import cost
from models.training import NonFinite, Training
from models.training.environment import Environment, peak
from models.training.learners import GPTLearner, learner
from models.training.memory import resident
from models.training.objective import Objective
from tests.models.training.small_training import QUICK, VOCAB, Rows, noise, same, training

SIZES = GPTConfig(vocab_size=11, block_size=16, n_layer=2, n_head=2, n_embd=8)
CPU = torch.device("cpu")


# the numbers


def begun(config: GPTConfig = SIZES, **settings: Any) -> GPTLearner:
    return GPTLearner(config, replace(QUICK, **settings))


def test_numbers_become_gpt2s_weights_and_back() -> None:
    learned = begun(seed=3)
    arrays = learned.arrays()
    assert {name: array.shape for name, array in arrays.items()} == weight_shapes(SIZES)
    held = learned.leaves["h.1.attn.c_attn.weight"].detach()
    np.testing.assert_array_equal(arrays["h.1.attn.c_attn.weight"][:, 8:16], held[8:16].T)  # the key's
    assert sum(leaf.numel() for leaf in learned.leaves.values()) == GPT(SIZES, arrays).n_parameters
    other = begun(seed=4)
    assert not np.array_equal(other.arrays()["wte.weight"], arrays["wte.weight"])
    assert not np.shares_memory(arrays["ln_f.weight"], learned.leaves["ln_f.weight"].detach().numpy())
    other.load(arrays)
    assert same(other.arrays(), arrays) and same(begun(seed=3).arrays(), arrays)


def test_muon_takes_the_matrices_of_the_blocks() -> None:
    learned = begun(seed=0)
    assert len(learned.matrices) == 4 * SIZES.n_layer
    assert all(name.startswith("h.") and learned.leaves[name].ndim == 2 for name in learned.matrices)
    assert {name for name, parts in learned.matrices.items() if parts == 3} == {
        "h.0.attn.c_attn.weight",
        "h.1.attn.c_attn.weight",
    }


def test_learned_positions_can_begin_as_sinusoids() -> None:
    wpe = begun(seed=0, positions_start="sinusoids").arrays()["wpe.weight"]
    angles = np.outer(np.arange(16), 1000.0 ** (-np.arange(4) / 4))  # from one radian a place to a thousandth of one
    np.testing.assert_allclose(wpe, 0.05 * np.sqrt(2) * np.hstack([np.sin(angles), np.cos(angles)]), atol=1e-6)
    assert np.sqrt(np.mean(wpe**2)) == pytest.approx(0.05, rel=1e-6)
    everything_else = {name: array for name, array in begun(seed=0).arrays().items() if name != "wpe.weight"}
    assert same(
        {n: a for n, a in begun(seed=0, positions_start="sinusoids").arrays().items() if n != "wpe.weight"},
        everything_else,
    )
    assert "wpe.weight" not in begun(replace(SIZES, positions="none"), seed=0, positions_start="sinusoids").leaves


# a run


def test_it_learns_one_batch_by_heart() -> None:
    tokens = noise(33)  # one window, and noise: only memory helps
    run = training(QUICK, tokens, block_size=32, batch=4, steps=150, eval_every=50, warmup=10)
    last = list(run.reports())[-1]
    assert run.measured is not None and last.loss < 0.02 and run.measured.held_out < 0.02 and run.measured.best


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("method", ["muon", "adamw"])
def test_a_seed_decides_everything(dtype: Any, method: Any) -> None:
    runs = [training(dtype=dtype, method=method, dropout=0.2, seed=seed) for seed in (1, 1, 2)]
    losses = [[(report.loss, report.norm) for report in run.reports()] for run in runs]
    assert losses[0] == losses[1] != losses[2]
    assert same(runs[0].best, runs[1].best) and not same(runs[0].best, runs[2].best)


@pytest.mark.parametrize("changes", [
    {"method": "adamw"}, {"lr_rest": 0.1}, {"schedule": "cosine"}, {"lr_end": 0.5}, {"positions_start": "sinusoids"},
    {"dropout": 0.5}, {"weight_decay": 5.0}, {"clip": 0.01}, {"warmup": 0}, {"activation": "none"},
    {"positions": "none"}, {"without": ("norm",)}, {"without": ("mask", "scale")}, {"dtype": "bfloat16"}, {"seed": 3},
], ids=str)  # fmt: skip
def test_every_setting_acts(changes: dict[str, Any]) -> None:
    plain, changed = (
        training(QUICK, dtype="float32", steps=4),
        training(QUICK, **{"dtype": "float32", "steps": 4} | changes),
    )
    assert [each.loss for each in plain.reports()] != [each.loss for each in changed.reports()]


@pytest.mark.parametrize("method", ["muon", "adamw"])
def test_parts_of_a_batch_add_up_to_the_batch(method: Any) -> None:
    whole, parts = (training(method=method, accumulate=n, dtype="float32", clip=0.1) for n in (1, 4))
    for a, b in zip(whole.reports(), parts.reports(), strict=True):
        assert (a.loss, a.norm) == pytest.approx((b.loss, b.norm), rel=2e-3 if method == "muon" else 1e-4)
        if a.step == 1:
            assert (a.loss, a.norm) == pytest.approx((b.loss, b.norm), rel=1e-5)


def test_reports_count_and_the_best_is_kept() -> None:
    run = training(steps=7, dtype="float32")
    told = [(report, run.measured) for report in run.reports()]
    reports, measured = [report for report, _ in told], {each.step: each for _, each in told if each}
    assert [report.step for report in reports] == [1, 2, 3, 4, 5, 6, 7] and run.done and not list(run.reports())
    assert list(measured) == [3, 6, 7]
    assert reports[-1].tokens == 7 * 8 * 16 and reports[-1].progress == 1
    assert (run.best_loss, run.best_step) == min((each.held_out, step) for step, each in measured.items())
    assert measured[6].loss == pytest.approx(np.mean([report.loss for report in reports[3:6]]))
    assert measured[7].loss == reports[6].loss and len(measured[3].by_position) == 16
    kept = learner(run.config, VOCAB)
    kept.load(run.best)
    found = run.held_out.measure(lambda inputs: kept.logits(inputs, torch.float32, idle), CPU)
    assert found.mean == pytest.approx(run.best_loss, rel=1e-6)


def test_figures_of_a_report_hold_together() -> None:
    run = training()
    reports = list(run.reports())
    seconds = [report.seconds for report in reports]
    assert seconds == sorted(seconds) and seconds[0] > 0
    for report in reports:
        ratio = report.operations_per_second / report.tokens_per_second
        assert ratio == pytest.approx(run.operations / (8 * 16)) and report.norm > 0
        assert 20 << 20 < report.memory < 8 << 30
    assert sum(8 * 16 / report.tokens_per_second for report in reports) <= seconds[-1]


def test_operations_are_six_a_number_that_is_multiplied_and_attention() -> None:
    config = replace(QUICK, n_layer=3, n_embd=64, block_size=32)
    for each, attention in ((config, 12 * 3 * 64 * 32), (replace(config, without=("attention",)), 0)):
        leaves = learner(each, 100).leaves
        numbers = sum(leaf.numel() for name, leaf in leaves.items() if leaf.ndim == 2 and name != "wpe.weight")
        assert cost.operations(each, 100) == each.batch * 32 * (6 * numbers + attention)
        assert cost.n_parameters(each, 100) == sum(leaf.numel() for leaf in leaves.values())


def test_layers_report_gradients_and_updates_of_the_step_that_measured() -> None:
    run = training(method="adamw", steps=6, dtype="float32", lr=1e-3, warmup=0, schedule="linear", weight_decay=0.0)
    reports = run.reports()
    list(islice(reports, 2))
    before = {name: leaf.detach().clone() for name, leaf in run.learner.leaves.items()}
    report, found = next(reports), run.measured
    assert (
        found is not None
        and found.step == 3
        and set(found.gradients) == set(found.updates) == {"embed", "0", "1", "ln_f"}
    )
    assert math.sqrt(sum(each**2 for each in found.gradients.values())) == pytest.approx(report.norm, rel=1e-5)
    names = [name for name in before if name.startswith("h.1.")]
    change = sum(float((run.learner.leaves[name].detach() - before[name]).square().sum()) for name in names)
    size = sum(float(before[name].square().sum()) for name in names)
    assert found.updates["1"] == pytest.approx(math.sqrt(change / size), rel=1e-4)
    again = run.measure()
    assert again.gradients == found.gradients and next(reports).step == 4 and run.measured is again
    assert run.measure().gradients == {}


def clock_of(monkeypatch: pytest.MonkeyPatch, tick: float) -> list[float]:
    """A clock that goes on by so many seconds whenever it is looked at; its time is the one number in the list."""
    now = [0.0]

    def look() -> float:
        now[0] += tick
        return now[0]

    monkeypatch.setattr("models.training.loop.time", SimpleNamespace(perf_counter=look))
    return now


def test_a_run_by_the_clock_ends_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    clock_of(monkeypatch, 0.1)
    run = training(steps=None, minutes=0.01, eval_every=10**6)
    told = [(report, run.measured) for report in run.reports()]
    *before, (last, measured) = told
    assert last.progress == 1 and last.seconds >= 0.6 and before and before[-1][0].progress < 1
    assert measured is not None and not any(each for _, each in before)


def test_time_spent_between_steps_is_not_training(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock_of(monkeypatch, 0.01)
    reports = iter(training(steps=2).reports())
    first = next(reports)
    now[0] += 100
    assert 0 < next(reports).seconds - first.seconds < 1


def test_leaving_and_coming_back_goes_on() -> None:
    one, two = training(), training()
    straight = [report.loss for report in one.reports()]
    parted = [report.loss for report in islice(two.reports(), 2)] + [report.loss for report in two.reports()]
    assert straight == parted


def test_worse_weights_do_not_replace_better_ones() -> None:
    run = training()
    list(islice(run.reports(), 3))
    before = run.best
    with torch.no_grad():
        run.learner.leaves["wte.weight"].mul_(50)
    assert run.measure().held_out > run.best_loss and run.best is before


@pytest.mark.parametrize("name", ["wte.weight", "h.0.mlp.c_fc.weight"])
def test_it_stops_at_a_loss_that_is_no_number_and_keeps_the_good_weights(name: str) -> None:
    run = training()
    reports = run.reports()
    list(islice(reports, 4))
    before = run.best
    with torch.no_grad():
        run.learner.leaves[name][0, 0] = math.nan
    with pytest.raises(NonFinite, match="step 5: the loss is not finite - try a learning rate below") as caught:
        next(reports)
    run.measure_if_new()
    assert caught.value.step == 5 and run.step == 4
    assert run.best is before and all(np.isfinite(array).all() for array in run.best.values())


def test_a_gradient_that_is_no_number_is_not_applied() -> None:
    run = training()
    list(islice(run.reports(), 1))
    before, moments = run.weights(), run.optimiser.state()
    leaf = run.learner.leaves["ln_f.weight"]
    # torch leaves hooks untyped
    leaf.register_hook(lambda gradient: gradient * math.inf)  # type: ignore[no-untyped-call]
    with pytest.raises(NonFinite, match="step 2: the gradient"):
        next(run.reports())
    assert same(before, run.weights()) and same(moments, run.optimiser.state()) and run.step == 1


def test_fine_tuning_begins_where_the_other_ended_with_a_fresh_optimiser() -> None:
    first = training()
    list(first.reports())
    start = first.weights()
    config = replace(QUICK, steps=2)
    second = Training(config, VOCAB, Rows(noise(), 16, 8), noise()[:65], start)
    assert same(second.weights(), start) and same(second.best, start)
    assert not any(moment.any() for moment in second.optimiser.state().values())
    loss = next(second.reports()).loss
    assert loss != next(training(config).reports()).loss
    for change, says in (
        ({"n_embd": 16}, r"has wte.weight as \(7, 32\) where this run needs \(7, 16\)"),
        ({"n_layer": 3}, "has no h.2"),
        ({"n_layer": 1}, "which this run's model has not"),
        ({"positions": "none"}, "has wpe.weight, which"),
    ):
        with pytest.raises(UserError, match=says):
            Training(replace(config, **change), VOCAB, Rows(noise(), 16, 8), noise()[:65], start)


def test_a_device_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match="no CUDA device here - use the device cpu"):
        training(device="cuda")


def test_the_machine_is_measured() -> None:
    assert 1e8 < peak(torch.float32, CPU) < 1e15
    assert 10 << 20 < resident(CPU) < 1 << 40
    here = Environment.here(QUICK)
    told = records.plain(here)
    assert here.threads == torch.get_num_threads() and here.processor and records.read(Environment, told) == here
    with pytest.raises(UserError, match="products_in is 'float8'"):
        records.read(Environment, told | {"products_in": "float8"})


# compiled


def test_compiled_it_learns_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of torch.compile but the C++ compiler, which takes half a minute."""
    monkeypatch.setattr(Objective, "compile", partialmethod(Objective.compile, backend="aot_eager"))
    runs = [training(dtype="bfloat16", steps=3, accumulate=2, n_layer=1, compile=on) for on in (False, True)]
    plain, compiled = ([report.loss for report in run.reports()] for run in runs)
    assert plain == pytest.approx(compiled, abs=1e-4)


def test_what_cannot_be_compiled_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="GRU .* leave compile out"):
        training(model="gru", compile=True)
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(UserError, match="no no-such-compiler - install one, or leave compile out"):
        training(compile=True)
