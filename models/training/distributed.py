"""A run in several processes, as torchrun starts them; without torchrun nothing of this happens.

Every process draws the whole batch and takes its share of the rows; gradients are averaged by DistributedDataParallel
(Li et al. 2020, "PyTorch Distributed"). The main process, rank 0, alone measures and saves, and says before every step
whether there is one: it may pause for as long as it likes.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from functools import cache
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from models.errors import UserError

ANSWER, PATIENCE = timedelta(seconds=60), timedelta(days=30)  # within a step, and before the next one


class World:
    """This process among those that train together."""

    def __init__(self, rank: int = 0, size: int = 1, device: torch.device | None = None) -> None:
        """The `rank`-th of `size`, which have met already."""
        self.rank, self.size = rank, size
        self.device = device or torch.device("cpu")
        self._steps = dist.new_group(timeout=ANSWER) if size > 1 else None

    @property
    def main(self) -> bool:
        """Whether this process measures and saves."""
        return self.rank == 0

    def spread(self, module: nn.Module) -> nn.Module:
        """The module whose gradients are averaged over all processes; its numbers become those of the main one."""
        if self.size == 1:
            return module
        return DistributedDataParallel(module, process_group=self._steps)

    def alone(self, module: nn.Module, last: bool) -> AbstractContextManager[None]:
        """Keep the gradients of all but the last part of a batch to oneself."""
        return module.no_sync() if isinstance(module, DistributedDataParallel) and not last else nullcontext()

    def share(self, rows: Tensor) -> Tensor:
        """This process's rows of the whole batch."""
        return rows[self.rank :: self.size]

    def mean(self, value: Tensor) -> Tensor:
        """Over all processes."""
        if self.size > 1:
            dist.all_reduce(value, group=self._steps)
            value /= self.size
        return value

    def told(self, what: Any) -> Any:
        """What the main process says here, which all wait for."""
        if self.size == 1:
            return what
        box = [what]
        dist.broadcast_object_list(box, src=0, device=self.device)
        return box[0]

    def led(self, *numbers: float) -> list[float]:
        """As `told`, for numbers: quicker."""
        if self.size == 1:
            return list(numbers)
        box = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        self.copy([box])
        return [float(each) for each in box.tolist()]

    def copy(self, tensors: Iterable[Tensor]) -> None:
        """Make them what they are in the main process."""
        if self.size > 1:
            for each in tensors:
                dist.broadcast(each, src=0)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Where another process is missed: UserError in one sentence."""
        try:
            yield
        except RuntimeError as error:
            if self.size == 1 or isinstance(error, torch.OutOfMemoryError):
                raise
            raise UserError(
                "another process of this run is gone", "start all of them again, to resume the run"
            ) from error


@cache
def world(device: str) -> World:
    """Meet the others, once, if torchrun (or what sets the same variables) started this process.

    UserError for a device that is not there, if the others do not come, or if the variables make no sense.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise UserError("torch finds no CUDA device here", "use the device cpu")
    size = os.environ.get("WORLD_SIZE", "1")
    if not size.isdigit():
        raise UserError(f"WORLD_SIZE is {size!r} and no number", "start the processes with torchrun")
    if int(size) <= 1:
        return World(device=torch.device(device))
    place = torch.device(device)
    if device == "cuda":
        place = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
        torch.cuda.set_device(place)
    try:
        dist.init_process_group("nccl" if device == "cuda" else "gloo", timeout=PATIENCE)
    except (RuntimeError, ValueError) as error:
        what = f"the processes of this run do not find each other ({type(error).__name__})"
        raise UserError(what, "start it with torchrun") from error
    atexit.register(dist.destroy_process_group)
    return World(dist.get_rank(), dist.get_world_size(), place)
