"""One training run, as something to iterate over: front ends draw the reports and may leave at any time."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from models.errors import UserError
from models.gpt import GPT, forward
from models.ops import Array
from models.training.config import TrainConfig
from models.training.data import Windows, packed
from models.training.dropout import Dropout
from models.training.evaluate import loss
from models.training.ops import FusedOps
from models.training.optimiser import Optimiser
from models.training.parameters import Parameters
from models.training.precision import compute_dtype

SAMPLED = 1 << 18  # held-out tokens measured on the way; the end measures all


class NonFinite(ArithmeticError):
    """The loss or a gradient is no number any more; `step` was not applied."""

    def __init__(self, step: int, what: str) -> None:
        """Name the step."""
        super().__init__(f"stopped at step {step:,}: the {what} is not finite - try a lower learning rate")
        self.step = step


@dataclass(frozen=True, slots=True)
class Report:
    """Where a run stands after a step."""

    step: int
    progress: float  # 0 to 1
    tokens: int  # trained on so far
    seconds: float  # since the run began
    loss: float  # nats a token, of this step's batch
    rate: float
    held_out: float | None = None  # nats a token over the held-out text, where this step measured it
    best: bool = False  # the lowest so far


class Training:
    """A run of `config` over `tokens`; iterate `reports()`, leave when you like, then take `best`.

    `best` are the weights (NumPy, float32) with the lowest held-out loss measured so far, `best_step` and `best_loss`
    say of when; before the first measurement they are those the run began with.
    """

    def __init__(self, config: TrainConfig, vocab_size: int, tokens: Array, held_out: Array) -> None:
        """Raises UserError if the text is too short for the context."""
        if config.threads:
            torch.set_num_threads(config.threads)
        self.config, self.sizes = config, config.gpt(vocab_size)
        self.windows = Windows(packed(tokens, vocab_size), config.block_size, config.batch, config.seed)
        if len(held_out) < 2:
            raise UserError(f"{len(held_out)} tokens are held out, too few to measure anything - give more text")
        self.held_out = packed(held_out, vocab_size)
        self.dtype = compute_dtype(config.dtype)
        self.parameters = Parameters(self.sizes, config.seed)
        self.optimiser = Optimiser(self.parameters, config)
        self.dropout = Dropout(config.dropout, config.seed)
        self.ops = FusedOps(self.dtype)
        self.step, self.best_step, self.best_loss = 0, 0, math.inf
        self.best = self.parameters.arrays()
        self._measured_step = -1

    def reports(self) -> Iterator[Report]:
        """One report a step, until the run is over; raises NonFinite, with the last good weights kept."""
        start, seconds, progress = time.perf_counter(), 0.0, 0.0
        while progress < 1:
            rate = self.config.rate(self.step, progress)
            nats = self._train(rate)
            self.step += 1
            seconds = time.perf_counter() - start
            progress = self.config.progress(self.step, seconds)
            held_out, best = None, False
            if progress >= 1 or self.step % self.config.eval_every == 0:
                held_out, best = self.measure()
            tokens = self.step * self.config.batch * self.config.block_size
            yield Report(self.step, progress, tokens, seconds, nats, rate, held_out, best)

    def measure(self) -> tuple[float, bool]:
        """The held-out loss now, and whether it is the lowest so far; the weights are kept if it is."""
        self._measured_step = self.step
        now = loss(self.model(), self.held_out[:SAMPLED], self.config.batch)
        if math.isfinite(now) and now < self.best_loss:
            self.best_loss, self.best_step, self.best = now, self.step, self.parameters.arrays()
        return now, self.best_step == self.step

    def measure_if_new(self) -> None:
        """Measure the present weights if a step was made since the last measurement."""
        if self._measured_step != self.step:
            self.measure()

    def model(self) -> GPT:
        """The model as it is now, on torch; differentiable."""
        return GPT(self.sizes, self.parameters.weights(self.dtype), ops=self.ops)

    def _train(self, rate: float) -> float:
        inputs, targets = self.windows.draw()
        logits = forward(self.model(), inputs, tap=self.dropout).float()  # B T V
        nats = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        value = nats.item()
        if not math.isfinite(value):
            raise NonFinite(self.step + 1, "loss")
        # torch leaves backward untyped
        nats.backward()  # type: ignore[no-untyped-call]
        if not self.optimiser.step(rate):
            raise NonFinite(self.step + 1, "gradient")
        return value
