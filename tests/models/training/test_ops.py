"""The same transformer on torch, and its gradients."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch

from models import measures
from models.gpt import GPT, GPTConfig, forward
from models.ops import NUMPY, Manner, Ops, idle
from models.parts import Activation, Positions
from models.runs.config import TrainConfig
from models.training.learners import GPTLearner
from models.training.ops import CHUNK, ChunkedAttention, FusedOps, TorchOps
from tests.conftest import random_gpt
from tests.models.on_torch import offered, on_torch

SIZES = GPTConfig(vocab_size=11, block_size=16, n_layer=2, n_head=2, n_embd=8)


VARIANTS = [
    *(replace(SIZES, positions=positions) for positions in get_args(Positions)),
    *(replace(SIZES, activation=activation) for activation in get_args(Activation)),
    replace(SIZES, tied=False, bias=False),
    replace(SIZES, windows=(3, 3)),
    replace(SIZES, linear=True),
]


@pytest.mark.parametrize("config", VARIANTS, ids=lambda c: f"{c.positions}-{c.activation}-{c.bias}-{c.attention}")
def test_both_backends_agree_on_every_value_offered(config: GPTConfig) -> None:
    model, tokens = random_gpt(config), np.random.default_rng(1).integers(0, 11, 16)
    ours = offered(model, tokens)
    theirs = offered(on_torch(model, TorchOps(torch.float64)), torch.from_numpy(tokens))
    assert ours.keys() == theirs.keys() and len(ours) == 5 + 15 * config.n_layer
    for name, value in ours.items():
        np.testing.assert_allclose(theirs[name], value, rtol=0, atol=1e-12, err_msg=str(name))


def test_torch_answers_all_that_is_asked_of_a_backend() -> None:
    asked = {name for name in vars(Ops) if not name.startswith("_")}
    assert asked - vars(TorchOps).keys() == {"attend", "scores", "weights", "kernel"}


def test_a_row_that_sees_nothing_is_zeros_on_torch_as_well() -> None:
    x = torch.tensor([[-math.inf, -math.inf], [1e4, 1e4 - 1]], dtype=torch.float64)
    expected = NUMPY.softmax(x.numpy().copy())
    assert expected[0].tolist() == [0, 0]
    np.testing.assert_allclose(TorchOps(torch.float64).softmax(x), expected, rtol=1e-12)


@pytest.mark.parametrize("config", [SIZES, *VARIANTS[-2:]], ids=lambda c: c.attention)
def test_the_fused_pass_gives_the_same_logits(config: GPTConfig) -> None:
    model, tokens = random_gpt(config), torch.randint(11, (3, 16))
    plain = forward(on_torch(model, TorchOps(torch.float64)), tokens)
    fused = forward(on_torch(model, FusedOps(torch.float64)), tokens)
    assert (plain - fused).abs().max() < 1e-12


CAUSAL = torch.ones(5, 5, dtype=torch.bool).tril()


def heads(n: int, dtype: torch.dtype, T: int = 5, D: int = 4) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(1, n, T, D, dtype=dtype, generator=generator).requires_grad_() for _ in range(3)]


SIGHTS = {"all": None, "causal": CAUSAL, "window": CAUSAL.triu(-2)}


@pytest.mark.parametrize("visible", SIGHTS.values(), ids=SIGHTS)
@pytest.mark.parametrize("n", [1, CHUNK, CHUNK + 1])
def test_attention_in_chunks_is_attention(n: int, visible: torch.Tensor | None) -> None:
    q, k, v = heads(n, torch.float64)
    z = TorchOps(torch.float64).attend(q, k, v, visible, Manner(0.5), idle, 0)
    fast = ChunkedAttention.apply(q, k, v, visible, 0.5)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    assert (z - fast).abs().max() < 1e-12
    onto = torch.randn(z.shape, dtype=z.dtype)
    for a, b in zip(torch.autograd.grad(z, (q, k, v), onto), torch.autograd.grad(fast, (q, k, v), onto), strict=True):
        assert (a - b).abs().max() < 1e-12


@pytest.mark.parametrize("config", [SIZES, *VARIANTS[-2:]], ids=lambda c: c.attention)
def test_the_gradient_is_the_slope_that_numpy_finds(config: GPTConfig) -> None:
    """Along a random direction through all weights, the loss of torch's backward pass and of NumPy's passes."""
    model, rng = random_gpt(config), np.random.default_rng(2)
    tokens, targets = rng.integers(0, 11, 16), rng.integers(0, 11, 16)
    way = {name: rng.normal(size=w.shape) for name, w in model.weights.items()}

    def loss(step: float) -> float:
        moved = replace(model, weights={name: w + step * way[name] for name, w in model.weights.items()})
        return float(-measures.log_softmax(forward(moved, tokens))[np.arange(16), targets].mean())

    there = on_torch(model, FusedOps(torch.float64))
    for weight in there.weights.values():
        weight.requires_grad_()
    logits = forward(there, torch.from_numpy(tokens)[None])[0]
    nats = torch.nn.functional.cross_entropy(logits, torch.from_numpy(targets))
    found = torch.autograd.grad(nats, list(there.weights.values()))
    slope = sum(float((g * torch.from_numpy(way[name])).sum()) for name, g in zip(there.weights, found, strict=True))
    assert slope == pytest.approx((loss(1e-6) - loss(-1e-6)) / 2e-6, rel=1e-6)


@pytest.mark.parametrize("config", [SIZES, *VARIANTS[-2:]], ids=lambda c: c.attention)
def test_products_in_bfloat16_stay_close(config: GPTConfig) -> None:
    model, tokens = random_gpt(config, dtype=np.float32), torch.randint(11, (2, 16))
    exact = forward(on_torch(model, FusedOps(torch.float32), torch.float32), tokens)
    learned = GPTLearner(config, TrainConfig())
    learned.load(model.weights)
    rough = GPT(config, learned.weights(torch.bfloat16), ops=FusedOps(torch.bfloat16))
    error = (forward(rough, tokens).float() - exact).abs().mean() / exact.abs().mean()
    assert 1e-6 < error < 0.05
