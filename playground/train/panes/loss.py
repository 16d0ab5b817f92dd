"""The loss as it falls: what it learns from, what is held out, other runs, and what counting alone reaches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
from rich.style import Style

from models.baselines import ALL
from models.ops import Array
from models.runs.measurement import UNFAIR
from models.runs.presets import PRESETS, about
from models.units import Unit
from playground import text
from playground.cells import wrap
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.chart import Chart, Name, Ruler, decimals
from playground.kit.flow import Part, fitting, nothing, over_lines, say, sentences
from playground.kit.palette import Palette
from playground.train.panes import words
from playground.train.panes.words import RunPane
from playground.train.panes.yardstick import Yardstick, yardstick
from playground.train.record import Record
from playground.train.scene import Along, TrainScene, TrainView, go_to, turn

COUNTED = [kind.slug for kind in ALL]
COLUMNS: dict[Along, str] = {"steps": "step", "seconds": "seconds", "tokens": "tokens"}
DASHES = ((1, 0), (7, 3), (3, 3), (1, 2), (5, 2))  # dots on and off: of the chosen run, then of those pinned
EVERY = 20  # cells between the letters on a line
NAMED = 10  # cells of a run's name
MARGIN = 0.03
WELCOME = (
    "Here you watch a small model learn. Press n: choose a text, or take what stands there, and it starts. The curve "
    "that appears here is how badly it foresees the next token: it should fall."
)
TEN_SECONDS = "F8 3", ("It learns who plays what. There are sixteen names.", "Ten seconds.")
PRESET = 14  # cells of a preset's name
STARTING = "starting: PyTorch is loaded and the text is cut into tokens, which takes a few seconds"
RISEN = 0.01  # of the best held-out loss, from which a higher one is spoken of
LONG = 40  # losses told, from which the first few may lie above the chart


class Loss(RunPane):
    """The main curve."""

    name = "loss"
    title = "Loss"
    without = WELCOME
    gist = "How badly it foresees"
    help = (
        "How badly the model foresees the next token: 0 is perfect, 1 bit a coin toss (I: in nats). The faint line is "
        "what it learns from, the bright one a sample of the text that is held out from it; where the two part, it "
        f"learns by heart. The horizontal lines are what counting alone reaches on that sample ({', '.join(COUNTED)}), "
        "and the floor is what nobody can get below, where it is known. ○ marks the lowest sampled loss; its model is "
        "kept, and measured at the end on more of the held-out text: ◆ is the held-out loss of the run. ◇ is where it "
        "began to say of your prompt what it says now. Left and right, or a click, move through time in every pane; "
        "Enter changes between a linear and a logarithmic scale, a click on the unit between steps, seconds and "
        "tokens. Pinned runs (m) are the dashed lines with letters. Of another vocabulary, all are told a character, "
        "where they learn from one text; else they cannot be compared, which is said."
    )

    def sees(self, scene: TrainScene) -> tuple[Any, ...]:
        """The runs drawn, the axes, and the place."""
        view = scene.view
        return tuple(scene.shown.items()), view.pinned, view.along, view.scale, view.place, scene.settled

    def draw_none(self, canvas: Canvas) -> None:
        """What can be begun, as far as there is room for it."""
        super().draw_none(canvas)
        y = 2 + len(wrap(self.without, canvas.width))
        for name, (what, takes) in (TEN_SECONDS, *((name, about(name)) for name in PRESETS)):
            if y < canvas.height and canvas.width >= 2 * PRESET:
                first, *more = sentences(what)
                parts = [part for part in (first, takes, *more) if part]
                canvas.put(0, y, name, canvas.palette.accent)
                canvas.put(PRESET, y, fitting(parts, canvas.width - PRESET, " "), canvas.palette.muted)
            y += 1

    def draw_run(self, scene: TrainScene, record: Record, canvas: Canvas) -> None:
        """The chart, and the numbers at the place looked at below it."""
        if not scene.has_curve:
            none = text.visible(record.problem) or "no step is made yet"
            waiting = words.doing(record) or STARTING
            nothing(canvas, self.title, waiting if record.state == "waiting" else none)
            return
        told_in = yardstick(scene.shown, canvas.unit)
        canvas.title(self.title, told_in.words + (", logarithmic" if scene.view.scale == "log" else ""))
        curves = _curves(scene, told_in, canvas.palette)
        told = _told(scene, curves, canvas)
        told += [[(told_in.problem, canvas.palette.contrast)]] if told_in.problem else []
        below = len(told) if canvas.height > 5 + len(told) else min(1, max(canvas.height - 1, 0))
        high = canvas.height - 2 - below  # less the title and the axis
        if high >= 2:
            _Picture(scene, canvas, curves, high).draw()
        for y, parts in enumerate(told[:below], canvas.height - below):
            say(canvas, 0, y, parts)

    def enter(self, scene: TrainScene) -> TrainView:
        """Linear or logarithmic, where there is a curve."""
        return turn(scene.view, "scale") if scene.has_curve else scene.view


@dataclass(frozen=True, eq=False)
class Curve:
    """One run's sampled loss, and how its line is told from others."""

    name: str  # safe to show, and marked where its loss is no fair score
    mark: str
    record: Record
    xs: Array  # where it was measured, along the axis
    ys: Array  # in its unit
    unit: Unit
    style: Style
    dash: tuple[int, int]

    def written(self, nats: float | None) -> str:
        """A loss of the run."""
        return numbers.loss(nats, self.unit)


