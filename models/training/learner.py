"""What the loop can train: anything of this shape."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import Parameter

from models.errors import UserError
from models.ops import Array, Tap
from models.tokenizers import Tokenizer


class Learner(ABC):
    """A model that can be trained.

    `leaves` are its numbers, each once, in float32. `matrices` names those that Muon takes and into how many equal
    parts along the first axis; the rest is AdamW's.
    """

    leaves: dict[str, Parameter]
    matrices: dict[str, int]

    @abstractmethod
    def logits(self, inputs: Tensor, dtype: torch.dtype, tap: Tap) -> Tensor:
        """Scores of what comes next, products taken in `dtype`: (B T) to (B T V), differentiable."""

    @abstractmethod
    def layer(self, leaf: str) -> str:
        """The row of a report by layers that a leaf belongs to: "embed", "0", "1" ..., "ln_f"."""

    @abstractmethod
    def model(self, weights: Mapping[str, Array], tokenizer: Tokenizer | None, name: str, training: Any) -> Any:
        """The model for NumPy with such weights."""

    def arrays(self) -> dict[str, Array]:
        """A copy of the weights as a model's folder has them, NumPy float32."""
        return {name: self.turned(name, leaf.detach()).cpu().numpy().copy() for name, leaf in self.leaves.items()}

    def load(self, weights: Mapping[str, Array]) -> None:
        """Take such weights over, whose names and shapes are its own."""
        for name, leaf in self.leaves.items():
            leaf.data.copy_(self.turned(name, torch.from_numpy(np.asarray(weights[name], np.float32))))

    def turned(self, name: str, value: Tensor) -> Tensor:
        """From a folder's way round to the one it is held in, and back."""
        return value


def check(own: Mapping[str, Array], given: Mapping[str, Array], what: str) -> None:
    """Raise UserError unless the weights given have the names and shapes of the learner's own."""
    for name, array in own.items():
        if name not in given:
            raise UserError(f"{what} has no {name}", "it must be of a model of the same sizes and parts")
        if given[name].shape != array.shape:
            fault = f"{what} has {name} as {tuple(given[name].shape)} where this run needs {array.shape}"
            raise UserError(fault, "it must be of a model of the same sizes and parts")
    for name in given:
        if name not in own:
            fault = f"{what} has {name}, which this run's model has not"
            raise UserError(fault, "give the sizes and parts it was made with")
