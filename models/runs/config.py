"""What one training run is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from models.errors import UserError
from models.formats import records
from models.parts import FULL, Activation, Part, Positions, attention_of
from models.runs.settings import setting, settings_of

if TYPE_CHECKING:
    from models.gpt import GPTConfig

# groups of settings
MODEL, LEARNING, KEPT = "the model, where it differs from the preset", "how it learns", "what is kept"
MACHINE = "the machine"

MOST_RATE = 1e30  # times anything a step multiplies it with, still a number in float32
MOST, MOST_STEPS = 1 << 20, 1 << 31

MODELS = {"gpt": "a GPT", "gru": "a recurrent network (GRU) of its size"}
DTYPES = {"auto": "what is faster here"}
METHODS = {"muon": "Muon for the blocks' matrices, AdamW for the rest", "adamw": "AdamW"}
SCHEDULES = {
    "linear": "in a straight line",
    "cosine": "along half a cosine",
    "flat": "in a straight line over the last half of the run",  # Hu et al. 2024, MiniCPM
}


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """The model's sizes and parts, and how it is trained; raises UserError for a value that cannot work.

    The run ends after `steps` optimiser steps or `minutes` of training, whichever comes first; the learning rate rises
    over `warmup` steps and then falls to `lr * lr_end` at that end. A GRU gets as many parameters as the GPT of these
    sizes.
    """

    model: Literal["gpt", "gru"] = setting("gpt", "what learns", meanings=MODELS, group=MODEL)
    n_layer: int = setting(4, "blocks, one after the other", least=1, most=1024, option="layers", typed=True)
    n_head: int = setting(4, "attention heads in each", least=1, most=MOST, option="heads", typed=True)
    n_embd: int = setting(
        128, "numbers a token is made of; a multiple of the heads", least=1, most=MOST, option="width", typed=True
    )
    block_size: int = setting(128, "tokens it sees at once", least=1, most=MOST, option="context", typed=True)
    positions: Positions = setting("learned", "how it is told where a token stands")
    activation: Activation = setting("gelu_new", "nonlinearity of the MLPs")
    attention: str = setting(
        FULL,
        "looks back: full, window:N (N places) or linear",
        reads=attention_of,
        typed=True,
    )
    without: tuple[Part, ...] = setting((), "parts to build it without")

    batch: int = setting(
        32, "pieces of text in a step, as long as the context", least=1, most=MOST, typed=True, group=LEARNING
    )
    accumulate: int = setting(1, "parts a step is taken in, to save memory", least=1, most=MOST)
    steps: int | None = setting(
        2000, "end after so many steps", least=1, most=1 << 40, empty="no end by steps", typed=True
    )
    minutes: float | None = setting(
        None, "end after so many minutes", above=0, most=1e9, empty="no end by time", typed=True
    )
    method: Literal["muon", "adamw"] = setting("muon", "what moves the weights", meanings=METHODS)
    lr: float = setting(5e-3, "learning rate: how far a step goes", above=0, most=MOST_RATE, typed=True)
    lr_rest: float = setting(1.0, "AdamW's rate beside Muon, as a factor", above=0, most=MOST_RATE)
    warmup: int = setting(50, "steps until the rate is highest", least=0, most=MOST_STEPS)
    schedule: Literal["linear", "cosine", "flat"] = setting("linear", "how the rate falls", meanings=SCHEDULES)
    lr_end: float = setting(0.0, "where the rate ends, as a factor", least=0, most=1)
    weight_decay: float = setting(0.1, "weight decay of the matrices", least=0, most=100, option="decay")
    clip: float = setting(1.0, "greatest norm of a step's gradient", above=0, most=MOST_RATE)
    # taken to the nearest 1/256
    dropout: float = setting(0.0, "share of the numbers dropped while it learns", least=0, most=0.9, typed=True)
    positions_start: Literal["random", "sinusoids"] = setting("random", "how learned positions begin")
    seed: int = setting(0, "the same seed begins and goes the same way", least=0, most=MOST_STEPS, typed=True)

    eval_every: int = setting(
        100, "steps between measurements and samples", least=1, most=MOST, label="measure", typed=True, group=KEPT
    )
    snapshot_every: int = setting(
        0, "steps between snapshots; 0: with measurements", least=0, most=MOST_STEPS, label="snapshot", typed=True
    )
    save_every: int = setting(0, "steps between checkpoints; 0: with measurements", least=0, most=MOST_STEPS)
    keep: int = setting(2, "checkpoints kept, beside the best", least=1, most=MOST)

    threads: int = setting(0, "threads; 0: as many as torch likes", least=0, most=1024, group=MACHINE)
    dtype: Literal["auto", "float32", "bfloat16"] = setting("auto", "numbers of the matrix products", meanings=DTYPES)
    device: Literal["cpu", "cuda"] = setting("cpu", "where it is trained")
    compile: bool = setting(False, "have torch compile the model first")

    def __post_init__(self) -> None:
        """Refuse what cannot work, by name."""
        for name, each in SETTINGS.items():
            each.check(getattr(self, name))
        if self.batch % self.accumulate:
            fault = f"{self.batch} cannot be taken in {self.accumulate} equal parts"
            raise UserError(fault, "change one of the two", setting="batch")
        if self.steps is None and self.minutes is None:
            fault = "and minutes are both left out: the run has no end"
            raise UserError(fault, "give one of them", setting="steps")
        self._check_attention()
        self.gpt(vocab_size=1)

    def _check_attention(self) -> None:
        """UserError where the attention that is asked for is none, or no other than full."""
        window, _ = attention_of(self.attention)
        if self.attention == FULL:
            return
        for lacking, what in ((self.model == "gru", "a gru"), ("attention" in self.without, "a model without it")):
            if lacking:
                fault = f"is {self.attention}, and {what} has none to choose"
                raise UserError(fault, "leave one of the two out", setting="attention")
        if window >= self.block_size:
            fault = f"has a window of {window}, and the context is {self.block_size}"
            raise UserError(fault, "take a smaller one, or full", setting="attention")

    def gpt(self, vocab_size: int) -> GPTConfig:
        """The GPT it trains; for a GRU, the one whose number of parameters it gets."""
        from models.gpt import GPTConfig  # NumPy comes with it

        window, linear = attention_of(self.attention)
        windows = (window,) * self.n_layer if window else ()
        own = {name: getattr(self, name) for name in OF_GPT if name != "attention"}
        return GPTConfig(vocab_size, **own, windows=windows, linear=linear)

    def of_size(self, model: GPTConfig) -> TrainConfig:
        """The settings with the sizes and parts of a model that is gone on from; UserError if it is no GPT-2."""
        if model.of_kin:
            fault = "what is trained here is a GPT-2, and that model is of another family"
            raise UserError(fault, "begin with a GPT-2, or from nothing")
        return replace(self, model="gpt", **{name: getattr(model, name) for name in OF_GPT})

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        found: dict[str, Any] = records.plain(self)
        return found

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainConfig:
        """The reverse of `as_dict`; UserError for a setting that is not known or of another type."""
        return records.read(cls, values)

    @property
    def snapshot_interval(self) -> int:
        """Steps between snapshots."""
        return self.snapshot_every or self.eval_every

    @property
    def save_interval(self) -> int:
        """Steps between checkpoints."""
        return self.save_every or self.eval_every

    def progress(self, step: int, seconds: float, after: float = 0.0) -> float:
        """How much of the run is over after so many steps and seconds: 0 to 1.

        Of its minutes, `after` seconds are kept for what comes after the last step, up to half of them.
        """
        by_steps = step / self.steps if self.steps else 0.0
        by_time = seconds / max(60 * self.minutes - after, 30 * self.minutes) if self.minutes else 0.0
        return min(max(by_steps, by_time), 1.0)

    def rate(self, step: int, progress: float) -> float:
        """The learning rate of that step: a warm-up, then down as the schedule says."""
        left = {
            "linear": 1 - progress,
            "cosine": (1 + math.cos(math.pi * progress)) / 2,
            "flat": min(1.0, 2 * (1 - progress)),
        }[self.schedule]
        return self.lr * min((step + 1) / max(self.warmup, 1), 1.0) * (self.lr_end + (1 - self.lr_end) * left)


SETTINGS = settings_of(TrainConfig)
OF_MODEL = tuple(name for name, each in SETTINGS.items() if each.group == MODEL)  # what a model to go on from decides
OF_GPT = tuple(name for name in OF_MODEL if name != "model")  # and a GPTConfig has as well
