"""The held-out loss at each place of the context: how much it helps to have seen more."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from rich.style import Style

from models.baselines import Bigram
from models.ops import Array
from models.runs.events import Measured
from models.units import Unit
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.chart import Chart, Name, Ruler
from playground.kit.flow import Part, headline, nothing, say
from playground.train.panes import words
from playground.train.panes.words import RunPane
from playground.train.record import Record
from playground.train.scene import TrainScene

MARGIN = 0.04
LEAST = 0.5  # bits from the bottom to the top, so that noise stays small
AROUND = 0.15  # of a place's number: how far to both sides it is averaged; nothing for the first, where it falls
DASHES = ((1, 0), (6, 3), (1, 0))  # dots on and off: the first measurement, the other run, the moment looked at


class ByPlace(RunPane):
    """Loss by place: at the moment looked at, and at the first measurement."""

    name = "places"
    title = "By place"
    gist = "How badly, place by place"
    help = (
        "Every place of the context foresees the token after it: the first has seen one token, the last all the "
        "others. The bright line is their sampled loss at the moment looked at, the faint one that of the "
        "first measurement, both smoothed over neighbours. Where the line falls to the right, the model uses what "
        "stands further back; a bigram's would be flat. A run without attention or positions cannot fall far. The "
        "numbers below compare the first place with all in the second half of the context."
    )

    def sees(self, scene: TrainScene) -> tuple[Any, ...]:
        """What is measured of both runs, and the place where another measurement is the last."""
        record, second = scene.record, scene.runs.get(scene.second or "")
        mine = record and (record.measured, record.measured_at(scene.step), record.started)
        return mine, second and second.measured_at(scene.step), scene.view.pinned

    def draw_run(self, scene: TrainScene, record: Record, canvas: Canvas) -> None:
        """Both lines, and what the context is worth in words."""
        now = record.measured_at(scene.step) or (record.measured[0] if record.measured else None)
        if now is None or not now.by_position:
            nothing(canvas, self.title, "nothing is measured yet")
            return
        headline(canvas, self.title, [f"step {now.step:,}", f"sampled {canvas.unit.name} at each place"])
        below = 1 if canvas.height > 4 else 0
        high = canvas.height - 2 - below
        if high >= 2:
            _picture(record, canvas, _lines(scene, record, now, canvas), high)
        if below:
            say(canvas, 0, canvas.height - 1, _worth(now, canvas))


Line = tuple[Array, str, Style, tuple[int, int]]


def _lines(scene: TrainScene, record: Record, now: Measured, canvas: Canvas) -> list[Line]:
    """Losses by position, name, style and dash; the most important last."""
    palette, unit = canvas.palette, canvas.unit
    first = next((each for each in record.measured if each.by_position), now)
    lines: list[Line] = []
    if first.step != now.step:
        lines.append((_smooth(first, unit), f"step {first.step:,}", palette.muted, DASHES[0]))
    beside = scene.second or ""
    second = scene.runs[beside].measured_at(scene.step) if beside else None
    if second is not None and second.by_position:
        lines.append(
            (
                _smooth(second, unit),
                f"{words.mark(scene.view, beside)} step {second.step:,}",
                palette.contrast,
                DASHES[1],
            )
        )
    return [*lines, (_smooth(now, unit), f"step {now.step:,}", palette.accent, DASHES[2])]


def _smooth(measured: Measured, unit: Unit) -> Array:
    """Losses by position, each the mean of those around: as few as there are windows, single ones are mostly chance."""
    losses = np.array(measured.by_position) * unit.nat
    at = np.arange(len(losses))
    reach = (at * AROUND).astype(int)
    low, high = at - reach, np.minimum(at + reach + 1, len(losses))
    with np.errstate(invalid="ignore"):
        sums = np.concatenate([[0.0], np.cumsum(losses)])
        return (sums[high] - sums[low]) / (high - low)


def _picture(record: Record, canvas: Canvas, lines: list[Line], high: int) -> None:
    palette = canvas.palette
    bigram = record.started.rivals.get(Bigram.name, math.nan) * canvas.unit.nat if record.started else math.nan
    names = [Name(float(losses[-1]), name, style) for losses, name, style, _ in reversed(lines)]
    names.append(Name(bigram, Bigram.name, palette.muted, is_level=True))
    y = Ruler.over(np.concatenate([*(line[0] for line in lines), [bigram]]), margin=MARGIN).at_least(
        LEAST * canvas.unit.bit
    )
    x = Ruler(1, max(2, *(len(line[0]) for line in lines)))
    chart = Chart.framed(canvas, high, x, y, names, max(high // 3, 2))
    chart.level(bigram, "╌", palette.muted)
    for losses, _, style, dash in lines:
        chart.line(np.arange(1.0, len(losses) + 1), losses, style, dash)
    chart.named()
    ticks = (round(x.high), 1, *x.ticks(max(chart.wide // 8, 1)))  # the last position, the first, and round ones
    chart.axis((tick, f"{tick:.0f}") for tick in ticks)


def _worth(now: Measured, canvas: Canvas) -> list[Part]:
    """What the context saves: the first position against the last half."""
    palette, unit = canvas.palette, canvas.unit
    first, later = now.by_position[0], float(np.mean(now.by_position[len(now.by_position) // 2 :]))
    saved = f"context saves {numbers.loss(first - later, unit)} {unit.name}"
    return [
        (saved if first > later else "context saves nothing", palette.strong),
        (f"first {numbers.loss(first, unit)}", palette.text),
        (f"last half {numbers.loss(later, unit)}", palette.text),
    ]
