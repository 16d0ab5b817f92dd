"""One training run, as something to iterate over: front ends draw the reports and may leave at any time."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from models.errors import UserError
from models.ops import Array, idle
from models.runs import cost
from models.runs.config import TrainConfig
from models.runs.state import State
from models.tokenizers import Tokenizer
from models.training.distributed import world
from models.training.dropout import Dropout
from models.training.environment import Environment
from models.training.evaluate import Evaluation, Slice
from models.training.layers import Layers
from models.training.learner import check
from models.training.learners import learner
from models.training.memory import check_room, enough, resident
from models.training.objective import Objective, compile, compiling
from models.training.optimiser import Optimiser
from models.training.rows import packed

if TYPE_CHECKING:
    from models.training.rows import Source

SHARE = 8  # of the tokens learned from between two measurements, one in so many is measured on


class NonFinite(UserError):
    """The loss or a gradient is no number any more; `step` was not applied."""

    def __init__(self, step: int, what: str, rate: float) -> None:
        """Name the step and what to change."""
        try_ = f"try a learning rate below {rate:.2g}, a longer warm-up, or float32"
        super().__init__(f"stopped at step {step:,}: the {what} is not finite", try_)
        self.step = step


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a step that measured found; losses are nats a token."""

    loss: float  # of learning, mean over the steps since the last measurement; NaN if there were none
    held_out: float  # of a slice of the held-out tokens, always the same
    by_position: tuple[float, ...]  # that, at each position of the context
    best: bool  # the lowest so far
    gradients: Mapping[str, float] = field(default_factory=dict)  # by layer; see `layers.py`
    updates: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """Where a run stands after a step."""

    step: int
    progress: float  # 0 to 1
    tokens: int  # learned from so far
    seconds: float  # of training, over all its sittings
    loss: float  # nats a token, of this step's batch
    rate: float
    norm: float  # of the whole gradient, before it was clipped
    tokens_per_second: float  # of this step, as the two below
    operations_per_second: float
    memory: int  # bytes the process holds; on a GPU the most that was allocated there
    measured: Measurement | None = None


class Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        """Start."""
        self.begun = time.perf_counter()

    def passed(self) -> float:
        """Seconds; never 0, so that rates exist."""
        return max(time.perf_counter() - self.begun, 1e-9)


@dataclass(slots=True)
class Mean:
    """Of what was added."""

    total: float = 0.0
    count: int = 0

    def add(self, value: float) -> None:
        """One more."""
        self.total, self.count = self.total + value, self.count + 1

    @property
    def value(self) -> float:
        """NaN of nothing."""
        return self.total / self.count if self.count else math.nan


