"""A run as far as its events have told of it: a value, one event larger each time."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Literal, TypeVar

import numpy as np

from models.errors import UserError
from models.ops import Array
from models.runs import events, snapshots
from models.runs.config import TrainConfig
from models.runs.events import Ended, Event, Measured, Sampled, Scored, Snapshot, Started, Stepped, Warned, Working
from playground.train.growing import Grown, Table

State = Literal["waiting", "running", "paused", "stopped", "done", "died"]

T = TypeVar("T", Measured, Sampled, Snapshot)
STOPPED_BY_SIGNAL = 128  # and above: it was told to leave, and saved


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """Everything a screen knows of one run. `record.after(event)` is the next one, at a cost that does not grow.

    waiting: nothing heard yet. running, paused: a process trains it. stopped: left, and can be continued. done: it came
    to its end. died: it could not go on, or vanished; `problem` says why.
    """

    state: State = "waiting"
    started: Started | None = None
    config: TrainConfig | None = None  # None also where it cannot be read
    stepped: Stepped | None = None  # the last
    ended: Ended | None = None
    problem: str = ""  # why it died, as it was told; foreign text
    saved: int | None = None  # step of the last checkpoint heard of
    curve: Table = field(default_factory=lambda: Table("step", "seconds", "tokens", "loss"))  # a Stepped each
    points: Table = field(default_factory=lambda: Table("step", "seconds", "tokens", "held_out"))  # a Measured each
    measured: Grown[Measured] = field(default_factory=Grown)  # the same, with all they tell
    samples: Grown[Sampled] = field(default_factory=Grown)
    snapshots: Grown[Snapshot] = field(default_factory=Grown)
    warnings: Grown[Warned] = field(default_factory=Grown)
    best: Measured | None = None  # the lowest sampled loss
    working: Working | None = None  # what it does while it makes no steps
    scored: Scored | None = None  # the held-out loss of the best model, once that was measured

    @classmethod
    def of(cls, told: Iterable[Event]) -> Record:
        """What was kept of a run that nobody trains now: one that never said that it ended counts as stopped."""
        record = reduce(cls.after, told, cls())
        return replace(record, state="stopped") if record.state in ("waiting", "running", "paused") else record

    def after(self, event: Event) -> Record:
        """The record with one more event. A Started forgets what lies beyond its step: the run goes on from there."""
        match event:
            case events.Started():
                return self._begun(event)
            case events.Stepped():
                return self._stepped(event)
            case events.Measured():
                return self._measured(event)
            case events.Sampled():
                return replace(self, samples=_told(self.samples, event))
            case events.Snapshot():
                return self._kept_at(event)
            case events.Saved():
                return replace(self, saved=event.step)
            case events.Paused():
                return replace(self, state="paused")
            case events.Continued():
                return replace(self, state="running")
            case events.Working():
                return replace(self, working=event)
            case events.Scored():
                return replace(self, scored=event)
            case events.Warned():
                return replace(self, warnings=self.warnings.and_(event))
            case events.Ended():
                return self._ended(event)
            case events.Failed():
                return self  # as its process ends, it is lost

    def begun_again(self) -> Record:
        """The record of a run for which a process was started, and has said nothing yet."""
        return replace(self, state="waiting", ended=None, problem="")

    def lost(self, problem: str) -> Record:
        """Its process is gone; if it did not say goodbye, this is why."""
        if self.state in ("stopped", "done", "died"):
            return self
        return replace(self, state="died", problem=problem, working=None)

    def _begun(self, event: Started) -> Record:
        kept = self.until(event.step)
        config = _config(event) or self.config
        begun = replace(kept, state="running", started=event, config=config, ended=None, problem="")
        return replace(begun, working=None, scored=None)

    def until(self, step: int) -> Record:
        """The record as far as that step."""
        measured = self.measured.first(_up_to(self.measured, step))
        return replace(
            self,
            curve=self.curve.first(bisect_right(self.curve["step"], step)),
            points=self.points.first(len(measured)),
            measured=measured,
            samples=self.samples.first(_up_to(self.samples, step)),
            snapshots=self.snapshots.first(_up_to(self.snapshots, step)),
            stepped=self.stepped if self.stepped and self.stepped.step <= step else None,
            best=_best(measured),
        )

    def _stepped(self, event: Stepped) -> Record:
        if len(self.curve) and event.step <= self.curve["step"][-1]:
            return self  # told twice
        curve = self.curve.and_(event.step, event.seconds, event.tokens, event.loss)
        state = "running" if self.state == "waiting" else self.state
        return replace(self, state=state, stepped=event, curve=curve, working=None)

    def _measured(self, event: Measured) -> Record:
        told = _told(self.measured, event)
        if told is self.measured:
            return self
        points = self.points.and_(event.step, event.seconds, self.tokens_at(event.step), event.held_out)
        best = _best((event,) if self.best is None else (self.best, event))
        return replace(self, points=points, measured=told, best=best)

    def _kept_at(self, event: Snapshot) -> Record:
        record = replace(self, snapshots=_told(self.snapshots, event))
        too_many = len(record.snapshots) > snapshots.MOST
        return record.keeping(snapshots.spread(record.places.tolist())) if too_many else record

    def keeping(self, steps: Collection[int]) -> Record:
        """The record with the snapshots of these steps only: the others were removed, to leave room."""
        kept = set(steps)
        left = [each for each in self.snapshots if each.step in kept]
        return self if len(left) == len(self.snapshots) else replace(self, snapshots=Grown(left))

    def _ended(self, event: Ended) -> Record:
        over = replace(self, ended=event, working=None)
        if event.done or event.status == 0 or event.status >= STOPPED_BY_SIGNAL:
            return replace(over, state="done" if event.done else "stopped")
        return replace(over, state="died", problem=event.why)

    # what can be asked of it -------------------------------------------------------------------------------------

    @property
    def step(self) -> int:
        """How far it is."""
        kept: tuple[Grown[Measured], Grown[Sampled], Grown[Snapshot]] = self.measured, self.samples, self.snapshots
        told = (self.started, self.stepped, self.ended, *(each[-1] for each in kept if each))
        return max((each.step for each in told if each), default=0)

    @property
    def is_alive(self) -> bool:
        """Whether a process trains it, or waits to be told to."""
        return self.state in ("running", "paused")

    @property
    def lacks(self) -> tuple[str, ...]:
        """All that the model grows up without, in words."""
        return self.config.gpt(vocab_size=1).lacks if self.config else ()

    @property
    def looks_ahead(self) -> bool:
        """Whether it sees the tokens that it is scored on: then no loss of it is a fair score."""
        return "mask" in self.lacks

    @property
    def share(self) -> float:
        """How much of what it does now is done: of its steps, or of the work between them or after; 0 to 1."""
        share = self.working.share if self.working else self.stepped.progress if self.stepped else 0.0
        return min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers measured, in the order told: "embed", "0", "1" ..., "ln_f"."""
        last = self.measured[-1] if self.measured else None
        return tuple(dict.fromkeys((*last.gradients, *last.updates))) if last else ()

    @property
    def places(self) -> Array:
        """The steps at which the timeline can stop: those of snapshots; without any, those measured."""
        return np.array([each.step for each in self.snapshots or self.measured], np.int64)

    def tokens_at(self, step: int) -> float:
        """Tokens learned from after that step."""
        if self.stepped and self.stepped.step:
            return self.stepped.tokens / self.stepped.step * step
        return float(self.config.batch * self.config.block_size * step) if self.config else math.nan

    def measured_at(self, step: int) -> Measured | None:
        """The last measurement up to that step."""
        return _last(self.measured, step)

    def sample_at(self, step: int) -> Sampled | None:
        """The last sample up to that step."""
        return _last(self.samples, step)

    def snapshot_at(self, step: int) -> Snapshot | None:
        """The last snapshot up to that step, or the first."""
        return _last(self.snapshots, step) or next(iter(self.snapshots), None)

    def loss_at(self, step: int) -> float:
        """The training loss told last up to that step; NaN before there is any."""
        count = bisect_right(self.curve["step"], step)
        return float(self.curve["loss"][count - 1]) if count else math.nan


def _up_to(told: Sequence[T], step: int) -> int:
    """How many are of that step or an earlier one."""
    return bisect_right(told, step, key=lambda each: each.step)


def _last(told: Sequence[T], step: int) -> T | None:
    """The last of that step or an earlier one."""
    count = _up_to(told, step)
    return told[count - 1] if count else None


def _best(measured: Iterable[Measured]) -> Measured | None:
    """The first of those with the lowest held-out loss; None where it is never a number."""
    known = (each for each in measured if math.isfinite(each.held_out))
    return min(known, key=lambda each: each.held_out, default=None)


def _told(before: Grown[T], event: T) -> Grown[T]:
    """One more, unless it was told before."""
    return before if before and event.step <= before[-1].step else before.and_(event)


def _config(event: Started) -> TrainConfig | None:
    try:
        return TrainConfig.from_dict(event.config)
    except UserError:
        return None
