"""Training: the same transformer on torch, its gradients, the run, and the command."""

from __future__ import annotations

import json
import math
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
import transformers
from hypothesis import given
from hypothesis import strategies as st

import models
from models import baselines
from models.errors import UserError
from models.gpt import GPT, Activation, GPTConfig, Positions, forward, weight_shapes
from models.measures import surprise
from models.ops import NUMPY, Array, idle
from models.ops import attend as explicit
from models.training import PRESETS, NonFinite, TrainConfig, Training, evaluate, preset
from models.training.data import Windows, packed
from models.training.dropout import Dropout
from models.training.ops import CHUNK, CausalAttention, FusedOps, TorchOps
from models.training.parameters import Parameters
from playground.commands.train import OPTIONS
from tests.conftest import random_gpt
from tests.playground.commands import Command, command
from tests.playground.terminal import start

__all__ = ["command"]
SIZES = GPTConfig(vocab_size=11, block_size=16, n_layer=2, n_head=2, n_embd=8)
QUICK = TrainConfig(n_layer=1, n_head=2, n_embd=32, block_size=16, batch=8, steps=6, eval_every=3, warmup=2, threads=1)
TEXT = "to be, or not to be, that is the question:\n" * 30


def on_torch(model: GPT, ops: TorchOps, dtype: torch.dtype = torch.float64) -> GPT:
    return replace(model, weights={name: torch.tensor(w, dtype=dtype) for name, w in model.weights.items()}, ops=ops)


def tapped(model: GPT, tokens: Any) -> dict[tuple[str, int | None], Array]:
    seen: dict[tuple[str, int | None], Array] = {}

    def tap(name: str, value: Array, layer: int | None) -> Array:
        seen[name, layer] = np.asarray(value).copy()
        return value

    with torch.no_grad():
        forward(model, tokens, tap=tap)
    return seen


VARIANTS = [
    *(replace(SIZES, positions=positions) for positions in get_args(Positions)),
    *(replace(SIZES, activation=activation) for activation in get_args(Activation)),
    replace(SIZES, tied=False, bias=False),
]


@pytest.mark.parametrize("config", VARIANTS, ids=lambda c: f"{c.positions}-{c.activation}-{c.bias}")
def test_both_backends_agree_on_every_value_offered(config: GPTConfig) -> None:
    model, tokens = random_gpt(config), np.random.default_rng(1).integers(0, 11, 16)
    ours = tapped(model, tokens)
    theirs = tapped(on_torch(model, TorchOps(torch.float64)), torch.from_numpy(tokens))
    assert ours.keys() == theirs.keys() and len(ours) == 5 + 15 * config.n_layer
    for name, value in ours.items():
        np.testing.assert_allclose(theirs[name], value, rtol=0, atol=1e-12, err_msg=str(name))


def test_a_row_that_sees_nothing_is_zeros_on_torch_as_well() -> None:
    x = torch.tensor([[-math.inf, -math.inf], [1e4, 1e4 - 1]], dtype=torch.float64)
    expected = NUMPY.softmax(x.numpy())
    assert expected[0].tolist() == [0, 0]
    np.testing.assert_allclose(TorchOps(torch.float64).softmax(x), expected, rtol=1e-12)


def test_the_fused_pass_gives_the_same_logits() -> None:
    model, tokens = random_gpt(SIZES), torch.randint(11, (3, 16))
    plain = forward(on_torch(model, TorchOps(torch.float64)), tokens)
    fused = forward(on_torch(model, FusedOps(torch.float64)), tokens)
    assert (plain - fused).abs().max() < 1e-12


def heads(n: int, dtype: torch.dtype, T: int = 5, D: int = 4) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(1, n, T, D, dtype=dtype, generator=generator).requires_grad_() for _ in range(3)]


