"""A GPT's numbers while it learns, and how they become the weights of a pass."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor
from torch.nn import Parameter

from models.gpt import GPTConfig, weight_shapes
from models.ops import Array
from models.runs.config import PositionStart

WIDENING = ("c_attn.weight", "c_fc.weight")  # held (out, in): q, k and v are then thirds of the rows


class Parameters:
    """A GPT's learned numbers in float32, by GPT-2's names.

    Matrices that widen are held (out, in), the others (in, out) as GPT-2 has them: so `matrices` of the MLP, and those
    of attention, have one shape each, and Muon can take all of a shape in one product.
    """

    def __init__(self, config: GPTConfig, seed: int, positions: PositionStart = "random") -> None:
        """Start as GPT-2 does: normal with 0.02, projections into the stream smaller by sqrt(2 layers)."""
        generator = torch.Generator().manual_seed(seed)
        self.shapes = weight_shapes(config)
        self.leaves: dict[str, Parameter] = {}
        for name, shape in self.shapes.items():
            if name.endswith("bias"):
                value = torch.zeros(shape)
            elif len(shape) == 1:
                value = torch.ones(shape)
            else:
                spread = 0.02 / math.sqrt(2 * config.n_layer) if name.endswith("c_proj.weight") else 0.02
                value = torch.randn(shape, generator=generator) * spread
            self.leaves[name] = Parameter(_held(name, value))
        if positions == "sinusoids" and "wpe.weight" in self.leaves:
            self._start_as_sinusoids(self.leaves["wpe.weight"].data)

    def _start_as_sinusoids(self, wpe: Tensor) -> None:
        """Begin with waves (Vaswani et al. 2017, section 3.5) in the place of noise, for what is copied by its place.

        Waves down to 1,000 instead of 10,000, for contexts of a hundred tokens or so, and two and a half times as large
        as the noise: in the little world, lists asked by example are then learned sooner (of unseen ones, 0.99 right
        after 5,000 steps, where waves of 0.02 down to 10,000 came to 0.74; one run of each).
        """
        half = (wpe.shape[1] + 1) // 2
        speeds = torch.exp(torch.arange(half) * -(math.log(1000) / half))
        angles = torch.arange(wpe.shape[0])[:, None] * speeds  # T C/2
        waves = torch.cat([torch.sin(angles), torch.cos(angles)], 1)[:, : wpe.shape[1]]
        wpe.copy_(waves * (0.05 * math.sqrt(2)))  # a wave's root mean square is 1 / sqrt(2)

    @property
    def matrices(self) -> dict[str, int]:
        """The blocks' matrices and into how many parts of its rows Muon takes each."""
        return {
            name: 3 if name.endswith("c_attn.weight") else 1
            for name, shape in self.shapes.items()
            if name.startswith("h.") and len(shape) == 2
        }

    def weights(self, dtype: torch.dtype) -> dict[str, Tensor]:
        """The weights of a pass: what is multiplied in `dtype`, what is added to the stream or norms it as it is."""
        return {name: self._weight(name, dtype) for name in self.shapes}

    def _weight(self, name: str, dtype: torch.dtype) -> Tensor:
        value: Tensor = self.leaves[name]
        if name != "wpe.weight" and not name.split(".")[-2].startswith("ln_"):
            value = value.to(dtype)
        return value.mT if name.endswith(WIDENING) else value

    def arrays(self) -> dict[str, Array]:
        """A copy of the weights as GPT-2 has them, NumPy float32."""
        return {name: _held(name, leaf.detach()).cpu().numpy().copy() for name, leaf in self.leaves.items()}

    def load(self, weights: Mapping[str, Array]) -> None:
        """Take such weights over; their names and shapes are the model's."""
        for name, leaf in self.leaves.items():
            leaf.data.copy_(_held(name, torch.from_numpy(np.asarray(weights[name], np.float32))))


def _held(name: str, value: Tensor) -> Tensor:
    """From GPT-2's way round to the one it is held in, and back."""
    return value.mT.contiguous() if name.endswith(WIDENING) else value
