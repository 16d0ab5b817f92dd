"""Steps of training: ours, and the reference's; the same data, sizes and batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any

import numpy as np
import torch

from benchmarks.contenders.clock import Clock, Steps
from benchmarks.reference_gpt import Recipe, ReferenceGPT, ReferenceTraining
from models.runs import TrainConfig
from models.training import Training
from models.training.memory import keep_freed_memory
from models.training.rows import Windows

VOCABULARY, LAYERS, HEADS = 65, 4, 4
TOKENS = np.random.default_rng(0).integers(0, VOCABULARY, 1 << 20).astype(np.uint8)
NEVER = 1 << 20  # steps: nobody measures or comes to the end of the run here

keep_freed_memory()  # as `playground train` has it; the reference gains by it as well


def ours(steps: int, **numbers: Any) -> Steps:
    """Whole steps of `Training`, its reports included."""
    reports = _ours(**numbers)
    return _timed(lambda: next(reports), steps)


def reference(steps: int, **numbers: Any) -> Steps:
    """Whole steps of the reference."""
    return _timed(_reference(**numbers), steps)


def products() -> str:
    """The type that ours chooses for matrix products here."""
    return Training(_config(1, 8, 8), VOCABULARY, Windows(TOKENS, 8, 1, 0), TOKENS[:16]).environment.products_in


@cache
def _ours(batch: int, context: int, width: int, **settings: Any) -> Iterator[Any]:
    config = _config(batch, context, width, **settings)
    return Training(config, VOCABULARY, Windows(TOKENS, context, batch, 0), TOKENS[: 4 * context]).reports()


@cache
def _reference(batch: int, context: int, width: int, autocast: bool = False) -> Callable[[], object]:
    model = ReferenceGPT(VOCABULARY, context, LAYERS, HEADS, width, bias=True)
    training = ReferenceTraining(model, TOKENS, context, Recipe(batch=batch, steps=NEVER))

    def step() -> None:
        types: AbstractContextManager[object] = torch.autocast("cpu", torch.bfloat16) if autocast else nullcontext()
        with types:
            training.step()

    return step


def _config(batch: int, context: int, width: int, **settings: Any) -> TrainConfig:
    return TrainConfig(
        n_layer=LAYERS, n_head=HEADS, n_embd=width, block_size=context, batch=batch,
        steps=NEVER, eval_every=NEVER, lr=1e-3, threads=1, **settings,
    )  # fmt: skip


def _timed(step: Callable[[], object], steps: int) -> Steps:
    clock = Clock()
    for _ in range(steps + 1):  # the first one is for the caches that others have filled meanwhile
        clock.mark()
        step()
    clock.mark()
    return clock.steps(skip=1)


JOBS = {"ours": ours, "reference": reference, "products": products}
