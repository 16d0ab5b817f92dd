"""How much each layer is asked to change, and how much it does."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from models.training.learners import Learner

Sizes = dict[str, float]  # by layer: "embed", "0", "1" ..., "ln_f"


@torch.no_grad()
def watched(learner: Learner, step: Callable[[], object]) -> tuple[Sizes, Sizes]:
    """Gradient norms, not clipped yet, and update-to-weight ratios of the step that is made here.

    The ratio is the norm of the step's change over that of the weights before it (Stanford's CS231n, "Learning":
    near 1e-3 where training goes well).
    """
    layers: dict[str, list[Tensor]] = {}
    for name, leaf in learner.leaves.items():
        layers.setdefault(learner.layer(name), []).append(leaf)
    gradients = {layer: _norm(each.grad for each in leaves) for layer, leaves in layers.items()}
    before = {layer: [each.detach().clone() for each in leaves] for layer, leaves in layers.items()}
    step()
    updates = {
        layer: _norm(now - was for now, was in zip(leaves, before[layer], strict=True))
        / max(_norm(before[layer]), 1e-30)
        for layer, leaves in layers.items()
    }
    return gradients, updates


def _norm(parts: Iterable[Tensor | None]) -> float:
    return math.sqrt(sum(float(part.square().sum()) for part in parts if part is not None))