@pytest.mark.parametrize("n", [1, CHUNK, CHUNK + 1])
def test_causal_attention_is_attention(n: int) -> None:
    q, k, v = heads(n, torch.float64)
    visible = torch.ones(5, 5, dtype=torch.bool).tril()
    z = explicit(TorchOps(torch.float64), q, k, v, visible, idle, 0)
    fast = CausalAttention.apply(q, k, v)  # type: ignore[no-untyped-call]
    assert (z - fast).abs().max() < 1e-12
    onto = torch.randn(z.shape, dtype=z.dtype)
    for a, b in zip(torch.autograd.grad(z, (q, k, v), onto), torch.autograd.grad(fast, (q, k, v), onto), strict=True):
        assert (a - b).abs().max() < 1e-12


def test_the_gradient_is_the_slope_that_numpy_finds() -> None:
    """Along a random direction through all weights, the loss of torch's backward pass and of NumPy's passes."""
    model, rng = random_gpt(SIZES), np.random.default_rng(2)
    tokens, targets = rng.integers(0, 11, 16), rng.integers(0, 11, 16)
    way = {name: rng.normal(size=w.shape) for name, w in model.weights.items()}

    def loss(step: float) -> float:
        moved = replace(model, weights={name: w + step * way[name] for name, w in model.weights.items()})
        return float(-models.measures.log_softmax(forward(moved, tokens))[np.arange(16), targets].mean())

    there = on_torch(model, FusedOps(torch.float64))
    for weight in there.weights.values():
        weight.requires_grad_()
    logits = forward(there, torch.from_numpy(tokens)[None])[0]
    nats = torch.nn.functional.cross_entropy(logits, torch.from_numpy(targets))
    found = torch.autograd.grad(nats, list(there.weights.values()))
    slope = sum(float((g * torch.from_numpy(way[name])).sum()) for name, g in zip(there.weights, found, strict=True))
    assert slope == pytest.approx((loss(1e-6) - loss(-1e-6)) / 2e-6, rel=1e-6)


def test_products_in_bfloat16_stay_close() -> None:
    model, tokens = random_gpt(SIZES, dtype=np.float32), torch.randint(11, (2, 16))
    exact = forward(on_torch(model, FusedOps(torch.float32), torch.float32), tokens)
    parameters = Parameters(SIZES, 0)
    with torch.no_grad():
        for name, leaf in parameters.leaves.items():
            whole = torch.from_numpy(model.weights[name.rstrip("qkv") if "c_attn.weight" in name else name])
            leaf.copy_(whole.chunk(3, -1)["qkv".index(name[-1])] if "c_attn.weight" in name else whole)
    rough = GPT(SIZES, parameters.weights(torch.bfloat16), ops=FusedOps(torch.bfloat16))
    error = (forward(rough, tokens).float() - exact).abs().mean() / exact.abs().mean()
    assert 1e-6 < error < 0.05


def test_parameters_join_to_gpt2s_weights_and_every_number_is_trained_once() -> None:
    parameters = Parameters(SIZES, 3)
    arrays = parameters.arrays()
    assert {name: array.shape for name, array in arrays.items()} == weight_shapes(SIZES)
    np.testing.assert_array_equal(
        arrays["h.1.attn.c_attn.weight"][:, 8:16], parameters.leaves["h.1.attn.c_attn.weightk"].detach()
    )
    matrices, others = parameters.matrices, parameters.others
    assert sum(p.numel() for p in (*matrices, *others)) == GPT(SIZES, arrays).n_parameters
    assert len(matrices) == 6 * SIZES.n_layer and all(p.ndim == 2 for p in matrices)
    assert {id(p) for p in (*matrices, *others)} == {id(p) for p in parameters.leaves.values()}
    again, other = Parameters(SIZES, 3).arrays(), Parameters(SIZES, 4).arrays()
    assert all(np.array_equal(again[name], array) for name, array in arrays.items())
    assert not np.array_equal(other["wte.weight"], arrays["wte.weight"])


