"""Optimisers: torch's own steps, Muon's directions, and leaves that are views of one stretch."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch.nn import Parameter
from torch.nn import functional as F

from models.gpt import GPTConfig
from models.ops import idle
from models.runs.config import TrainConfig
from models.training.learners import GPTLearner
from models.training.muon import orthogonal
from models.training.optimiser import Optimiser
from tests.conftest import ROOT
from tests.models.training.small_training import QUICK

SIZES = GPTConfig(vocab_size=11, block_size=16, n_layer=2, n_head=2, n_embd=8)
CPU = torch.device("cpu")


@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 16, 4), (2, 4, 16)])
def test_orthogonal_matrices_have_singular_values_near_one(shape: tuple[int, ...]) -> None:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    y = orthogonal(x)
    values = torch.linalg.svdvals(y)
    assert y.shape == x.shape and values.min() > 0.6 and values.max() < 1.3
    u, _, v = torch.linalg.svd(x, full_matrices=False)
    assert F.cosine_similarity(y.flatten(1), (u @ v).flatten(1)).min() > 0.97
    assert torch.isfinite(orthogonal(torch.zeros(shape))).all()


def pair(config: TrainConfig, **changes: Any) -> tuple[GPTLearner, Optimiser, list[Parameter]]:
    """A learner with its optimiser, and copies of its leaves."""
    mine = GPTLearner(SIZES, replace(config, **changes))
    optimiser = Optimiser(mine, replace(config, **changes), CPU, torch.bfloat16)
    return mine, optimiser, [Parameter(leaf.detach().clone()) for leaf in mine.leaves.values()]


def gradients_like(leaves: Any, step: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(step)
    return [torch.randn(leaf.shape, generator=generator) for leaf in leaves]


@pytest.mark.parametrize("method", ["muon", "adamw"])
def test_it_steps_as_torchs_own_optimisers_do(method: Any) -> None:
    mine, optimiser, theirs = pair(QUICK, method=method, weight_decay=0.3, clip=2.0, lr_rest=0.25)
    names = list(mine.leaves)
    matrices = [(theirs[at], mine.matrices[name]) for at, name in enumerate(names) if name in mine.matrices]
    others = [leaf for name, leaf in zip(names, theirs, strict=True) if name not in mine.matrices]
    settings: Any = {"betas": (0.9, 0.99), "weight_decay": 0.0}
    parts = [
        Parameter(each.detach()) for leaf, n in matrices for each in leaf.data.chunk(n)
    ]  # views: a third is a matrix
    if method == "muon":
        first: torch.optim.Optimizer = torch.optim.Muon(parts, weight_decay=0.3, adjust_lr_fn="match_rms_adamw")
    else:
        first = torch.optim.AdamW(parts, **settings | {"weight_decay": 0.3})
    second = torch.optim.AdamW(others, **settings)
    for step, rate in enumerate((0.02, 0.01, 0.005)):
        for leaf, twin, gradient in zip(mine.leaves.values(), theirs, gradients_like(theirs, step), strict=True):
            assert leaf.grad is not None
            leaf.grad.copy_(gradient)
            twin.grad = gradient.clone()
        norm = torch.nn.utils.clip_grad_norm_(theirs, 2.0)
        for part, whole in zip(
            parts,
            (each for leaf, n in matrices for each in (leaf.grad.chunk(n) if leaf.grad is not None else ())),
            strict=True,
        ):
            part.grad = whole
        for theirs_, factor in ((first, 1.0), (second, 0.25 if method == "muon" else 1.0)):
            theirs_.param_groups[0]["lr"] = rate * factor
            theirs_.step()
        assert float(optimiser.norm()) == pytest.approx(float(norm), rel=1e-5)
        optimiser.step(rate, float(norm))
    tolerance = 2e-3 if method == "muon" else 1e-6  # Muon's products are in bfloat16, in another order
    for name, leaf, twin in zip(names, mine.leaves.values(), theirs, strict=True):
        assert (leaf - twin).abs().max() < tolerance, name
        assert (leaf - twin).abs().max() < 0.1 * (twin.detach()).abs().max()


def test_the_leaves_are_views_of_one_stretch_and_take_gradients_there() -> None:
    mine, optimiser, _ = pair(QUICK)
    tokens = torch.randint(11, (2, 8))
    optimiser.gradients.zero_()
    torch.autograd.backward(F.cross_entropy(mine.logits(tokens, torch.float32, idle).flatten(0, 1), tokens.flatten()))
    whole = sum(leaf.numel() for leaf in mine.leaves.values())
    assert optimiser.numbers.numel() == optimiser.gradients.numel() == whole
    assert all(leaf.grad is not None and leaf.grad.abs().sum() > 0 for leaf in mine.leaves.values())
    total = sum(float(leaf.grad.square().sum()) for leaf in mine.leaves.values() if leaf.grad is not None)
    assert float(optimiser.norm()) ** 2 == pytest.approx(total, rel=1e-5)
    optimiser.numbers.zero_()
    assert all(not leaf.any() for leaf in mine.leaves.values())


def test_a_step_loads_no_compiler() -> None:
    code = """
import sys, torch
from models.training.optimiser import AdamW
AdamW(torch.ones(2), torch.ones(2), 0.1).step(0.1, 0)
print("torch._dynamo" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
