"""One training run, as something to iterate over: front ends draw the reports and may leave at any time."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from models.errors import UserError
from models.formats import records
from models.ops import Array, idle
from models.runs import cost
from models.runs.checkpoints import State
from models.runs.config import TrainConfig
from models.runs.events import Measured, Stepped
from models.training.distributed import world
from models.training.dropout import Dropout
from models.training.environment import Environment
from models.training.evaluate import Losses, Slice
from models.training.learners import Sizes, check, learner
from models.training.memory import check_room, enough, resident
from models.training.objective import Objective, compile, compiling
from models.training.optimiser import Optimiser
from models.training.rows import Source, packed


class NonFinite(UserError):
    """The loss or a gradient is no number any more; `step` was not applied."""

    def __init__(self, step: int, what: str, rate: float) -> None:
        """Name the step and what to change."""
        try_ = f"try a learning rate below {rate:.2g}, a longer warm-up, or float32"
        super().__init__(f"stopped at step {step:,}: the {what} is not finite", try_)
        self.step = step


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Where a source of batches stands."""

    drawn: int


@dataclass(frozen=True, slots=True)
class _Rest:
    """What a state's `values` hold."""

    seconds: float
    best_step: int
    best_loss: float | None
    measured_step: int
    since: tuple[float, int]
    source: _Drawn
    environment: Environment

    def __post_init__(self) -> None:
        if not self.seconds >= 0:  # nor is it no number
            raise UserError(f"is {self.seconds}", "it must be 0 or more", setting="seconds")

    @classmethod
    def of(cls, state: State) -> _Rest:
        """Read; UserError for a state that is not whole."""
        try:
            return records.read(cls, state.values)
        except UserError as error:
            what = f"the checkpoint of step {state.step} is not whole ({error.fault})"
            raise UserError(what, "continue from an earlier one") from None