def test_dropout_acts_on_the_stream_only_and_keeps_its_mean() -> None:
    dropout, x = Dropout(0.25, seed=0), torch.ones(100, 101)
    for name, layer in (("resid_pre", 1), ("resid_mid", 0), ("q", 0), ("logits", None), ("mlp_act", 1)):
        assert dropout(name, x, layer) is x
    for name, layer in (("resid_pre", 0), ("attn_out", 1), ("mlp_out", 0)):
        y = dropout(name, x, layer)
        assert sorted(set(y.flatten().tolist())) == pytest.approx([0, 4 / 3])
        assert float((y == 0).float().mean()) == pytest.approx(0.25, abs=0.02)
    assert Dropout(0.0, seed=0)("attn_out", x, 0) is x
    assert torch.equal(Dropout(0.5, 7)("attn_out", x, 0), Dropout(0.5, 7)("attn_out", x, 0))


def test_the_rate_rises_then_falls_in_a_straight_line_to_zero() -> None:
    config = TrainConfig(steps=100, lr=0.01, warmup=10)
    rates = [config.rate(step, config.progress(step, 0)) for step in range(101)]
    assert rates[0] == pytest.approx(0.001) and rates[9] == pytest.approx(0.0091) and rates[100] == 0
    assert np.diff(rates[9:]) == pytest.approx(-0.0001)


def test_a_run_ends_by_steps_or_by_the_clock_whichever_is_first() -> None:
    by_time = TrainConfig(steps=None, minutes=2)
    assert by_time.progress(10**9, 30) == 0.25 and by_time.progress(0, 1000) == 1
    both = TrainConfig(steps=100, minutes=2)
    assert both.progress(50, 30) == 0.5 and both.progress(10, 60) == 0.5


@pytest.mark.parametrize("wrong", [
    {"steps": None}, {"steps": 0}, {"minutes": 0.0}, {"minutes": math.nan}, {"lr": 0.0}, {"lr": math.inf},
    {"n_head": 3}, {"n_layer": 0}, {"batch": -1}, {"dropout": 1.0}, {"dropout": math.nan}, {"block_size": 0},
    {"clip": 0.0}, {"eval_every": 0}, {"seed": -1}, {"weight_decay": -0.1},
])  # fmt: skip
def test_a_setting_that_cannot_work_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(UserError) as caught:
        TrainConfig(**wrong)
    name = next(iter(wrong))
    assert (name in str(caught.value)) and "\n" not in str(caught.value)


def test_windows_are_the_text_shifted_by_one_and_reach_both_ends() -> None:
    tokens = packed(np.arange(20), 20)
    windows = Windows(tokens, context=4, batch=64, seed=0)
    seen = set()
    for x, y in (windows.draw() for _ in range(20)):
        assert x.shape == y.shape == (64, 4) and torch.equal(x + 1, y)
        assert torch.equal(x[:, 1:], x[:, :-1] + 1)
        seen |= set(x[:, 0].tolist())
    assert seen == set(range(16))
    one, two = Windows(tokens, 4, 8, seed=5), Windows(tokens, 4, 8, seed=5)
    assert torch.equal(one.draw()[0], two.draw()[0])
    assert Windows(tokens[:5], 4, 1, 0).draw()[1].tolist() == [[1, 2, 3, 4]]
    with pytest.raises(UserError, match="at least 5"):
        Windows(tokens[:4], 4, 1, 0)


def test_tokens_are_packed_without_loss() -> None:
    assert packed(np.array([0, 65535]), 1 << 16).dtype == np.uint16
    assert packed(np.array([0, 65536]), (1 << 16) + 1).tolist() == [0, 65536]