def _curves(scene: TrainScene, told_in: Yardstick, palette: Palette) -> list[Curve]:
    styles = (palette.accent, palette.contrast, palette.text, palette.muted, palette.text)
    looks = dict(zip((words.CHOSEN, *words.LETTERS), zip(styles, DASHES, strict=True), strict=True))
    curves, column = list[Curve](), COLUMNS[scene.view.along]
    for name, record in scene.shown.items():
        points, unit, mark = record.points, told_in.units[name], words.mark(scene.view, name)
        shown = words.UNFAIR_MARK * record.looks_ahead + text.visible(name)
        curves.append(Curve(shown, mark, record, points[column], points["held_out"] * unit.nat, unit, *looks[mark]))
    return curves


# words -------------------------------------------------------------------------------------------------------------


def _told(scene: TrainScene, curves: list[Curve], canvas: Canvas) -> list[list[Part]]:
    """The place looked at in numbers: of the chosen run in one line, of the others in those below."""
    palette, curve, record = canvas.palette, curves[0], curves[0].record
    step = record.step if scene.is_newest else scene.step
    measured = record.measured_at(step)
    where = "newest, step" if scene.is_newest else "step"
    parts = [(f"{where} {step:,}", palette.strong)]
    parts += [(f"sampled {curve.written(measured.held_out)}", palette.accent)] if measured else []
    train = record.loss_at(step)
    parts += [] if math.isnan(train) else [(f"train {curve.written(train)}", palette.text)]
    if record.best is not None:
        risen = measured is not None and measured.held_out > (1 + RISEN) * record.best.held_out
        parts += [(f"rising since {record.best.step:,}", palette.contrast)] if risen and step > record.best.step else []
        parts += [(f"○ best {curve.written(record.best.held_out)} at {record.best.step:,}", palette.text)]
    seconds = _at(record, step, "seconds")
    parts += [] if math.isnan(seconds) else [(numbers.clock(seconds), palette.muted)]
    x = _at(record, scene.step, scene.view.along)
    others = [(_in_words(each, x), each.style) for each in curves[1:]]
    return [parts, *_score(curve, canvas), *over_lines(others, canvas.width)]


