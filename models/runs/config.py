"""What one training run is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args, get_type_hints

from models.errors import UserError
from models.gpt import GPTConfig
from models.parts import Activation, Part, Positions

Model = Literal["gpt", "gru"]
Dtype = Literal["auto", "float32", "bfloat16"]
Method = Literal["muon", "adamw"]
Schedule = Literal["linear", "cosine", "flat"]
Device = Literal["cpu", "cuda"]
PositionStart = Literal["random", "sinusoids"]

MOST_LAYERS = MOST_THREADS = 1024
MOST_RATE = 1e30  # times anything a step multiplies it with, still a number in float32


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """The model's sizes and parts, and how it is trained; raises UserError for a value that cannot work.

    The run ends after `steps` optimiser steps or `minutes` of training, whichever comes first; the learning rate rises
    over `warmup` steps and then falls to `lr * lr_end` at that end.
    """

    model: Model = "gpt"
    n_layer: int = 4
    n_head: int = 4
    n_embd: int = 128  # of a GRU, which gets as many parameters as the GPT of these sizes
    block_size: int = 128  # the context, in tokens
    positions: Positions = "learned"
    positions_start: PositionStart = "random"  # learned ones begin as noise, or as sinusoids
    activation: Activation = "gelu_new"
    without: tuple[Part, ...] = ()
    dropout: float = 0.0  # taken to the nearest 1/256

    batch: int = 32  # windows a step, over all processes
    accumulate: int = 1  # parts a step's windows are taken in, one after the other
    steps: int | None = 2000
    minutes: float | None = None
    method: Method = "muon"  # for the blocks' matrices; the rest always learns by AdamW
    lr: float = 5e-3
    lr_rest: float = 1.0  # AdamW's rate beside Muon, as a factor
    schedule: Schedule = "linear"  # flat: down a straight line over the last half only (Hu et al. 2024, MiniCPM)
    lr_end: float = 0.0  # as a factor
    warmup: int = 50
    weight_decay: float = 0.1
    clip: float = 1.0  # the gradient's greatest norm

    eval_every: int = 100  # steps between measurements of the held-out text
    snapshot_every: int = 0  # steps between weights kept for the timeline; 0: with each measurement
    save_every: int = 0  # steps between checkpoints; 0: with each measurement
    keep: int = 2  # checkpoints kept, beside the best
    seed: int = 0
    threads: int = 0  # 0: as many as torch likes
    dtype: Dtype = "auto"
    device: Device = "cpu"
    compile: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot work, by name."""
        _within("n_layer", self.n_layer, 1, MOST_LAYERS)
        for name in ("n_head", "n_embd", "block_size", "batch", "accumulate", "eval_every", "keep"):
            _within(name, getattr(self, name), 1, 1 << 20)
        _within("threads", self.threads, 0, MOST_THREADS)
        for name in ("warmup", "seed", "snapshot_every", "save_every"):
            _within(name, getattr(self, name), 0, 1 << 31)
        hints = get_type_hints(type(self))
        for name in ("model", "positions", "positions_start", "activation", "method", "schedule", "dtype", "device"):
            _one_of(name, getattr(self, name), get_args(hints[name]))
        _within("dropout", self.dropout, 0, 0.9)
        _within("weight_decay", self.weight_decay, 0, 100)
        _within("lr_end", self.lr_end, 0, 1)
        for name in ("lr", "lr_rest", "clip"):
            _above_zero(name, getattr(self, name))
            _within(name, getattr(self, name), 0, MOST_RATE)
        if self.batch % self.accumulate:
            raise UserError(f"a batch of {self.batch} cannot be taken in {self.accumulate} equal parts", "change one")
        if self.steps is None and self.minutes is None:
            raise UserError("the run has no end", "give a number of steps or of minutes")
        if self.steps is not None:
            _within("steps", self.steps, 1, 1 << 40)
        if self.minutes is not None:
            _above_zero("minutes", self.minutes)
        self.gpt(vocab_size=1)

    def gpt(self, vocab_size: int) -> GPTConfig:
        """The GPT it trains; for a GRU, the one whose number of parameters it gets."""
        return GPTConfig(
            vocab_size,
            self.block_size,
            self.n_layer,
            self.n_head,
            self.n_embd,
            positions=self.positions,
            activation=self.activation,
            without=self.without,
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return asdict(self) | {"without": list(self.without)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainConfig:
        """The reverse of `as_dict`; UserError for a setting that is not known or of another type."""
        known = get_type_hints(cls)
        for name, value in values.items():
            if name not in known:
                raise UserError(f"there is no setting {name!r}", "it may be of a newer version")
            if not _fits(value, known[name]):
                raise UserError(f"{name} cannot be {value!r}", "check the file")
        given: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in values.items()}
        return cls(**given)

    @property
    def snapshot_interval(self) -> int:
        """Steps between snapshots."""
        return self.snapshot_every or self.eval_every

    @property
    def save_interval(self) -> int:
        """Steps between checkpoints."""
        return self.save_every or self.eval_every

    def progress(self, step: int, seconds: float) -> float:
        """How much of the run is over after so many steps and seconds: 0 to 1."""
        by_steps = step / self.steps if self.steps else 0.0
        by_time = seconds / (60 * self.minutes) if self.minutes else 0.0
        return min(max(by_steps, by_time), 1.0)

    def rate(self, step: int, progress: float) -> float:
        """The learning rate of that step: a warm-up, then down as the schedule says."""
        left = {
            "linear": 1 - progress,
            "cosine": (1 + math.cos(math.pi * progress)) / 2,
            "flat": min(1.0, 2 * (1 - progress)),
        }[self.schedule]
        return self.lr * min((step + 1) / max(self.warmup, 1), 1.0) * (self.lr_end + (1 - self.lr_end) * left)


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise UserError(f"{name} must be between {low} and {high}, not {value}")


def _above_zero(name: str, value: float) -> None:
    if not (value > 0 and math.isfinite(value)):
        raise UserError(f"{name} must be above 0, not {value}")


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UserError(f"{name} must be one of {', '.join(choices)}, not {value!r}")


def _fits(value: Any, kind: Any) -> bool:
    """Whether JSON's value is of the field's type; names of choices are checked when the config is made."""
    if value is None:
        return type(None) in get_args(kind)
    if kind in (bool, int, int | None):
        return type(value) is (bool if kind is bool else int)
    if kind in (float, float | None):
        return type(value) in (int, float)
    if get_args(kind)[-1:] == (...,):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return isinstance(value, str)