@given(n=st.integers(1, 60), context=st.integers(1, 16), part=st.integers(1, 16), batch=st.integers(1, 4))
def test_windows_score_every_token_once(n: int, context: int, part: int, batch: int) -> None:
    stride = min(part, context)
    scored: list[int] = []
    for starts, length, fresh in evaluate._windows(n, context, stride, batch):
        assert 0 < fresh <= length <= context and len(starts) <= max(batch, 1)
        for at in starts:
            scored += range(at + length - fresh, at + length)
    assert scored == list(range(n))


@pytest.mark.parametrize(("n", "stride"), [(2, None), (17, None), (100, None), (100, 8), (101, 5)])
def test_the_held_out_loss_is_what_numpy_computes(n: int, stride: int | None) -> None:
    model, tokens = random_gpt(SIZES, dtype=np.float32), np.random.default_rng(3).integers(0, 11, n)
    bits: list[float] = []
    while len(bits) < n - 1:  # as the docstring says it, one window after the other
        start = 0 if not bits else len(bits) - (16 - (stride or 16))
        row = tokens[start : start + 17].tolist()
        logits = np.append(model.logits(row[:-1]), np.zeros((1, 11)), 0)
        bits += surprise(logits, row)[1:][len(bits) - start :].tolist()
    found = evaluate.loss(evaluate.on_torch(model), tokens, batch=2, stride=stride)
    assert found == pytest.approx(sum(bits) * math.log(2) / (n - 1), rel=1e-5)


def trained(config: TrainConfig = QUICK, seed: int = 0) -> Training:
    tokens = np.random.default_rng(seed).integers(0, 7, 200)
    return Training(config, 7, tokens, tokens[:50])


def test_it_learns_one_batch_by_heart() -> None:
    config = replace(QUICK, block_size=32, batch=4, steps=150, eval_every=50, n_layer=2, warmup=10)
    tokens = np.random.default_rng(0).integers(0, 7, 33)  # one window, and noise: only memory helps
    run = Training(config, 7, tokens, tokens)
    last = list(run.reports())[-1]
    assert last.loss < 0.02 and last.held_out is not None and last.held_out < 0.02 and last.best


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_seed_decides_everything(dtype: Any) -> None:
    runs = [trained(replace(QUICK, dtype=dtype, dropout=0.2, seed=seed)) for seed in (1, 1, 2)]
    losses = [[(report.loss, report.held_out) for report in run.reports()] for run in runs]
    assert losses[0] == losses[1] != losses[2]
    assert all(np.array_equal(runs[0].best[name], runs[1].best[name]) for name in runs[0].best)


def test_reports_count_and_the_best_is_kept() -> None:
    run = trained(replace(QUICK, steps=7))
    reports = list(run.reports())
    assert [report.step for report in reports] == [1, 2, 3, 4, 5, 6, 7]
    assert [report.step for report in reports if report.held_out is not None] == [3, 6, 7]
    assert reports[-1].tokens == 7 * 8 * 16 and reports[-1].progress == 1
    lowest = min((report.held_out, report.step) for report in reports if report.held_out is not None)
    assert (run.best_loss, run.best_step) == lowest
    kept = evaluate.on_torch(GPT(run.sizes, run.best))
    assert evaluate.loss(kept, run.held_out, 8) == pytest.approx(run.best_loss, abs=0.02)  # measured in bfloat16


def test_worse_weights_do_not_replace_better_ones() -> None:
    run = trained()
    list(islice(run.reports(), 3))
    before = run.best
    with torch.no_grad():
        run.parameters.leaves["wte.weight"].mul_(50)
    assert run.measure()[0] > run.best_loss and run.best is before


@pytest.mark.parametrize(("name", "what"), [("wte.weight", "loss"), ("h.0.mlp.c_fc.weight", "loss")])
def test_it_stops_at_a_loss_that_is_no_number_and_keeps_the_good_weights(name: str, what: str) -> None:
    run = trained()
    reports = run.reports()
    list(islice(reports, 4))
    before = run.best
    with torch.no_grad():
        run.parameters.leaves[name][0, 0] = math.nan
    with pytest.raises(NonFinite, match=f"step 5: the {what}"):
        next(reports)
    run.measure_if_new()
    assert run.best is before and all(np.isfinite(array).all() for array in run.best.values()) and run.step == 4


