"""What the loop trains: a GPT here, a GRU in recurrent.py, by the config."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from models.gpt import GPT, GPTConfig, forward, weight_shapes
from models.ops import Array, Tap
from models.runs.config import TrainConfig
from models.tokenizers import Tokenizer
from models.training.learner import Learner
from models.training.ops import FusedOps
from models.training.recurrent import GRULearner

WIDENING = ("c_attn.weight", "c_fc.weight")  # held (out, in): q, k and v are then thirds of the rows


class GPTLearner(Learner):
    """A GPT that learns, by GPT-2's names; the transformer itself is `models.gpt`'s.

    Matrices that widen are held (out, in), the others (in, out) as GPT-2 has them: so `matrices` of the MLP, and those
    of attention, have one shape each, and Muon can take all of a shape in one product.
    """

    def __init__(self, config: GPTConfig, train: TrainConfig) -> None:
        """Start as GPT-2 does: normal with 0.02, projections into the stream smaller by sqrt(2 layers)."""
        self.config, self.shapes = config, weight_shapes(config)
        generator = torch.Generator().manual_seed(train.seed)
        self.leaves = {}
        for name, shape in self.shapes.items():
            if name.endswith("bias"):
                value = torch.zeros(shape)
            elif len(shape) == 1:
                value = torch.ones(shape)
            else:
                spread = 0.02 / math.sqrt(2 * config.n_layer) if name.endswith("c_proj.weight") else 0.02
                value = torch.randn(shape, generator=generator) * spread
            self.leaves[name] = Parameter(self.turned(name, value))
        if train.positions_start == "sinusoids" and "wpe.weight" in self.leaves:
            _start_as_sinusoids(self.leaves["wpe.weight"].data)
        self.matrices = {
            name: 3 if name.endswith("c_attn.weight") else 1
            for name, shape in self.shapes.items()
            if name.startswith("h.") and len(shape) == 2
        }

    def logits(self, inputs: Tensor, dtype: torch.dtype, tap: Tap) -> Tensor:
        """Scores of what comes next: (B T) to (B T V)."""
        logits: Tensor = forward(GPT(self.config, self.weights(dtype), ops=FusedOps(dtype)), inputs, tap=tap)
        return logits

    def weights(self, dtype: torch.dtype) -> dict[str, Tensor]:
        """The weights of a pass: what is multiplied in `dtype`, what is added to the stream or norms it as it is."""
        return {name: self._weight(name, dtype) for name in self.shapes}

    def _weight(self, name: str, dtype: torch.dtype) -> Tensor:
        value: Tensor = self.leaves[name]
        if name != "wpe.weight" and not name.split(".")[-2].startswith("ln_"):
            value = value.to(dtype)
        return value.mT if name.endswith(WIDENING) else value

    def turned(self, name: str, value: Tensor) -> Tensor:
        """Matrices that widen are turned."""
        return value.mT.contiguous() if name.endswith(WIDENING) else value

    def layer(self, leaf: str) -> str:
        """The number of a block, "ln_f", or "embed"."""
        first, *rest = leaf.split(".")
        if first == "h":
            return rest[0]
        return "ln_f" if first in ("ln_f", "lm_head") else "embed"

    def model(self, weights: Mapping[str, Array], tokenizer: Tokenizer | None, name: str, training: Any) -> GPT:
        """The GPT for NumPy with such weights."""
        return GPT(self.config, weights, tokenizer, name, training)


def _start_as_sinusoids(wpe: Tensor) -> None:
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


def learner(config: TrainConfig, vocab_size: int) -> Learner:
    """What `config` asks for, as it begins."""
    if config.model == "gru":
        return GRULearner(config, vocab_size)
    return GPTLearner(config.gpt(vocab_size), config)
