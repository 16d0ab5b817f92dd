"""What the loop trains: a GPT or a recurrent network, by the config, or anything else of a learner's shape."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import Parameter
from torch.nn import functional as F

from models import gpt
from models.baselines import gru
from models.baselines.gru import GRU, GRUConfig
from models.errors import UserError
from models.gpt import GPT, GPTConfig
from models.ops import Array, Tap
from models.runs.config import TrainConfig
from models.runs.cost import gru_of
from models.tokenizers import Tokenizer
from models.training.ops import FusedOps

WIDENING = ("c_attn.weight", "c_fc.weight")  # held (out, in): q, k and v are then thirds of the rows
Sizes = dict[str, float]  # by layer: "embed", "0", "1" ..., "ln_f"
GATES = 3  # reset, update, new: the thirds of a GRU matrix's rows, which Muon makes orthogonal one by one


class Learner(ABC):
    """A model that can be trained; for NumPy it is of this `kind`, with that `config`.

    `leaves` are its numbers, each once, in float32. `matrices` names those that Muon takes and into how many equal
    parts along the first axis; the rest is AdamW's.
    """

    kind: Callable[..., Any]
    config: GPTConfig | GRUConfig
    leaves: dict[str, Parameter]
    matrices: dict[str, int]

    @abstractmethod
    def logits(self, inputs: Tensor, dtype: torch.dtype, tap: Tap) -> Tensor:
        """Scores of what comes next, products taken in `dtype`: (B T) to (B T V), differentiable."""

    @abstractmethod
    def layer(self, leaf: str) -> str:
        """The row of a report by layers that a leaf belongs to: "embed", "0", "1" ..., "ln_f"."""

    def model(self, weights: Mapping[str, Array], tokenizer: Tokenizer | None, name: str, training: Any) -> Any:
        """The model for NumPy with such weights."""
        return self.kind(self.config, weights, tokenizer, name, training)

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

    @torch.no_grad()
    def watched(self, step: Callable[[], object]) -> tuple[Sizes, Sizes]:
        """Gradient norms, not clipped yet, and update-to-weight ratios of the step that is made here.

        The ratio is the norm of the step's change over that of the weights before it (Stanford's CS231n, "Learning":
        near 1e-3 where training goes well).
        """
        layers: dict[str, list[Tensor]] = {}
        for name, leaf in self.leaves.items():
            layers.setdefault(self.layer(name), []).append(leaf)
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


class GPTLearner(Learner):
    """A GPT that learns, by GPT-2's names; the transformer itself is `models.gpt`'s.

    Matrices that widen are held (out, in), the others (in, out) as GPT-2 has them: so `matrices` of the MLP, and those
    of attention, have one shape each, and Muon can take all of a shape in one product.
    """

    kind = GPT
    config: GPTConfig

    def __init__(self, config: GPTConfig, train: TrainConfig) -> None:
        """Start as GPT-2 does: normal with 0.02, projections into the stream smaller by sqrt(2 layers)."""
        self.config, shapes = config, gpt.weight_shapes(config)
        generator = torch.Generator().manual_seed(train.seed)
        self.leaves = {}
        for name, shape in shapes.items():
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
            for name, shape in shapes.items()
            if name.startswith("h.") and len(shape) == 2
        }

    def logits(self, inputs: Tensor, dtype: torch.dtype, tap: Tap) -> Tensor:
        """Scores of what comes next: (B T) to (B T V)."""
        logits: Tensor = gpt.forward(GPT(self.config, self.weights(dtype), ops=FusedOps(dtype)), inputs, tap=tap)
        return logits

    def weights(self, dtype: torch.dtype) -> dict[str, Tensor]:
        """The weights of a pass: what is multiplied in `dtype`, what is added to the stream or norms it as it is."""
        found = dict[str, Tensor]()
        for name, leaf in self.leaves.items():
            added = name == "wpe.weight" or name.split(".")[-2].startswith("ln_")
            value = leaf if added else leaf.to(dtype)
            found[name] = value.mT if name.endswith(WIDENING) else value
        return found

    def turned(self, name: str, value: Tensor) -> Tensor:
        """Matrices that widen are turned."""
        return value.mT.contiguous() if name.endswith(WIDENING) else value

    def layer(self, leaf: str) -> str:
        """The number of a block, "ln_f", or "embed"."""
        first, *rest = leaf.split(".")
        if first == "h":
            return rest[0]
        return "ln_f" if first in ("ln_f", "lm_head") else "embed"


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


class GRULearner(Learner):
    """A GRU that learns, as wide as it takes to have the parameters of the GPT that `train` describes.

    Every window begins without memory, as it does for a GPT. The recurrence is taken in the numbers' own type,
    whatever the products' is: its state is rounded once a token, and goes through every one of them.
    """

    kind = GRU
    config: GRUConfig

    def __init__(self, train: TrainConfig, vocab_size: int) -> None:
        """Start as nn.GRU does: everything uniform within 1 / sqrt(C), the embedding too."""
        self.config = gru_of(train, vocab_size)
        generator, most = torch.Generator().manual_seed(train.seed), 1 / math.sqrt(self.config.n_embd)
        self.leaves = {
            name: Parameter(torch.empty(shape).uniform_(-most, most, generator=generator))
            for name, shape in gru.weight_shapes(self.config).items()
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


def learner(config: TrainConfig, vocab_size: int) -> Learner:
    """What `config` asks for, as it begins."""
    if config.model == "gru":
        return GRULearner(config, vocab_size)
    return GPTLearner(config.gpt(vocab_size), config)


def check(own: Mapping[str, Array], given: Mapping[str, Array], what: str) -> None:
    """Raise UserError unless the weights given have the names and shapes of the learner's own."""
    same, other = "it must be of a model of the same sizes and parts", "give the sizes and parts it was made with"
    for name, array in own.items():
        if name not in given:
            raise UserError(f"{what} has no {name}", same)
        if given[name].shape != array.shape:
            differ = f"{what} has {name} as {tuple(given[name].shape)} where this run needs {array.shape}"
            raise UserError(differ, same)
    if more := next((name for name in given if name not in own), ""):
        raise UserError(f"{what} has {more}, which this run's model has not", other)
