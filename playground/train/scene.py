"""What the Train panes draw from, and the acts that change what the person looks at: TrainView to TrainView."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np

from models.ops import Array
from playground.looking.scene import Scene
from playground.looking.session import View
from playground.train.record import Record
from playground.train.settling import Settled
from playground.train.skills import Able

Along = Literal["steps", "seconds", "tokens"]
Scale = Literal["linear", "log"]
Watching = Literal["bars", "heads", "text"]
Turned = Literal["along", "scale", "watching"]

MOST_PINNED = 4
NO_RUN = "there is no run yet - start one (n)"


@dataclass(frozen=True, slots=True)
class TrainView:
    """Where the person looks. Changing it changes no run."""

    run: str = ""  # the chosen one, by name: all panes show it, and keys act on it
    pinned: tuple[str, ...] = ()  # drawn whichever is chosen; the first that is not is watched beside it
    along: Along = "steps"  # the horizontal axis
    scale: Scale = "linear"  # the vertical one
    place: int | None = None  # the step looked at; None follows the newest
    scroll: int = 0  # lines of the sample above the first on screen
    watching: Watching = "bars"  # what Watch shows where there is room for one thing
    look: View = field(default_factory=View)  # where the panes inside Watch look
    skill: int = 0  # rows of skills above the first on screen


def see(view: TrainView, **changes: Any) -> TrainView:
    """The same seen otherwise: any of TrainView's fields."""
    return replace(view, **changes)


def choose(view: TrainView, run: str) -> TrainView:
    """Look at another run, at its newest."""
    return view if run == view.run else replace(view, run=run, place=None, scroll=0)


def pin(view: TrainView, run: str) -> TrainView:
    """Keep a run drawn while others are chosen, or no longer; a fifth takes the place of the one pinned first."""
    if run in view.pinned:
        return replace(view, pinned=_without(view.pinned, run))
    return replace(view, pinned=(*view.pinned, run)[-MOST_PINNED:])


def forget(view: TrainView, run: str) -> TrainView:
    """The run is gone: neither chosen nor pinned."""
    kept = replace(view, pinned=_without(view.pinned, run))
    return choose(kept, "") if view.run == run else kept


def go_to(view: TrainView, step: int | None) -> TrainView:
    """Look at the run as it was at that step; None follows the newest."""
    return view if step == view.place else replace(view, place=step, scroll=0)


def turn(view: TrainView, what: Turned) -> TrainView:
    """The next axis, scale or thing to watch, round and round."""
    every = get_args({"along": Along, "scale": Scale, "watching": Watching}[what])
    return see(view, **{what: every[(every.index(getattr(view, what)) + 1) % len(every)]})


def _without(runs: tuple[str, ...], run: str) -> tuple[str, ...]:
    return tuple(each for each in runs if each != run)


@dataclass(frozen=True, eq=False)
class Watched:
    """The person's prompt under a run's snapshot of that step."""

    step: int
    scene: Scene | None = None  # None while it is loaded, or where `problem` says why it cannot be shown
    problem: str = ""  # foreign text
    attends: bool = True  # there is attention to show; without, its model may be any that scores the next token
    says: str = ""  # how such a model is to be read


@dataclass(frozen=True, eq=False)
class TrainScene:
    """The view, every run by its name, and the person's prompt under the chosen snapshots.

    `watch` is by run's name: of the chosen run and of the one watched beside it (`second`), as far as they are loaded.
    Names of runs are foreign text.
    """

    view: TrainView = field(default_factory=TrainView)
    runs: Mapping[str, Record] = field(default_factory=dict)  # in the order of the list
    watch: Mapping[str, Watched] = field(default_factory=dict)
    settled: Settled | None = None  # since when the chosen run says what it says of the prompt now
    able: Able | None = None  # what the chosen run can do, as far as that is known

    @property
    def record(self) -> Record | None:
        """The chosen run; None where there is none."""
        return self.runs.get(self.view.run)

    @property
    def shown(self) -> dict[str, Record]:
        """The chosen run, then those pinned, as far as they exist."""
        return {name: self.runs[name] for name in (self.view.run, *self.view.pinned) if name in self.runs}

    @property
    def second(self) -> str | None:
        """The name of the run watched beside the chosen one."""
        return next((name for name in self.shown if name != self.view.run), None)

    @property
    def has_curve(self) -> bool:
        """Whether anything of the chosen run can be drawn as a curve."""
        return self.record is not None and len(self.record.curve) + len(self.record.points) > 0

    @property
    def places(self) -> Array:
        """The steps at which the timeline can stop, in order."""
        return np.empty(0, np.int64) if self.record is None else self.record.places

    @property
    def step(self) -> int:
        """The step looked at: the place chosen, or the newest; where the run was cut short before it, its newest."""
        places = self.places
        newest = int(places[-1]) if len(places) else self.record.step if self.record else 0
        return newest if self.view.place is None else min(self.view.place, newest)

    @property
    def is_newest(self) -> bool:
        """Whether the newest is followed."""
        return self.view.place is None

    def moved(self, dx: int, dy: int) -> TrainView:
        """Sideways it is time in most panes, and up and down it is the runs."""
        return self.scrubbed(dx) if dx else choose(self.view, self.beside(dy))

    def beside(self, by: int) -> str:
        """The run so many further down the list, or the last one there; the chosen one where it is the only one."""
        names = list(self.runs)
        if self.view.run not in names:
            return next(iter(names), self.view.run)
        return names[max(0, min(names.index(self.view.run) + by, len(names) - 1))]

    @property
    def lacks_curve(self) -> str:
        """Why there is no curve, where there is none."""
        return NO_RUN if self.record is None else f"{self.view.run} has no curve yet - it comes with the first steps"

    @property
    def lacks_snapshot(self) -> str:
        """Why there is no snapshot, where there is none."""
        return NO_RUN if self.record is None else f"{self.view.run} has no snapshot yet - wait for its first"

    def nowhere(self, dx: int, dy: int) -> str:
        """Why a move leads nowhere: there is nothing there, or nothing more."""
        if self.record is None:
            return NO_RUN
        if dy:
            return f"there is nothing further {'down' if dy > 0 else 'up'}"
        if not len(self.places):
            return self.lacks_snapshot
        if self.scrubbed(dx) != self.view:  # it is not time that the pane moves in
            return f"there is nothing further {'right' if dx > 0 else 'left'}"
        return "this is the newest snapshot" if dx > 0 else "this is the first snapshot"

    def scrubbed(self, by: int) -> TrainView:
        """The view so many places later (or earlier, if negative); past the last, the newest is followed."""
        places = self.places
        if not len(places):
            return self.view
        here = int(np.searchsorted(places, self.step, side="right")) - 1
        there = max(here + by, 0)
        return go_to(self.view, None if there >= len(places) - 1 else int(places[there]))

    def nearest(self, where: Array, x: float) -> int | None:
        """The place that lies nearest to x, if they lie there: None where it is the newest, which is then followed."""
        at = len(where) - 1 - int(np.abs(where - x)[::-1].argmin()) if len(where) else -1
        return None if at in (-1, len(where) - 1) else int(self.places[at])
