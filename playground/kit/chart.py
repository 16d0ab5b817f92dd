"""Lines on a canvas in braille, two dots across and four down a cell, and rulers with round numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from rich.style import Style

from models.ops import Array
from playground.cells import cell_len
from playground.kit.canvas import Canvas

ACROSS, DOWN = 2, 4  # dots of a cell
ROOMY = 44  # cells from which the names of lines have a margin of their own
_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])  # of a braille cell, by row and column
_BRAILLE = 0x2800
_ROUND = (1.0, 2.0, 5.0, 10.0)
_ROUND_SECONDS = (
    1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ruler:
    """Values from low to high along one direction of a chart; with `log`, equal ratios are equally long."""

    low: float
    high: float
    log: bool = False

    @classmethod
    def over(cls, values: Array, *, log: bool = False, margin: float = 0.0) -> Ruler:
        """Long enough for all of the values that can be shown; from 0 to 1 where none can."""
        seen = values[np.isfinite(values) & ((values > 0) if log else True)]
        if not seen.size:
            return cls(0.1 if log else 0.0, 1.0, log)
        low, high = float(seen.min()), float(seen.max())
        if log:
            low, high = math.log(low), math.log(high)
        room = margin * (high - low) if high > low else 0.5 * max(abs(high), 1e-9)
        low, high = low - room, high + room
        return cls(math.exp(low), math.exp(high), True) if log else cls(low, high)

    def at_least(self, length: float) -> Ruler:
        """The same about its middle, so long at least; for a linear one."""
        room = max(length - (self.high - self.low), 0.0) / 2
        return Ruler(self.low - room, self.high + room)

    def share(self, values: Array | float) -> Array:
        """Where values lie between low (0) and high (1); what is no number, or not above 0 with `log`, is NaN."""
        given = np.asarray(values, np.float64)
        low, high = self.low, self.high
        if self.log:
            given = np.log(given, where=given > 0, out=np.full_like(given, math.nan))
            low, high = math.log(low), math.log(high)
        return (given - low) / ((high - low) or 1.0)

    def value(self, share: float) -> float:
        """The reverse of `share`."""
        if self.log:
            return self.low * float((self.high / self.low) ** share)
        return self.low + share * (self.high - self.low)

    def ticks(self, most: int) -> list[float]:
        """At most so many round numbers."""
        if self.log:
            return self._log_ticks(max(most, 1))
        rough = (self.high - self.low) / max(most, 1)
        size = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
        return self._multiples(next(size * by for by in _ROUND if size * by >= rough * 0.999))

    def second_ticks(self, most: int) -> list[float]:
        """As `ticks`, round as hours, minutes and seconds are."""
        rough = (self.high - self.low) / max(most, 1)
        if rough < 1 or rough > _ROUND_SECONDS[-1]:
            return self.ticks(most)
        return self._multiples(next(size for size in _ROUND_SECONDS if size >= rough))

    def _multiples(self, size: float) -> list[float]:
        first, last = math.ceil(self.low / size - 1e-9), math.floor(self.high / size + 1e-9)
        return [at * size for at in range(first, last + 1)]

    def _log_ticks(self, most: int) -> list[float]:
        """Powers of ten and round numbers between, as fine as there is room for."""
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        for among in ((1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8), (1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
            ticks = [by * 10.0**power for power in powers for by in among if self.low <= by * 10.0**power <= self.high]
            if len(ticks) <= most:
                return ticks
        return ticks[:: -(-len(ticks) // most)]


def decimals(ticks: Sequence[float]) -> int:
    """Digits after the point that tell all ticks apart."""
    return next(
        (n for n in range(4) if all(abs(tick - round(tick, n)) < 1e-9 * max(1, abs(tick)) for tick in ticks)), 4
    )


@dataclass(frozen=True, slots=True)
class Name:
    """What is said beside the end of a line."""

    value: float  # where the line ends
    words: str  # safe to show
    style: Style
    is_level: bool = False  # its line is level, and can carry its name where there is no margin


@dataclass
class Chart:
    """A part of a canvas on which lines are drawn: `wide` x `high` cells with the upper left one at (left, top)."""

    canvas: Canvas
    left: int
    top: int
    wide: int
    high: int
    x: Ruler
    y: Ruler
    names: Sequence[Name] = ()  # of the lines, the most important first

    @classmethod
    def framed(cls, canvas: Canvas, high: int, x: Ruler, y: Ruler, names: Iterable[Name], ticks: int) -> Chart:
        """`high` lines below a pane's title: numbers at the left, names at the right, if it is wide enough for them.

        Of the names, those whose line ends at a number.
        """
        names = [each for each in names if math.isfinite(each.value)]
        rounds = y.ticks(ticks)
        digits = decimals(rounds)
        numbers = {tick: f"{tick:,.{digits}f}" for tick in rounds}
        left = max(map(len, numbers.values()), default=0) + 1
        left = left if canvas.width >= 4 * left else 0
        right = max((cell_len(name.words) for name in names), default=0) + 1 if canvas.width >= ROOMY else 0
        chart = cls(canvas, left, 1, max(canvas.width - left - right, 1), high, x, y, names)
        for tick, number in numbers.items():
            row = chart.level(tick, "┈", canvas.palette.faint)
            if row is not None and left:
                canvas.right(left - 1, row, number, canvas.palette.muted)
        return chart

    def column(self, value: float) -> int | None:
        """The cell's x for a value of the horizontal axis; None outside."""
        share = float(self.x.share(value))
        return self.left + min(int(share * self.wide), self.wide - 1) if 0 <= share <= 1 else None

    def row(self, value: float) -> int | None:
        """The cell's y for a value of the vertical axis; None outside."""
        share = float(self.y.share(value))
        return self.top + min(int((1 - share) * self.high), self.high - 1) if 0 <= share <= 1 else None

    def line(self, xs: Array, ys: Array, style: Style, dash: tuple[int, int] = (1, 0)) -> None:
        """Points joined by a line; a gap where a value is no number. A dash is dots on, then dots off.

        However many points there are, a column of dots shows the lowest and the highest of those in it.
        """
        known = np.isfinite(xs)
        if self.wide < 1 or self.high < 1 or not known.any():
            return
        order = np.flatnonzero(known)[np.argsort(xs[known], kind="stable")]
        low, high = self._spans(xs[order], ys[order])
        dots = self.high * DOWN
        with np.errstate(invalid="ignore"):
            first = np.clip(np.floor((1 - high) * dots), 0, dots - 1)
            last = np.clip(np.floor((1 - low) * dots), 0, dots - 1)
        rows = np.arange(dots)[:, None]
        on = (rows >= first) & (rows <= last) & (low <= 1) & (high >= 0)  # NaN compares false
        on &= np.arange(on.shape[1]) % sum(dash) < dash[0]
        self._put(on, style)

    def _spans(self, xs: Array, ys: Array) -> tuple[Array, Array]:
        """The lowest and highest share of the line in every column of dots; NaN where there is none."""
        shares = self.y.share(ys)
        edges = self.x.low + np.linspace(0, 1, self.wide * ACROSS + 1) * (self.x.high - self.x.low)
        at_edges: Array = np.interp(edges, xs, shares, left=math.nan, right=math.nan)
        low, high = np.fmin(at_edges[:-1], at_edges[1:]), np.fmax(at_edges[:-1], at_edges[1:])
        firsts: Array = np.searchsorted(xs, edges)
        firsts[-1] = np.searchsorted(xs, edges[-1], side="right")  # the last column has its end
        full = np.flatnonzero(np.diff(firsts))
        if full.size:
            points, starts = shares[: firsts[-1]], firsts[full]
            low[full] = np.fmin(low[full], np.fmin.reduceat(points, starts))
            high[full] = np.fmax(high[full], np.fmax.reduceat(points, starts))
        return low, high

    def _put(self, on: Array, style: Style) -> None:
        """Dots (4 high, 2 wide) onto the cells."""
        cells = on.reshape(self.high, DOWN, self.wide, ACROSS).transpose(0, 2, 1, 3)
        codes = (cells * _BITS).sum((2, 3))
        for row, column in np.argwhere(codes).tolist():
            self.canvas.put(self.left + column, self.top + row, chr(_BRAILLE + int(codes[row, column])), style)

    def point(self, x: float, y: float, glyph: str, style: Style) -> None:
        """One mark; nothing where it lies outside."""
        column, row = self.column(x), self.row(y)
        if column is not None and row is not None:
            self.canvas.put(column, row, glyph, style)

    def level(self, value: float, glyph: str, style: Style) -> int | None:
        """A horizontal line; returns its row."""
        row = self.row(value)
        if row is not None:
            self.canvas.put(self.left, row, glyph * self.wide, style)
        return row

    def axis(self, words: Iterable[tuple[float, str]], gap: int = 2) -> None:
        """Words on the line below, each at its value of the horizontal axis, as `put_labels` puts them."""
        below = ((self.column(value), word, self.canvas.palette.muted) for value, word in words)
        put_labels(self.canvas, self.top + self.high, below, range(self.left + self.wide), gap)

    def named(self) -> None:
        """Each line's name beside its end, the first ones first; where there is no margin, levels carry theirs."""
        told = [(row, name) for name in self.names if (row := self.row(name.value)) is not None]
        if self.left + self.wide == self.canvas.width:
            self._named_inside(told)
            return
        told = sorted(told[: self.high], key=lambda each: (each[0], -each[1].value))
        rows = apart([row for row, _ in told], self.top, self.top + self.high - 1)
        for row, (_, name) in zip(rows, told, strict=True):
            self.canvas.put(self.left + self.wide + 1, row, name.words, name.style)

    def _named_inside(self, told: Sequence[tuple[int, Name]]) -> None:
        """Names of levels, at the right end unless another line ends there."""
        ends = [row for row, name in told if not name.is_level]
        for row, name in told:
            if name.is_level:
                is_free = all(abs(row - end) > 1 for end in ends)
                x = self.canvas.width - cell_len(name.words) - 4 if is_free else self.left + 2
                self.canvas.put(max(x, self.left), row, f" {name.words} ", name.style)

    def upright(self, value: float, glyph: str, style: Style) -> int | None:
        """A vertical line; returns its column."""
        column = self.column(value)
        if column is not None:
            for row in range(self.top, self.top + self.high):
                self.canvas.put(column, row, glyph, style)
        return column


