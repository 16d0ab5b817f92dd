"""How much each layer is asked to change, and how much it does."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from models.training.learner import Learner

Sizes = dict[str, float]  # by layer: "embed", "0", "1" ..., "ln_f"


class Layers:
    """Gradient norms and update-to-weight ratios of the one step that is watched.

    The ratio is the norm of the step's change over that of the weights before it (Stanford's CS231n, "Learning":
    near 1e-3 where training goes well).
    """

    def __init__(self, learner: Learner) -> None:
        """Sort the leaves by layer."""
        self.leaves: dict[str, list[Tensor]] = {}
        for name, leaf in learner.leaves.items():
            self.leaves.setdefault(learner.layer(name), []).append(leaf)
        self.step, self.gradients, self.updates = -1, Sizes(), Sizes()

    @torch.no_grad()
    def before(self) -> dict[str, list[Tensor]]:
        """Note the gradients, which are not clipped yet, and return the weights that `after` needs."""
        self.gradients = {layer: _norm(each.grad for each in leaves) for layer, leaves in self.leaves.items()}
        return {layer: [each.detach().clone() for each in leaves] for layer, leaves in self.leaves.items()}

    @torch.no_grad()
    def after(self, weights: dict[str, list[Tensor]], step: int) -> None:
        """Note what step number `step` changed."""
        self.step = step
        self.updates = {
            layer: _norm(now - was for now, was in zip(leaves, weights[layer], strict=True))
            / max(_norm(weights[layer]), 1e-30)
            for layer, leaves in self.leaves.items()
        }

    def seen(self, step: int) -> tuple[Sizes, Sizes]:
        """The gradients' norms and the updates' ratios of that step; nothing if it was not watched."""
        return (self.gradients, self.updates) if step == self.step else ({}, {})


def _norm(parts: Iterable[Tensor | None]) -> float:
    return math.sqrt(sum(float(part.square().sum()) for part in parts if part is not None))