def test_a_gradient_that_is_no_number_is_not_applied() -> None:
    run = trained()
    before = run.parameters.arrays()
    for leaf in run.parameters.leaves.values():
        leaf.grad = torch.zeros_like(leaf)
    leaf.grad = torch.full_like(leaf, math.inf)
    assert run.optimiser.step(0.1) is False
    after = run.parameters.arrays()
    assert all(np.array_equal(before[name], after[name]) for name in before) and leaf.grad is None


def test_presets_are_configurations_and_an_unknown_one_is_named() -> None:
    assert {preset(name) for name in PRESETS} == {make() for make in PRESETS.values()}
    with pytest.raises(UserError, match="'huge'.*tiny, small, shakespeare"):
        preset("huge")


def test_the_command_line_knows_every_setting() -> None:
    assert {name for _, name, _, _ in OPTIONS} | {"dtype"} == {*QUICK.as_dict()}


# the command


call = pytest.fixture(command)


@pytest.fixture(scope="module")
def text_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("corpus") / "text.txt"
    file.write_text(TEXT)
    return file


SMALL = [
    "--layers",
    "1",
    "--heads",
    "2",
    "--width",
    "16",
    "--context",
    "16",
    "--batch",
    "4",
    "--eval-every",
    "4",
    "--threads",
    "1",
]