class Training:
    """A run of `config` over a source of batches; iterate `reports()`, leave when you like, then take `best`.

    `best` are the weights (NumPy, float32) with the lowest held-out loss measured so far, `best_step` and `best_loss`
    say of when; before the first measurement they are those the run began with. `measured` is the last measurement.
    """

    def __init__(
        self,
        config: TrainConfig,
        vocab_size: int,
        source: Source,
        held_out: Array,
        start: Mapping[str, Array] | None = None,
        openings: Array | None = None,
    ) -> None:
        """Begin, from weights to go on from if they are given; the optimiser begins anew.

        `held_out` (N,) are tokens, read in windows that begin at `openings` if they are given. Raises UserError
        for too few of them, weights that do not fit, and what this machine has not.
        """
        if config.threads:
            torch.set_num_threads(config.threads)
        if len(held_out) < 2:
            raise UserError(f"{len(held_out)} tokens are held out, too few to measure anything", "give more text")
        self.config, self.source = config, source
        self.world = world(config.device)
        self.environment = Environment.here(config, self.world.size)
        self._check_shares()
        self.device = self.world.device
        if self.device.type == "cpu":
            check_room(cost.n_parameters(config, vocab_size))
        self.operations = cost.operations(config, vocab_size)  # floating-point ones, of a step
        self.learner = learner(config, vocab_size)
        if start is not None:
            check(self.learner.arrays(), start, "the model to go on from")
            self.learner.load(start)
        self.optimiser = Optimiser(self.learner, config, self.device, self.environment.muon)
        self.dropout = Dropout(config.dropout, config.seed, self.world.rank)
        self.objective = Objective(self.learner, self.dropout, self.environment.products)
        if config.compile:
            compile(self.objective, config)
        self._spread: nn.Module = self.world.spread(self.objective)
        between = config.eval_every * config.batch * config.block_size
        rows = config.batch // config.accumulate // self.world.size
        self.held_out = Slice(packed(held_out, vocab_size), config.block_size, between // cost.SHARE, rows, openings)
        self.step, self.seconds, self.progress = 0, 0.0, 0.0
        self.after = 0.0  # seconds, about, that the run takes after its last step
        self.best_step, self.best_loss, self.best = 0, math.inf, self.weights()
        self.measured: Measured | None = None
        self._measured_step = -1  # also of one before the run was left
        self._since = 0.0, 0  # losses since then: their sum, and how many
        self._layers: tuple[int, Sizes, Sizes] = -1, {}, {}  # the step that was watched, and what was seen

    def reserve(self, seconds: float) -> None:
        """Keep so much of its minutes for what comes after the last step."""
        self.after = seconds
        self.progress = self.config.progress(self.step, self.seconds, seconds)

    @property
    def done(self) -> bool:
        """Whether the run is over."""
        return self.progress >= 1

    @property
    def n_parameters(self) -> int:
        """How many numbers are learned."""
        return self.optimiser.numbers.numel()

    def reports(self) -> Generator[Stepped, None, None]:
        """One report a step, until the run is over; where the step was followed by a measurement, see `measured`.

        Raises NonFinite, with the weights as they were before the step, and NoMemory.

        Of several processes all must iterate, and the main one leads: where it leaves, the others' iteration ends.
        """
        config, took = self.config, 0.0
        self._follow()
        while self._goes_on(not self.done):
            begun = time.perf_counter()
            rate = config.rate(self.step, self.progress)
            with enough(f"step {self.step + 1:,}"):
                measures = self._measures(self.step + 1, self.seconds + 2 * took)  # as far as can be told
                loss, norm = self._train(rate, measures)
            self.step += 1
            took = self._spend(begun)
            self.progress = config.progress(self.step, self.seconds, self.after)
            if self._measures(self.step, self.seconds):
                with enough(f"the measurement after step {self.step:,}"):
                    self.measure()
            report = self._told(loss, norm, rate, took)
            try:
                yield report
            except GeneratorExit:
                self._goes_on(False)
                raise

    def _told(self, loss: float, norm: float, rate: float, took: float) -> Stepped:
        """The step just taken."""
        tokens = self.config.batch * self.config.block_size
        return Stepped(
            step=self.step,
            progress=self.progress,
            tokens=self.step * tokens,
            seconds=self.seconds,
            loss=loss,
            rate=rate,
            norm=norm,
            tokens_per_second=tokens / took,
            operations_per_second=self.operations / took,
            memory=resident(self.device),
            seconds_left=self.seconds * (1 - self.progress) / self.progress + self.after,
        )

    def measure(self) -> Measured:
        """Measure on the held-out slice; the weights are kept if they are the best so far."""
        begun = time.perf_counter()
        losses = self.evaluate()
        held_out = losses.mean
        best = math.isfinite(held_out) and held_out < self.best_loss
        if best:
            self.best_loss, self.best_step, self.best = held_out, self.step, self.weights()
        total, count = self._since
        loss = total / count if count else math.nan
        self._since, self._measured_step = (0.0, 0), self.step
        rounded = tuple(round(nats, 5) for nats in losses.by_position)  # a long context's would make the log large
        seen, gradients, updates = self._layers
        layers = (gradients, updates) if seen == self.step else ({}, {})
        self._spend(begun)
        self.measured = Measured(self.step, self.seconds, loss, held_out, best, rounded, *layers, losses.error)
        return self.measured

    def measure_if_new(self) -> Measured | None:
        """Measure if a step was made since the last measurement."""
        return self.measure() if self._measured_step != self.step else None

    def evaluate(self) -> Losses:
        """The losses on the held-out slice, in the type of the products; changes nothing."""
        products = self.environment.products
        return self.held_out.measure(lambda inputs: self.learner.logits(inputs, products, idle), self.device)

    def weights(self) -> dict[str, Array]:
        """The weights now, by the names in a model's folder: a copy, NumPy float32."""
        return self.learner.arrays()

    def state(self) -> State:
        """All a resume needs but `best`."""
        since, drawn = self._since, _Drawn(self.source.drawn)
        rest = _Rest(self.seconds, self.best_step, self.best_loss, self._measured_step, since, drawn, self.environment)
        return State(self.step, self.weights(), self.optimiser.state(), records.plain(rest))

    def restore(self, state: State, best: Mapping[str, Array] | None = None) -> list[str]:
        """Go on from there; returns, one sentence each, why that will not be bit for bit.

        `best` are the weights of the best step, which State only names. UserError if the state is of another model.
        """
        own = self.weights()
        check(own, state.weights, "the checkpoint")
        check(own, best or own, "the checkpoint's best model")
        rest = _Rest.of(state)
        self.optimiser.restore(state.optimiser, state.step)
        self.learner.load(state.weights)
        self.step, self.seconds, self.source.drawn = state.step, rest.seconds, rest.source.drawn
        self.progress = self.config.progress(self.step, self.seconds, self.after)
        self._since, self._measured_step = rest.since, rest.measured_step
        self.best = dict(best) if best is not None else self.weights()
        self.best_step, self.best_loss = self.step, math.inf
        if best is not None and rest.best_loss is not None:
            self.best_step, self.best_loss = rest.best_step, rest.best_loss
        self.environment = self.environment.resumed(rest.environment, self.config)
        self.objective.dtype = self.environment.products
        if self.optimiser.muon:
            self.optimiser.muon.dtype = self.environment.muon
        return self.environment.differences(rest.environment)

    def _spend(self, begun: float) -> float:
        """Count the seconds since then among those of training, and return them: never 0, so that rates exist."""
        took = max(time.perf_counter() - begun, 1e-9)
        self.seconds += took
        return took

    def _check_shares(self) -> None:
        config, size = self.config, self.world.size
        if config.batch % (size * config.accumulate):
            what = f"a batch of {config.batch} in parts of {config.accumulate} cannot be shared by {size} processes"
            raise UserError(what, "make it a multiple of both together")

    def _follow(self) -> None:
        """Of several processes, all go on from where the main one is."""
        if self.world.size > 1:
            with self.world.together():
                self.step, self.source.drawn = self.world.told((self.step, self.source.drawn))
                self.optimiser.follow(self.world, self.step)

    def _goes_on(self, going: bool) -> bool:
        """Whether there is another step, as the main process says."""
        with self.world.together():
            on, self.seconds, self.progress = self.world.led(going, self.seconds, self.progress)
        return bool(on)

    def _measures(self, step: int, seconds: float) -> bool:
        """Whether to measure after that step, at that time."""
        due = step % self.config.eval_every == 0 or self.config.progress(step, seconds, self.after) >= 1
        return due and self.world.main

    def _train(self, rate: float, watch: bool) -> tuple[float, float]:
        """One step: its loss and the norm of its gradient."""
        with self.world.together():
            mean = self.world.mean(self._backward())
        loss, norm = torch.stack([mean, self.optimiser.norm()]).tolist()
        for what, value in (("loss", loss), ("gradient", norm)):
            if not math.isfinite(value):
                raise NonFinite(self.step + 1, what, rate)
        step = partial(self.optimiser.step, rate, norm)
        if watch:
            self._layers = self.step + 1, *self.learner.watched(step)
        else:
            step()
        total, count = self._since
        self._since = total + loss, count + 1
        return loss, norm

    def _backward(self) -> Tensor:
        """Leave the batch's gradient in the leaves; its loss."""
        self.dropout.begin(self.step)
        self.optimiser.gradients.zero_()
        inputs, targets = (self.world.share(torch.from_numpy(each)).to(self.device) for each in self.source.draw())
        parts = self.config.accumulate
        total = torch.zeros((), device=self.device)
        for at, (x, y) in enumerate(zip(inputs.chunk(parts), targets.chunk(parts), strict=True), 1):
            with compiling(), self.world.alone(self._spread, at == parts):
                loss = self._spread(x, y) / parts
                loss.backward()
            total += loss.detach()
        return total
