"""What applies the gradients: all numbers and all gradients as two stretches of memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import Parameter

from models.errors import UserError
from models.ops import Array
from models.runs.config import TrainConfig
from models.training.distributed import World
from models.training.learners import Learner
from models.training.muon import Muon


class Optimiser:
    """Clips and applies the gradients of a learner's leaves: Muon for its matrices and AdamW for the rest, or AdamW.

    All leaves are moved into one flat tensor and their gradients into another, matrices of a shape side by side: so a
    step is some dozen calls for the whole model and not some dozen for each of its fifty leaves.
    """

    def __init__(self, learner: Learner, config: TrainConfig, device: torch.device, muon_in: torch.dtype) -> None:
        """Take the leaves over, to the device; Muon takes its products in that type."""
        self.clip, self.steps = config.clip, 0
        self.leaves = _matrices_first(learner)
        self.numbers, self.gradients = _flatten(list(self.leaves.values()), device)
        sizes = [_size(leaf, learner.matrices[name]) for name, leaf in self.leaves.items() if name in learner.matrices]
        cut = sum(n * rows * columns for n, rows, columns in sizes)
        matrices, decay = (self.numbers[:cut], self.gradients[:cut]), config.weight_decay
        rest = AdamW(self.numbers[cut:], self.gradients[cut:], 0.0)
        self.muon = Muon(*matrices, sizes, decay, muon_in) if config.method == "muon" else None
        first: Muon | AdamW = self.muon or AdamW(*matrices, decay)
        self.parts = (first, 1.0), (rest, config.lr_rest if self.muon else 1.0)  # each with the factor of its rate

    def norm(self) -> Tensor:
        """Of the whole gradient."""
        norm: Tensor = torch.linalg.vector_norm(self.gradients)
        return norm

    def step(self, rate: float, norm: float) -> None:
        """Clip the gradients, whose norm that is, and apply them."""
        if norm > self.clip:
            self.gradients.mul_(self.clip / norm)
        for part, factor in self.parts:
            part.step(rate * factor, self.steps)
        self.steps += 1

    def state(self) -> dict[str, Array]:
        """A copy of the moments of each leaf, in the shape it is held in."""
        return {name: each.cpu().numpy().copy() for name, each in self._moments()}

    def restore(self, state: Mapping[str, Array], steps: int) -> None:
        """Go on as after so many steps; UserError for the moments of another model or method."""
        own = dict(self._moments())
        shapes = {name: tuple(each.shape) for name, each in own.items()}
        if shapes != {name: each.shape for name, each in state.items()}:
            what = "the checkpoint is of another model or optimiser"
            raise UserError(what, "continue it with the settings it was begun with")
        for name, each in own.items():
            each.copy_(torch.from_numpy(state[name]))
        self.steps = steps

    def follow(self, world: World, steps: int) -> None:
        """Go on from where the main process is."""
        world.copy([self.numbers, *(each for part, _ in self.parts for each in part.moments.values())])
        self.steps = steps

    def _moments(self) -> Iterator[tuple[str, Tensor]]:
        leaves = iter(self.leaves.items())
        for part, _ in self.parts:
            at, length = 0, next(iter(part.moments.values())).numel()
            while at < length:
                name, leaf = next(leaves)
                for kind, moment in part.moments.items():
                    yield f"{kind}.{name}", moment[at : at + leaf.numel()].view(leaf.shape)
                at += leaf.numel()


class AdamW:
    """Loshchilov & Hutter 2019, torch's, over a stretch as if it were one weight: it treats each number by itself.

    It calls what torch.optim.AdamW comes to: that class loads a compiler, as long as the rest of torch takes.
    """

    def __init__(self, numbers: Tensor, gradients: Tensor, decay: float) -> None:
        """Begin with moments of 0."""
        self.numbers, self.gradients, self.decay = numbers, gradients, decay
        self.moments = {"exp_avg": torch.zeros_like(numbers), "exp_avg_sq": torch.zeros_like(numbers)}
        self.count = torch.zeros((), device=numbers.device)

    def step(self, rate: float, before: int) -> None:
        """Apply the gradients, after so many steps."""
        self.count.fill_(before + 1)
        first, second = self.moments.values()
        torch._fused_adamw_(
            [self.numbers], [self.gradients], [first], [second], [], [self.count],
            lr=rate, beta1=0.9, beta2=0.99, eps=1e-8, weight_decay=self.decay, amsgrad=False, maximize=False,
        )  # fmt: skip


def _matrices_first(learner: Learner) -> dict[str, Parameter]:
    """The leaves, those of Muon first and of one shape together."""
    parts = learner.matrices
    first = sorted(parts, key=lambda name: _size(learner.leaves[name], parts[name])[1:])
    return {name: learner.leaves[name] for name in (*first, *(name for name in learner.leaves if name not in parts))}


def _size(leaf: Tensor, parts: int) -> tuple[int, int, int]:
    """How many matrices a leaf is, and their rows and columns."""
    return parts, leaf.shape[0] // parts, leaf.shape[1]


def _flatten(leaves: Sequence[Parameter], device: torch.device) -> tuple[Tensor, Tensor]:
    """Move leaves and their gradients into two flat tensors, of which they become views."""
    numbers = torch.cat([leaf.detach().flatten() for leaf in leaves]).to(device)
    gradients = torch.zeros_like(numbers)
    at = 0
    for leaf in leaves:
        place = slice(at, at + leaf.numel())
        leaf.data, leaf.grad = numbers[place].view(leaf.shape), gradients[place].view(leaf.shape)
        at += leaf.numel()
    return numbers, gradients