def _score(curve: Curve, canvas: Canvas) -> list[list[Part]]:
    """The held-out loss, or what is said before there is one."""
    palette, record, parts = canvas.palette, curve.record, list[Part]()
    if record.working:
        parts.append((words.doing(record), palette.strong))
    if record.looks_ahead:
        parts.append((UNFAIR, palette.contrast))
    if record.scored:
        measured = record.scored.held_out
        loss = words.plus_minus(measured.nats, measured.error, curve.unit)
        parts += [(f"◆ held-out {loss}", palette.accent), (measured.on, palette.muted)]
    return over_lines(parts, canvas.width) if parts else []


def _in_words(curve: Curve, x: float) -> str:
    """Another run where the chosen one is, along the axis."""
    count = int(np.searchsorted(curve.xs, x * (1 + 1e-9), side="right"))
    return f"{curve.mark} {curve.name} {_fixed(float(curve.ys[count - 1]) if count else None)}"


def _at(record: Record, step: int, along: Along) -> float:
    """Where a step lies along the axis; NaN where that is not known."""
    if along == "steps":
        return float(step)
    table = record.points if len(record.points) else record.curve
    xs = np.concatenate([[0.0], table[COLUMNS[along]]])
    return float(np.interp(step, np.concatenate([[0.0], table["step"]]), xs)) if len(table) else math.nan


def _name(name: str, value: float, style: Style, is_level: bool = False) -> Name:
    return Name(value, f"{name} {_fixed(value)}", style, is_level)


def _fixed(value: float | None) -> str:
    """A loss that is in its unit already."""
    return numbers.fixed(value, 3, numbers.BROKEN)


# the picture -------------------------------------------------------------------------------------------------------


