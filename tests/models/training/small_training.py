"""What the engine's tests share: a source of batches as small as can be, and runs on it."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from models.ops import Array
from models.training import TrainConfig, Training

QUICK = TrainConfig(n_layer=2, n_head=2, n_embd=32, block_size=16, batch=8, steps=6, eval_every=3, warmup=2, threads=1)
VOCAB = 7


class Rows:
    """Random windows of a row of tokens, which depend on the number of the draw alone."""

    def __init__(self, tokens: Array, context: int, batch: int) -> None:
        self.tokens, self.context, self.batch, self.drawn = tokens, context, batch, 0

    def draw(self) -> tuple[Array, Array]:
        starts = np.random.default_rng(self.drawn).integers(0, len(self.tokens) - self.context, self.batch)
        rows = self.tokens[starts[:, None] + np.arange(self.context + 1)].astype(np.int64)
        self.drawn += 1
        return rows[:, :-1], rows[:, 1:]


def noise(n: int = 200, seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(0, VOCAB, n)


def training(config: TrainConfig = QUICK, tokens: Array | None = None, **changes: Any) -> Training:
    config = replace(config, **changes)
    tokens = noise() if tokens is None else tokens
    return Training(config, VOCAB, Rows(tokens, config.block_size, config.batch), tokens[:65])


def same(a: Mapping[str, Array], b: Mapping[str, Array]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def drained(work: Generator[float, None, Any]) -> Any:
    """What it comes to; what it tells on the way only ever grows, to 1."""
    shares = list[float]()
    while True:
        try:
            shares.append(next(work))
        except StopIteration as done:
            assert shares == sorted(shares) and shares[-1] == 1
            return done.value
