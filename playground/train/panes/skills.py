"""What the run can do, snapshot by snapshot: the strip of its abilities."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from models.lenses.growth import Course
from models.lenses.probes.probe import CASES
from models.ops import Array
from playground import text
from playground.kit import numbers
from playground.kit.bar import SPARKS
from playground.kit.canvas import Canvas
from playground.kit.chart import put_labels
from playground.kit.flow import headline, nothing
from playground.train.panes.words import RunPane
from playground.train.record import Record
from playground.train.scene import TrainScene, TrainView, go_to, see
from playground.train.skills import MOST, Able, looks

LABEL, NUMBER, SINCE = 14, 4, 7  # cells
LEAST = 8  # of a strip, below which the step since when it can is left out


class Skills(RunPane):
    """A row an ability: its score over the snapshots, and since when it is there."""

    name = "skill"
    title = "Skills"
    gist = "What its snapshots can do"
    help = (
        "What the run can do, snapshot by snapshot, if it learns the little world. Each probe asks for one word in "
        f"{CASES} texts with something that training never combined; a bar is the share of them answered right. "
        "now is that of the moment looked at, since the step from which on at least half are right. First stand the "
        "two whose answer followed the last word before; the line above each tells which head looks there most, and "
        "how much: it may look there before the answers are right. Then the earliest comes first. Up and down show "
        f"more, left and right go through time. At most {MOST} snapshots are asked, while one looks."
    )

    def __init__(self) -> None:
        self._most = 0  # rows that can be above the first on screen, in the last picture

    def sees(self, scene: TrainScene) -> tuple[Any, ...]:
        """The run, what is known of what it can do, and the moment."""
        record = scene.record
        return scene.view.run, record and len(record.snapshots), scene.able, scene.step, scene.view.skill

    def draw_run(self, scene: TrainScene, record: Record, canvas: Canvas) -> None:
        """The rows that fit, and the steps below."""
        able = scene.able
        if able is None or not able.courses:
            nothing(canvas, self.title, _why_nothing(able, record))
            return
        rows, room = list(_rows(able)), max(canvas.height - 2, 1)
        self._most = max(len(rows) - room, 0)
        first = min(scene.view.skill, self._most)
        note = [f"step {scene.step:,}"]
        if not able.is_whole:
            note.append(f"{able.known:,} of {able.answers:,} answers")
        if self._most:
            note.append(f"{first + 1}-{min(first + room, len(rows))} of {len(rows)}")
        headline(canvas, self.title, note)
        _Strip(scene, able, canvas).draw(rows[first : first + room])

    def move(self, scene: TrainScene, dx: int, dy: int) -> TrainView:
        """Through time, and through the skills."""
        if dx:
            return scene.scrubbed(dx)
        return see(scene.view, skill=max(0, min(min(scene.view.skill, self._most) + dy, self._most)))

    def wheel(self, scene: TrainScene, by: int) -> TrainView:
        """Through the skills."""
        return self.move(scene, 0, by)


def _why_nothing(able: Able | None, record: Record) -> str:
    if able is not None and able.problem:
        return text.visible(able.problem)
    return "asking its snapshots ..." if record.snapshots else "with the first snapshot, it is asked what it can do"


@dataclass(frozen=True, eq=False, slots=True)
class _Row:
    """An ability, or what a head does for it."""

    label: str
    steps: Array  # S
    values: Array  # S
    since: int | None
    is_whole: bool  # else not all snapshots have answered
    is_head: bool = False

    def at(self, steps: Array) -> Array:
        """At each of these steps what the last snapshot up to it has answered, NaN where that is still to come."""
        values = self.values[np.maximum(np.searchsorted(self.steps, steps, side="right") - 1, 0)]
        known: Array = np.where(self.is_whole | (steps <= self.steps[-1]), values, np.nan)
        return known


def _rows(able: Able) -> Iterator[_Row]:
    """First those that heads look back for; of the others the earliest first, those that are not there yet last."""

    def row(label: str, course: Course, values: Array, since: int | None, *, is_head: bool = False) -> _Row:
        is_whole = len(course.steps) == len(able.asked.snapshots)
        return _Row(label, course.steps, values, since if is_whole else None, is_whole, is_head)

    for course in sorted(able.courses, key=lambda each: (each.weights is None, each.came is None, each.came)):
        if course.weights is not None:
            yield row(looks(course), course, course.weights, course.head_came, is_head=True)
        yield row(course.probe.slug, course, course.scores, course.came)


def _spark(share: float) -> str:
    """An upright bar; nothing for no number."""
    return " " if math.isnan(share) else SPARKS[min(int(share * len(SPARKS)), len(SPARKS) - 1)]


class _Strip:
    """Rows on a canvas: a label, a cell a stretch of steps, and two numbers."""

    def __init__(self, scene: TrainScene, able: Able, canvas: Canvas) -> None:
        self.scene, self.canvas = scene, canvas
        asked = [step for step, _ in able.asked.snapshots]
        self.start, self.stop = asked[0], max(asked[-1], asked[0] + 1)
        wide = canvas.width - LABEL - NUMBER - 2
        self.has_since = wide - SINCE - 1 >= LEAST
        self.wide = max(wide - (SINCE + 1) * self.has_since, 1)
        self.x = min(LABEL + 1, canvas.width - 1)

    def draw(self, rows: Sequence[_Row]) -> None:
        """The rows, and the steps below them."""
        here, along = self.column(self.scene.step), np.linspace(self.start, self.stop, self.wide)
        for y, row in enumerate(rows, 1):
            self.row(y, row, row.at(along), here, float(row.at(np.array([self.scene.step]))[0]))
        self.below(len(rows) + 1, here)
        cells = np.array([self.column(step) for step in self.scene.places.tolist()])
        act = partial(self.nearest, cells)
        self.canvas.grid_hit(self.x, 1, self.wide, len(rows) + 1, lambda dx, dy: act(dx))

    def nearest(self, cells: Array, dx: int) -> partial[TrainView]:
        """To the place that lies nearest."""
        return partial(go_to, step=self.scene.nearest(cells, dx))

    def column(self, step: int) -> int:
        """The cell of a step, from the first of the strip."""
        share = (step - self.start) / (self.stop - self.start)
        return round(min(max(share, 0.0), 1.0) * (self.wide - 1))

    def row(self, y: int, row: _Row, shares: Array, here: int, now: float) -> None:
        """One of them."""
        canvas, palette = self.canvas, self.canvas.palette
        style = palette.muted if row.is_head else palette.text
        canvas.put(0, y, text.cut(row.label, LABEL), style)
        bars = "".join(map(_spark, shares.tolist()))
        canvas.put(self.x, y, bars, palette.muted if row.is_head else palette.bar(0.8))
        canvas.put(self.x + here, y, bars[here], palette.contrast)
        canvas.right(self.x + self.wide + 1 + NUMBER, y, numbers.fixed(now, 2), style)
        if self.has_since:
            since = numbers.ABSENT if row.since is None else f"{row.since:,}"
            canvas.right(canvas.width, y, since, palette.muted if row.since is None else style)

    def below(self, y: int, here: int) -> None:
        """The step looked at, the first and the last; and what the numbers are."""
        canvas, palette = self.canvas, self.canvas.palette
        steps = (self.scene.step, palette.accent), (self.start, palette.muted), (self.stop, palette.muted)
        words = ((self.x + self.column(step), f"{step:,}", style) for step, style in steps)
        put_labels(canvas, y, words, range(self.x, self.x + self.wide))
        canvas.right(self.x + self.wide + 1 + NUMBER, y, "now", palette.muted)
        if self.has_since:
            canvas.right(canvas.width, y, "since", palette.muted)
