"""What one training run is made of, and a few runs known to be good."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from models.errors import UserError
from models.gpt import GPTConfig

Dtype = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Sizes of the model and how it is trained; raises UserError for a value that cannot work.

    The run ends after `steps` optimiser steps or `minutes` of training, whichever comes first; the learning rate rises
    over `warmup` steps and then falls in a straight line to zero at that end. `lr` serves Muon and AdamW alike.
    """

    n_layer: int = 4
    n_head: int = 4
    n_embd: int = 128
    block_size: int = 128  # the context, in tokens
    batch: int = 32  # windows a step
    steps: int | None = 2000
    minutes: float | None = None
    lr: float = 5e-3
    warmup: int = 50
    weight_decay: float = 0.1
    dropout: float = 0.0  # taken to the nearest 1/256
    clip: float = 1.0  # the gradient's greatest norm
    eval_every: int = 100
    seed: int = 0
    threads: int = 0  # 0: as many as torch likes
    dtype: Dtype = "auto"

    def __post_init__(self) -> None:
        """Refuse what cannot work, by name."""
        for name in ("n_layer", "n_head", "n_embd", "block_size", "batch", "eval_every"):
            _within(name, getattr(self, name), 1, 1 << 20)
        for name in ("warmup", "seed", "threads"):
            _within(name, getattr(self, name), 0, 1 << 31)
        _within("dropout", self.dropout, 0, 0.9)
        _within("weight_decay", self.weight_decay, 0, 100)
        _above_zero("lr", self.lr)
        _above_zero("clip", self.clip)
        if self.steps is None and self.minutes is None:
            raise UserError("the run has no end - give a number of steps or of minutes")
        if self.steps is not None:
            _within("steps", self.steps, 1, 1 << 40)
        if self.minutes is not None:
            _above_zero("minutes", self.minutes)
        self.gpt(vocab_size=1)

    def gpt(self, vocab_size: int) -> GPTConfig:
        """The sizes of the model it trains."""
        return GPTConfig(vocab_size, self.block_size, self.n_layer, self.n_head, self.n_embd)

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for training.json."""
        return asdict(self)

    def progress(self, step: int, seconds: float) -> float:
        """How much of the run is over after so many steps and seconds: 0 to 1."""
        by_steps = step / self.steps if self.steps else 0.0
        by_time = seconds / (60 * self.minutes) if self.minutes else 0.0
        return min(max(by_steps, by_time), 1.0)

    def rate(self, step: int, progress: float) -> float:
        """The learning rate of that step: a warm-up, then a straight line to zero."""
        return self.lr * min((step + 1) / max(self.warmup, 1), 1.0) * (1 - progress)


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise UserError(f"{name} must be between {low} and {high}, not {value}")


def _above_zero(name: str, value: float) -> None:
    if not (value > 0 and math.isfinite(value)):
        raise UserError(f"{name} must be above 0, not {value}")


def tiny() -> TrainConfig:
    """Seconds on any machine: to see that everything works."""
    return TrainConfig(n_layer=2, n_head=2, n_embd=64, block_size=64, batch=16, steps=200, eval_every=50)


def small() -> TrainConfig:
    """A few minutes on a laptop: nanoGPT's documented CPU sizes."""
    return TrainConfig(n_layer=4, n_head=4, n_embd=128, block_size=64, batch=24, steps=1000)


def shakespeare() -> TrainConfig:
    """About an hour on two cores with AMX: the sizes of the bundled shakespeare-char."""
    return TrainConfig(
        n_embd=256, block_size=256, steps=None, minutes=60, lr=8e-3, warmup=100, dropout=0.125, eval_every=150
    )


PRESETS: dict[str, Callable[[], TrainConfig]] = {f.__name__: f for f in (tiny, small, shakespeare)}


def preset(name: str) -> TrainConfig:
    """The preset of that name; UserError if there is none."""
    if name not in PRESETS:
        raise UserError(f"there is no preset {name!r} - the presets are {', '.join(PRESETS)}")
    return PRESETS[name]()
