"""The numbers being learned, and how they become the weights of a pass."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from models.gpt import GPTConfig, weight_shapes
from models.ops import Array

PARTS = ("q", "k", "v")  # of c_attn's matrix, held apart: Muon makes each orthogonal by itself


class Parameters:
    """A GPT's learned numbers in float32, by GPT-2's names; each `c_attn.weight` in three parts."""

    def __init__(self, config: GPTConfig, seed: int) -> None:
        """Start as GPT-2 does: normal with 0.02, projections into the stream smaller by sqrt(2 layers)."""
        generator = torch.Generator().manual_seed(seed)
        self.names = tuple(weight_shapes(config))
        self.leaves: dict[str, Tensor] = {}
        for name, shape in weight_shapes(config).items():
            if name.endswith("bias"):
                self._add(name, torch.zeros(shape))
            elif len(shape) == 1:
                self._add(name, torch.ones(shape))
            else:
                spread = 0.02 / math.sqrt(2 * config.n_layer) if name.endswith("c_proj.weight") else 0.02
                self._add(name, torch.randn(shape, generator=generator) * spread)

    def _add(self, name: str, value: Tensor) -> None:
        parts = zip(PARTS, value.chunk(3, -1), strict=True) if name.endswith("c_attn.weight") else [("", value)]
        for part, each in parts:
            self.leaves[name + part] = each.contiguous().requires_grad_()

    @property
    def matrices(self) -> list[Tensor]:
        """The blocks' matrices, for Muon."""
        return [p for name, p in self.leaves.items() if self._is_matrix(name)]

    @property
    def others(self) -> list[Tensor]:
        """Embeddings, norms and biases, for AdamW."""
        return [p for name, p in self.leaves.items() if not self._is_matrix(name)]

    def _is_matrix(self, name: str) -> bool:
        return name.startswith("h.") and self.leaves[name].ndim == 2

    def weights(self, dtype: torch.dtype) -> dict[str, Tensor]:
        """The weights of a pass: what is multiplied in `dtype`, what is added to the stream or norms it as it is."""
        return {name: self._weight(name, dtype) for name in self.names}

    def _weight(self, name: str, dtype: torch.dtype) -> Tensor:
        if name in self.leaves:
            value = self.leaves[name]
            added = name == "wpe.weight" or name.split(".")[-2].startswith("ln_")
            return value if added else value.to(dtype)
        return torch.cat([self.leaves[name + part] for part in PARTS], -1).to(dtype)

    def arrays(self) -> dict[str, Array]:
        """A copy of the weights as NumPy float32."""
        with torch.no_grad():
            return {name: self._weight(name, torch.float32).numpy().copy() for name in self.names}