def put_labels(
    canvas: Canvas, y: int, words: Iterable[tuple[int | None, str, Style]], span: range, gap: int = 2
) -> None:
    """Words on a line, each in the middle of its column and within the span; one that would touch another is left out.

    The first ones first; None is a column that is not there.
    """
    taken: list[tuple[int, int]] = []
    for column, word, style in words:
        if column is None:
            continue
        x = max(span.start, min(column - len(word) // 2, span.stop - len(word)))
        if all(x >= stop + gap or x + len(word) + gap <= start for start, stop in taken):
            taken.append((x, canvas.put(x, y, word, style)))


def apart(rows: Sequence[int], low: int, high: int) -> list[int]:
    """Rows from low to high for labels that belong at these rising rows: one a label, as near as can be.

    There are at most as many labels as rows.
    """
    groups: list[list[int]] = []  # rows of labels that touch, from the top
    for row in rows:
        groups.append([row])
        while len(groups) > 1 and _top(groups[-2], low, high) + len(groups[-2]) > _top(groups[-1], low, high):
            groups[-2:] = [groups[-2] + groups[-1]]
    return [_top(group, low, high) + down for group in groups for down in range(len(group))]


def _top(group: Sequence[int], low: int, high: int) -> int:
    """Where the first of labels that stand below one another comes: all in the middle of where they belong."""
    middle = sum(row - down for down, row in enumerate(group)) / len(group)
    return max(low, min(round(middle), high - len(group) + 1))