class _Picture:
    """One drawing of the curves; `high` lines and one for the axis."""

    def __init__(self, scene: TrainScene, canvas: Canvas, curves: list[Curve], high: int) -> None:
        self.scene, self.canvas, self.palette, self.curves = scene, canvas, canvas.palette, curves
        self.record, self.column = curves[0].record, COLUMNS[scene.view.along]
        started, nat = self.record.started, curves[0].unit.nat
        self.train = self.record.curve["loss"] * nat
        self.rivals = {name: nats * nat for name, nats in started.rivals.items()} if started else {}
        if started and started.floor is not None:
            self.rivals["floor"] = started.floor * nat
        y = Ruler.over(self._heights(), log=scene.view.scale == "log", margin=MARGIN)
        self.chart = Chart.framed(canvas, high, Ruler.over(self._lengths()), y, self._names(), max(high // 4, 2))

    def _heights(self) -> Array:
        """What must be on the chart: of a long run not its first steps, whose steep fall would flatten all the rest."""
        train = self.train
        learned = train[len(train) // 50 + 1 :] if len(train) >= LONG else train
        return np.concatenate(
            [*(each.ys for each in self.curves), learned, np.array(list(self.rivals.values()), np.float64)]
        )

    def _lengths(self) -> Array:
        tables = chain.from_iterable((each.record.points, each.record.curve) for each in self.curves)
        return np.array([0.0, *(table[self.column][-1] for table in tables if len(table))])

    def draw(self) -> None:
        """From the back to the front."""
        for value in self.rivals.values():
            self.chart.level(value, "╌", self.palette.muted)
        if not self.scene.is_newest:
            self.chart.upright(self._where(self.scene.step), "│", self.palette.muted)
        self.chart.line(self.record.curve[self.column], self.train, self.palette.faint)
        for each in reversed(self.curves):
            self._curve(each)
        for each in self.curves[1:]:  # on top, so that a run hidden behind another is seen as well
            self._letters(each)
        self._above()
        self._places()
        self.chart.named()
        self._axis()
        self._hits()

    def _above(self) -> None:
        """Where the first steps lie, if that is above the chart."""
        losses, chart = self.train, self.chart
        if np.isfinite(losses[:1]).any() and losses[0] > chart.y.high:
            self.canvas.put(chart.left + 2, chart.top, f"↑ from {_fixed(float(losses[0]))}", self.palette.muted)

    def _curve(self, curve: Curve) -> None:
        self.chart.line(curve.xs, curve.ys, curve.style, curve.dash)
        for x in curve.xs[~np.isfinite(curve.ys)].tolist():
            self.chart.point(x, self.chart.y.high, "✕", self.palette.contrast)

    def _letters(self, curve: Curve) -> None:
        """Its letter on the line, again and again, where no other run has its own."""
        chart, xs, ys = self.chart, curve.xs, curve.ys
        first = 4 + 4 * words.LETTERS.index(curve.mark)
        if len(xs) == 1:  # no line yet
            chart.point(float(xs[0]), float(ys[0]), curve.mark, curve.style)
        for column in range(first, chart.wide, EVERY):
            x = chart.x.value((column + 0.5) / chart.wide)
            if len(xs) and xs[0] <= x <= xs[-1]:
                chart.point(x, float(np.interp(x, xs, ys)), curve.mark, curve.style)

    def _where(self, step: int) -> float:
        return _at(self.record, step, self.scene.view.along)

    def _places(self) -> None:
        """The best, and where the upright line meets the chosen run's."""
        best, here, nat = self.record.best, self.record.measured_at(self.scene.step), self.curves[0].unit.nat
        if best is not None:
            self.chart.point(self._where(best.step), best.held_out * nat, "○", self.palette.accent)
        if here is not None and not self.scene.is_newest:
            self.chart.point(self._where(self.scene.step), here.held_out * nat, words.CHOSEN, self.palette.accent)
        moment = self.scene.settled
        learned = self.record.measured_at(moment.step) if moment is not None else None
        if learned is not None:
            where = self._where(learned.step), learned.held_out * nat
            self.chart.point(*where, words.LEARNED, self.palette.contrast)
        if best is not None and self.record.scored is not None:
            self.chart.point(self._where(best.step), self.record.scored.held_out.nats * nat, "◆", self.palette.accent)

    def _names(self) -> list[Name]:
        """What is said at the right edge, the most important first."""
        names: list[Name] = []
        for each in self.curves:
            known = each.ys[np.isfinite(each.ys)]
            name = "sampled" if len(self.curves) == 1 else f"{each.mark} {text.cut(each.name, NAMED)}"
            names += [_name(name, float(known[-1]), each.style)] if known.size else []
        train = self.record.loss_at(self.record.step) * self.curves[0].unit.nat
        names.append(_name("train", train, self.palette.muted))
        rivals = self.rivals.items()
        return names + [_name(text.cut(name, NAMED), value, self.palette.muted, True) for name, value in rivals]

    def _axis(self) -> None:
        """Round numbers below, as many as there is room for."""
        x, most = self.chart.x, max(self.chart.wide // 12, 1)
        if self.scene.view.along == "seconds":
            self.chart.axis((tick, numbers.clock(tick)) for tick in x.second_ticks(most))
        else:
            ticks = x.ticks(most)
            self.chart.axis((tick, numbers.tick(tick, decimals(ticks))) for tick in ticks)

    def _hits(self) -> None:
        """What clicks do: on the chart, on the unit beside the axis, on the numbers at the left."""
        chart, canvas, unit = self.chart, self.canvas, self.scene.view.along
        x, y = chart.left + chart.wide + 1, chart.top + chart.high
        canvas.grid_hit(chart.left, chart.top, chart.wide, chart.high + 1, self._clicked)
        if x + len(unit) <= canvas.width:
            canvas.put(x, y, unit, self.palette.muted)
            canvas.hit(x, y, canvas.width - x, 1, partial(turn, what="along"))
        if chart.left:
            canvas.hit(0, chart.top, chart.left, chart.high, partial(turn, what="scale"))

    def _clicked(self, dx: int, dy: int) -> partial[TrainView]:
        """The place nearest to that column."""
        where = np.array([self._where(int(place)) for place in self.scene.places])
        return partial(go_to, step=self.scene.nearest(where, self.chart.x.value((dx + 0.5) / self.chart.wide)))
