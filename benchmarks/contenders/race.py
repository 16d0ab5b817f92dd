"""Whole runs on Tiny Shakespeare: nanoGPT's documented recipe, and our preset of the same sizes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.reference_gpt import Array, Recipe, ReferenceGPT, ReferenceTraining
from models.ops import idle
from models.runs import TrainConfig, preset
from models.tokenizers import Tokenizer
from models.training import Training
from models.training.evaluate import Logits, Slice
from models.training.memory import keep_freed_memory
from models.training.rows import Windows

DIGEST = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
CONTEXT, LAYERS, HEADS, WIDTH = 64, 4, 4, 128
HELD_OUT = 10  # one part in so many, the last
ROWS = 256  # of held-out text at a time

keep_freed_memory()  # as `playground train` has it; the reference gains by it as well


@dataclass
class Stopwatch:
    """Processor and wall seconds of all that is run under it."""

    cpu: float = 0.0
    wall: float = 0.0

    def run(self, step: Callable[[], object]) -> None:
        """Do it, and count it."""
        cpu, wall = time.process_time(), time.perf_counter()
        step()
        self.cpu += time.process_time() - cpu
        self.wall += time.perf_counter() - wall


@dataclass(frozen=True)
class Runner:
    """A run, and how its loss is measured."""

    steps: int
    step: Callable[[], object]
    logits: Logits
    facts: dict[str, Any]


def turn(who: str, **settings: Any) -> dict[str, Any] | None:
    """One part of a whole run: seconds so far, then the loss of all held-out text, not counted; None after the last."""
    return next(_turns(who, **settings), None)


@cache
def _turns(who: str, text: str, share: float, turns: int, seed: int = 0) -> Iterator[dict[str, Any]]:
    train, held_out, vocabulary = _tokens(text)
    begin = {"reference": _reference, "ours": _ours}[who]
    return _looks(begin(train, vocabulary, held_out, seed), held_out, share, turns)


def _looks(runner: Runner, held_out: Array, share: float, turns: int) -> Iterator[dict[str, Any]]:
    watch, steps = Stopwatch(), round(runner.steps * share)
    whole = Slice(held_out, CONTEXT, len(held_out), ROWS)
    marks = {round(steps * look / turns) for look in range(1, turns + 1)}
    for step in range(1, steps + 1):
        watch.run(runner.step)
        if step in marks:
            loss = whole.measure(runner.logits, torch.device("cpu")).mean
            yield runner.facts | {"step": step, "cpu": watch.cpu, "wall": watch.wall, "loss": loss}


def _reference(train: Array, vocabulary: int, held_out: Array, seed: int) -> Runner:
    torch.manual_seed(seed)
    model = ReferenceGPT(vocabulary, CONTEXT, LAYERS, HEADS, WIDTH, bias=False)  # as in nanoGPT's runs
    training = ReferenceTraining(model, train, CONTEXT, Recipe(), seed)
    parameters = sum(weight.numel() for weight in model.parameters())
    return Runner(Recipe.steps, training.step, model, {"parameters": parameters, "batch": Recipe.batch})


def _ours(train: Array, vocabulary: int, held_out: Array, seed: int) -> Runner:
    """The preset as it comes; what it measures itself on the way is counted."""
    config = _small(seed)
    assert config.steps is not None
    training = Training(config, vocabulary, Windows(train, CONTEXT, config.batch, config.seed), held_out)
    reports = training.reports()

    def logits(rows: Tensor) -> Tensor:
        return training.learner.logits(rows, torch.float32, idle)

    facts = {
        "parameters": training.n_parameters,
        "batch": config.batch,
        "products": training.environment.products_in,
    }
    return Runner(config.steps, lambda: next(reports), logits, facts)


def _small(seed: int) -> TrainConfig:
    config = replace(preset("small"), threads=1, seed=seed)
    sizes = (config.block_size, config.n_layer, config.n_head, config.n_embd)
    assert sizes == (CONTEXT, LAYERS, HEADS, WIDTH), sizes
    return config


@cache
def _tokens(path: str) -> tuple[Array, Array, int]:
    """To learn from, held out, and the size of the vocabulary."""
    raw = Path(path).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == DIGEST, f"{path} is not Tiny Shakespeare"
    text = raw.decode()
    tokenizer = Tokenizer.train_char(text)
    tokens = np.array(tokenizer.encode(text), np.uint8)
    cut = len(tokens) - len(tokens) // HELD_OUT
    return tokens[:cut], tokens[cut:], tokenizer.vocab_size


JOBS = {"turn": turn}
