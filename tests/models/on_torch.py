"""A model in torch's arithmetic, and everything that a pass of any model offers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from models.gpt import GPT, forward
from models.ops import Array
from models.training.ops import TorchOps


def on_torch(model: GPT, ops: TorchOps, dtype: torch.dtype = torch.float64) -> GPT:
    weights = {name: torch.tensor(weight, dtype=dtype) for name, weight in model.weights.items()}
    return replace(model, weights=weights, ops=ops)


def offered(model: GPT, tokens: Any) -> dict[tuple[str, int | None], Array]:
    """Every value of a pass by its name and layer."""
    seen: dict[tuple[str, int | None], Array] = {}

    def tap(name: str, value: Array, layer: int | None) -> Array:
        seen[name, layer] = np.asarray(value).copy()
        return value

    with torch.no_grad():
        forward(model, tokens, tap=tap)
    return seen
