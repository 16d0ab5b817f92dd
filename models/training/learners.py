"""What the loop can train: one protocol for a GPT and for a GRU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import Parameter

from models.errors import UserError
from models.gpt import GPT, GPTConfig, forward
from models.ops import Array, Tap
from models.runs.config import TrainConfig
from models.tokenizers import Tokenizer
from models.training.ops import FusedOps
from models.training.parameters import Parameters


class Learner(Protocol):
    """A model that can be trained.

    `leaves` are its numbers, each once, in float32. `matrices` names those that Muon takes and into how many equal
    parts along the first axis; the rest is AdamW's.
    """

    leaves: dict[str, Parameter]
    matrices: dict[str, int]

    def logits(self, inputs: Tensor, dtype: torch.dtype, tap: Tap) -> Tensor:
        """Scores of what comes next, products taken in `dtype`: (B T) to (B T V), differentiable."""

    def arrays(self) -> dict[str, Array]:
        """A copy of the weights by the names a model's folder has, NumPy float32."""

    def load(self, weights: Mapping[str, Array]) -> None:
        """Take such weights over, whose names and shapes are its own."""

    def layer(self, leaf: str) -> str:
        """The row of a report by layers that a leaf belongs to: "embed", "0", "1" ..., "ln_f"."""

    def model(self, weights: Mapping[str, Array], tokenizer: Tokenizer | None, name: str, training: Any) -> Any:
        """The model for NumPy with such weights."""


class GPTLearner:
    """A GPT that learns; the transformer itself is `models.gpt`'s."""

    def __init__(self, config: GPTConfig, train: TrainConfig) -> None:
        """Start from the seed."""
        self.config = config
        self.parameters = Parameters(config, train.seed, train.positions_start)
        self.leaves, self.matrices = self.parameters.leaves, self.parameters.matrices

    def logits(self, inputs: Tensor, dtype: torch.dtype, tap: Tap) -> Tensor:
        """Scores of what comes next: (B T) to (B T V)."""
        logits: Tensor = forward(GPT(self.config, self.parameters.weights(dtype), ops=FusedOps(dtype)), inputs, tap=tap)
        return logits

    def arrays(self) -> dict[str, Array]:
        """A copy of the weights by GPT-2's names, NumPy float32."""
        return self.parameters.arrays()

    def load(self, weights: Mapping[str, Array]) -> None:
        """Take such weights over."""
        self.parameters.load(weights)

    def layer(self, leaf: str) -> str:
        """The number of a block, "ln_f", or "embed"."""
        first, *rest = leaf.split(".")
        if first == "h":
            return rest[0]
        return "ln_f" if first in ("ln_f", "lm_head") else "embed"

    def model(self, weights: Mapping[str, Array], tokenizer: Tokenizer | None, name: str, training: Any) -> GPT:
        """The GPT for NumPy with such weights."""
        return GPT(self.config, weights, tokenizer, name, training)


def learner(config: TrainConfig, vocab_size: int) -> Learner:
    """What `config` asks for, as it begins."""
    if config.model == "gru":
        from models.training.recurrent import GRULearner  # a GPT needs nothing of it

        return GRULearner(config, vocab_size)
    return GPTLearner(config.gpt(vocab_size), config)


def check(own: Mapping[str, Array], given: Mapping[str, Array], what: str) -> None:
    """Raise UserError unless the weights given have the names and shapes of the learner's own."""
    for name, array in own.items():
        if name not in given:
            raise UserError(f"{what} has no {name}", "it must be of a model of the same sizes and parts")
        if given[name].shape != array.shape:
            raise UserError(
                f"{what} has {name} as {tuple(given[name].shape)} where this run needs {array.shape} "
                "- it must be of a model of the same sizes and parts"
            )
    for name in given:
        if name not in own:
            raise UserError(
                f"{what} has {name}, which this run's model has not - give the sizes and parts it was made with"
            )
