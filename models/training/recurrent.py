"""The recurrent baseline while it learns: torch's own GRU over whole windows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.nn import functional as F

from models.baselines.gru import GRU, weight_shapes
from models.ops import Array, Tap
from models.runs.config import TrainConfig
from models.runs.cost import gru_of
from models.tokenizers import Tokenizer
from models.training.learner import Learner

GATES = 3  # reset, update, new: the thirds of a matrix's rows, which Muon makes orthogonal one by one


class GRULearner(Learner):
    """A GRU that learns, as wide as it takes to have the parameters of the GPT that `train` describes.

    Every window begins without memory, as it does for a GPT. The recurrence is taken in the numbers' own type,
    whatever the products' is: its state is rounded once a token, and goes through every one of them.
    """

    def __init__(self, train: TrainConfig, vocab_size: int) -> None:
        """Start as nn.GRU does: everything uniform within 1 / sqrt(C), the embedding too."""
        self.config = gru_of(train, vocab_size)
        generator, most = torch.Generator().manual_seed(train.seed), 1 / math.sqrt(self.config.n_embd)
        self.leaves: dict[str, Parameter] = {
            name: Parameter(torch.empty(shape).uniform_(-most, most, generator=generator))
            for name, shape in weight_shapes(self.config).items()
        }
        self.matrices = {name: GATES for name in self.leaves if name.startswith("gru.weight_")}

    def logits(self, inputs: Tensor, dtype: torch.dtype, tap: Tap) -> Tensor:
        """Scores of what comes next: (B T) to (B T V); each layer's input and output are offered to the tap."""
        wte = self.leaves["wte.weight"]
        x = tap("resid_pre", wte[inputs], 0)  # B T C
        for layer in range(self.config.n_layer):
            x = tap("gru_out", self._layer(layer, x), layer)
        return F.linear(x.to(dtype), wte.to(dtype))

    def _layer(self, layer: int, x: Tensor) -> Tensor:
        kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        weights = tuple(self.leaves[f"gru.{kind}_l{layer}"] for kind in kinds)
        nothing = x.new_zeros(1, x.shape[0], x.shape[-1])
        bias, layers, dropout, training, both_ways, batch_first = True, 1, 0.0, True, False, True
        return torch.gru(x, nothing, weights, bias, layers, dropout, training, both_ways, batch_first)[0]

    def layer(self, leaf: str) -> str:
        """The number of a layer, or "embed"."""
        return leaf.rpartition("_l")[2] if leaf.startswith("gru.") else "embed"

    def model(self, weights: Mapping[str, Array], tokenizer: Tokenizer | None, name: str, training: Any) -> GRU:
        """The GRU for NumPy with such weights."""
        return GRU(self.config, weights, tokenizer, name, training)