def test_a_run_leaves_a_model_with_its_rivals_and_its_card(call: Command, text_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "tiny"
    answer = call("train", text_file, "--out", out, *SMALL, "--steps", 9, "--json")
    assert answer.code == 0, answer.err
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert [line["step"] for line in lines if "held_out" in line] == [4, 8, 9]

    model = models.load(out)
    facts = model.training
    held_out = model.tokenizer.encode(TEXT)[int(len(TEXT) * 0.9) :] if model.tokenizer else []
    assert facts["corpus"]["tokens_held_out"] == len(held_out)
    assert facts["val_loss"] == pytest.approx(evaluate.loss(evaluate.on_torch(model), np.array(held_out), 4), rel=1e-6)
    assert facts["bits_per_character"] == pytest.approx(facts["val_loss"] / math.log(2))
    assert facts["steps"] == 9 and facts["settings"]["n_embd"] == 16 and facts["stored_as"] == "float16"
    rivals = baselines.load(out, model.tokenizer)
    assert {rival.name: rival.loss(held_out) for rival in rivals.values()} == pytest.approx(facts["rivals"])

    card = (out / "README.md").read_text()
    for fact in (
        f"{facts['val_loss']:.4f}",
        f"{facts['rivals']['bigram']:.4f}",
        facts["command"],
        "text.txt",
        "9 steps",
    ):
        assert fact in card
    sample = facts["sample"]["text"]
    said = call("generate", "--model", out, "--seed", facts["sample"]["seed"], "--tokens", len(sample))
    assert said.out.removeprefix("\n").startswith(sample.rstrip("\n"))

    theirs: Any = transformers.GPT2LMHeadModel.from_pretrained(out, dtype=torch.float32)
    words: Any = transformers.AutoTokenizer.from_pretrained(out)
    tokens = words("not to be")["input_ids"]
    assert model.tokenizer and tokens == model.tokenizer.encode("not to be")
    with torch.no_grad():
        logits = theirs(torch.tensor([tokens])).logits[0]
    np.testing.assert_allclose(logits, model.logits(tokens), rtol=0, atol=1e-5)

    again = call("train", text_file, "--out", out, *SMALL, "--steps", 1)
    assert again.code == 2 and "--force" in again.err and models.load(out).training["steps"] == 9
    assert call("train", text_file, "--out", out, *SMALL, "--steps", 1, "--force").code == 0
    assert models.load(out).training["steps"] == 1


@pytest.mark.parametrize(
    "options", ["--tokenizer word --lowercase --min-count 2", "--tokenizer bpe --vocab 260 --store float32"]
)
def test_words_and_byte_pairs_train_as_well(call: Command, text_file: Path, tmp_path: Path, options: str) -> None:
    answer = call("train", text_file, "--out", tmp_path / "m", *SMALL, "--steps", 2, "--context", 8, *options.split())
    assert answer.code == 0, answer.err
    model = models.load(tmp_path / "m")
    assert model.tokenizer is not None and model.tokenizer.kind == options.split()[1]
    per_token = len(TEXT) / len(model.tokenizer.encode(TEXT))
    expected = model.training["val_loss"] / math.log(2) / per_token
    assert model.training["bits_per_character"] == pytest.approx(expected, rel=0.2)


def test_a_loss_that_is_no_number_ends_with_status_5_and_a_model(
    call: Command, text_file: Path, tmp_path: Path
) -> None:
    answer = call("train", text_file, "--out", tmp_path / "m", *SMALL, "--steps", 50, "--lr", 1e38, "--warmup", 0)
    assert answer.code == 5 and "error: stopped at step 2: the loss is not finite" in answer.err
    assert models.load(tmp_path / "m").training["steps"] == 1


def bad(tmp_path: Path, text_file: Path) -> Iterator[tuple[list[Any], str]]:
    short, folder = tmp_path / "short.txt", tmp_path / "other"
    short.write_text("to be")
    folder.mkdir()
    (folder / "diary.txt").write_text("mine")
    out = ["--out", tmp_path / "out"]
    yield [tmp_path / "none.txt", *out], "none.txt"
    yield [short, *out], "context of 64 needs at least 65"
    yield [text_file, *out, "--preset", "huge"], "no preset 'huge'"
    yield [text_file, *out, "--heads", "3"], "n_embd 128 is not a multiple of n_head 3"
    yield [text_file, *out, "--layers", "0"], "n_layer must be between 1"
    yield [text_file, *out, "--steps", "0"], "steps must be between 1"
    yield [text_file, *out, "--minutes", "nan"], "minutes must be above 0"
    yield [text_file, *out, "--tokenizer", "bpe", "--vocab", "9"], "256"
    yield [text_file, *out, "--tokenizer", "word", "--min-count", "1000"], "1,000 times"
    yield [text_file, "--out", folder], "other exists - choose another --out"
    yield [text_file, "--out", folder, "--force"], "other exists - choose another --out"
    yield [text_file, "--out", short], "short.txt exists"
    yield [text_file, "--out", short / "below"], "cannot be"
    yield [text_file, "--out", "a\0b"], "cannot be used"
    if os.geteuid():
        locked = tmp_path / "locked"
        locked.mkdir(mode=0o500)
        yield [text_file, "--out", locked / "m"], "locked cannot be written to"


def test_bad_input_gets_one_sentence_and_leaves_nothing(call: Command, text_file: Path, tmp_path: Path) -> None:
    for argv, says in bad(tmp_path, text_file):
        answer = call("train", *argv)
        assert answer.code == 2 and says in answer.err, (argv, answer)
        assert answer.err.startswith("error: ") and answer.err.count("\n") == 1
        assert not (tmp_path / "out").exists()
    assert (tmp_path / "other" / "diary.txt").read_text() == "mine"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_before_it_ends_the_run(text_file: Path, tmp_path: Path, number: signal.Signals) -> None:
    options = ("--steps", "1000000", "--eval-every", "1000000", "--json")
    process = start("train", str(text_file), "--out", str(tmp_path / "m"), *SMALL, *options)
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == 128 + number
    model = models.load(tmp_path / "m")
    assert model.training["steps"] >= first["step"] and model.training["best_step"] == model.training["steps"]
    assert "val_loss" in model.training