class Training:
    """A run of `config` over a source of batches; iterate `reports()`, leave when you like, then take `best`.

    `best` are the weights (NumPy, float32) with the lowest held-out loss measured so far, `best_step` and `best_loss`
    say of when; before the first measurement they are those the run began with.
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
        self.layers = Layers(self.learner)
        self.dropout = Dropout(config.dropout, config.seed, self.world.rank)
        self.objective = Objective(self.learner, self.dropout, self.environment.products)
        if config.compile:
            compile(self.objective, config)
        self._spread: nn.Module = self.world.spread(self.objective)
        between = config.eval_every * config.batch * config.block_size
        rows = config.batch // config.accumulate // self.world.size
        self.held_out = Slice(packed(held_out, vocab_size), config.block_size, between // SHARE, rows, openings)
        self.step, self.seconds, self.progress = 0, 0.0, 0.0
        self.best_step, self.best_loss, self.best = 0, math.inf, self.weights()
        self._since = Mean()
        self._measured_step = -1

    @property
    def done(self) -> bool:
        """Whether the run is over."""
        return self.progress >= 1

    @property
    def n_parameters(self) -> int:
        """How many numbers are learned."""
        return self.optimiser.numbers.numel()

    def reports(self) -> Generator[Report, None, None]:
        """One report a step, until the run is over.

        Raises NonFinite, with the weights as they were before the step, and NoMemory.

        Of several processes all must iterate, and the main one leads: where it leaves, the others' iteration ends.
        """
        config = self.config
        tokens = config.batch * config.block_size
        took = 0.0
        self._follow()
        while self._goes_on(not self.done):
            clock = Clock()
            rate = config.rate(self.step, self.progress)
            with enough(f"step {self.step + 1:,}"):
                loss, norm = self._train(rate, self._measures_next(took))
            self.step += 1
            took = clock.passed()
            self.progress = config.progress(self.step, self.seconds + took)
            with enough(f"the measurement after step {self.step:,}"):
                measured = self.measure() if self._measures() else None
            self.seconds += clock.passed()
            report = Report(
                self.step, self.progress, self.step * tokens, self.seconds, loss, rate, norm,
                tokens / took, self.operations / took, resident(self.device), measured,
            )  # fmt: skip
            try:
                yield report
            except GeneratorExit:
                self._goes_on(False)
                raise

    def measure(self) -> Measurement:
        """Measure on the held-out slice; the weights are kept if they are the best so far."""
        found = self.evaluate()
        best = math.isfinite(found.loss) and found.loss < self.best_loss
        if best:
            self.best_loss, self.best_step, self.best = found.loss, self.step, self.weights()
        loss, self._since, self._measured_step = self._since.value, Mean(), self.step
        gradients, updates = self.layers.seen(self.step)
        return Measurement(loss, found.loss, found.by_position, best, gradients, updates)

    def measure_if_new(self) -> Measurement | None:
        """Measure if a step was made since the last measurement."""
        return self.measure() if self._measured_step != self.step else None

    def evaluate(self) -> Evaluation:
        """The loss of the held-out slice, in the type of the products; changes nothing."""
        products = self.environment.products
        return self.held_out.measure(lambda inputs: self.learner.logits(inputs, products, idle), self.device)

    def weights(self) -> dict[str, Array]:
        """The weights now, by the names in a model's folder: a copy, NumPy float32."""
        return self.learner.arrays()

    def model(self, weights: Mapping[str, Array], tokenizer: Tokenizer | None, name: str, training: Any) -> Any:
        """The model for NumPy with such weights: a GPT, or what else was trained."""
        return self.learner.model(weights, tokenizer, name, training)

    def state(self) -> State:
        """All a resume needs but `best`."""
        values = {
            "seconds": self.seconds,
            "best_step": self.best_step,
            "best_loss": self.best_loss if math.isfinite(self.best_loss) else None,
            "measured_step": self._measured_step,
            "since": [self._since.total, self._since.count],
            "source": self.source.state(),
            "environment": self.environment.as_dict(),
        }
        return State(self.step, self.weights(), self.optimiser.state(), values)

    def restore(self, state: State, best: Mapping[str, Array] | None = None) -> list[str]:
        """Go on from there; returns, one sentence each, why that will not be bit for bit.

        `best` are the weights of the best step, which State only names. UserError if the state is of another model.
        """
        own = self.weights()
        check(own, state.weights, "the checkpoint")
        check(own, best or own, "the checkpoint's best model")
        try:
            return self._restore(state, best)
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, UserError):
                raise
            what = f"the checkpoint of step {state.step} is not whole"
            raise UserError(what, "continue from an earlier one") from error

    def _restore(self, state: State, best: Mapping[str, Array] | None) -> list[str]:
        values = state.values
        if not (state.step >= 0 and float(values["seconds"]) >= 0):
            raise ValueError
        self.optimiser.restore(state.optimiser, state.step)
        self.learner.load(state.weights)
        self.source.restore(values["source"])
        self.step, self.seconds = state.step, float(values["seconds"])
        self.progress = self.config.progress(self.step, self.seconds)
        total, count = values["since"]
        self._since = Mean(float(total), int(count))
        known = best is not None and values["best_loss"] is not None
        self.best = dict(best) if best is not None else self.weights()
        self.best_step = int(values["best_step"]) if known else self.step
        self.best_loss = float(values["best_loss"]) if known else math.inf
        self._measured_step = int(values["measured_step"])
        then = Environment.from_dict(values["environment"])
        self._settle(self.environment.resumed(then, self.config))
        return self.environment.differences(then)

    def _settle(self, environment: Environment) -> None:
        self.environment = environment
        self.objective.dtype = environment.products
        self.optimiser.muon_in(environment.muon)

    def _check_shares(self) -> None:
        config, size = self.config, self.world.size
        if config.batch % (size * config.accumulate):
            what = f"a batch of {config.batch} in parts of {config.accumulate} cannot be shared by {size} processes"
            raise UserError(what, "make it a multiple of both together")

    def _follow(self) -> None:
        """Of several processes, all go on from where the main one is."""
        if self.world.size > 1:
            with self.world.together():
                self.step, source = self.world.told((self.step, self.source.state()))
                self.source.restore(source)
                self.optimiser.follow(self.world, self.step)

    def _goes_on(self, going: bool) -> bool:
        """Whether there is another step, as the main process says."""
        with self.world.together():
            on, self.seconds, self.progress = self.world.led(going, self.seconds, self.progress)
        return bool(on)

    def _measures(self) -> bool:
        """Whether to measure after this step."""
        return self.world.main and (self.done or self.step % self.config.eval_every == 0)

    def _train(self, rate: float, watched: bool) -> tuple[float, float]:
        """One step: its loss and the norm of its gradient."""
        with self.world.together():
            mean = self.world.mean(self._backward())
        loss, norm = torch.stack([mean, self.optimiser.norm()]).tolist()
        for what, value in (("loss", loss), ("gradient", norm)):
            if not math.isfinite(value):
                raise NonFinite(self.step + 1, what, rate)
        before = self.layers.before() if watched else None
        self.optimiser.step(rate, norm)
        if before is not None:
            self.layers.after(before, self.step + 1)
        self._since.add(loss)
        return loss, norm

    def _backward(self) -> Tensor:
        """Leave the batch's gradient in the leaves; its loss."""
        self.dropout.begin(self.step)
        self.optimiser.clear()
        inputs, targets = (self.world.share(torch.from_numpy(each)).to(self.device) for each in self.source.draw())
        parts = self.config.accumulate
        total = torch.zeros((), device=self.device)
        for at, (x, y) in enumerate(zip(inputs.chunk(parts), targets.chunk(parts), strict=True), 1):
            with compiling(), self.world.alone(self._spread, at == parts):
                loss = self._spread(x, y) / parts
                loss.backward()
            total += loss.detach()
        return total

    def _measures_next(self, took: float) -> bool:
        """Whether the next step will be followed by a measurement, as far as can be told."""
        step, seconds = self.step + 1, self.seconds + 2 * took
        due = step % self.config.eval_every == 0 or self.config.progress(step, seconds) >= 1
        return due and self.world.main
