"""A matrix as shades on a canvas: each entry some cells, half a cell, or the largest of many entries in one.

A picture is first an image of levels: one pixel a cell across and `pixels_a_line` pixels a line down, which are half
blocks, or whole glyphs where there are no shades. Shades grow with the square root of a value, so that a weight of
0.01 can still be seen beside one of 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from rich.style import Style

from models.ops import Array
from playground.kit.canvas import Canvas
from playground.kit.flow import first_shown
from playground.kit.palette import GLYPHS, LEVELS, Palette

NOTHING = -1  # the level of what a row may not see: the bare background
BROKEN = -2  # the level of what is not a number
MINUS = "·-=≡"  # glyphs for less than nothing, by size
_CODES = 64  # more than the levels there are


@dataclass(frozen=True, slots=True)
class Axis:
    """How the entries start .. stop of a matrix lie along one direction of the screen.

    They form `groups` of neighbours, as equal as whole numbers allow; each group is `size` pixels long.
    """

    start: int
    stop: int
    groups: int
    size: int = 1

    @classmethod
    def filling(cls, count: int, room: int) -> Axis:
        """All entries: enlarged by a whole number where there is room, grouped where there is not."""
        return cls(0, count, min(count, max(room, 1)), max(room // max(count, 1), 1))

    @classmethod
    def window(cls, count: int, room: int, around: int, size: int = 1) -> Axis:
        """As many single entries as fit the room, `around` among them and in the middle unless that leaves room."""
        shown = min(count, max(room // size, 1))
        start = first_shown(around, count, shown)
        return cls(start, start + shown, shown, size)

    @property
    def length(self) -> int:
        """In pixels."""
        return self.groups * self.size

    @property
    def most(self) -> int:
        """Entries in the largest group."""
        return -(-(self.stop - self.start) // self.groups)

    @property
    def edges(self) -> Array:
        """The first entry of every group, counted from `start`."""
        return np.arange(self.groups) * (self.stop - self.start) // self.groups

    def holds(self, entry: int) -> bool:
        """Whether an entry is shown."""
        return self.start <= entry < self.stop

    def group(self, entry: int) -> int:
        """The group an entry is in, if it is shown."""
        return ((entry - self.start + 1) * self.groups - 1) // (self.stop - self.start)

    def entries(self, first: int, last: int) -> slice:
        """The entries behind the pixels first .. last, which may lie beyond the end."""
        count = self.stop - self.start
        low, high = (max(0, min(pixel // self.size, self.groups - 1)) for pixel in (first, last))
        return slice(self.start + low * count // self.groups, self.start + (high + 1) * count // self.groups)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a matrix stands on a canvas: its corner, and how rows and columns lie on cells."""

    x: int
    y: int
    rows: Axis
    columns: Axis
    a_line: int  # pixels in a line

    @property
    def height(self) -> int:
        """In lines."""
        return -(-self.rows.length // self.a_line)

    @property
    def pooled(self) -> bool:
        """Whether a shade stands for more than one entry."""
        return self.rows.most > 1 or self.columns.most > 1

    @property
    def whole_lines(self) -> bool:
        """Whether every row of the matrix has a line of its own."""
        return self.rows.size >= self.a_line

    def holds(self, row: int, column: int) -> bool:
        """Whether an entry is shown."""
        return self.rows.holds(row) and self.columns.holds(column)

    def line(self, row: int) -> int:
        """The line a row that is shown is on."""
        return self.y + self.rows.group(row) * self.rows.size // self.a_line

    def left(self, column: int) -> int:
        """The first cell of a column that is shown."""
        return self.x + self.columns.group(column) * self.columns.size

    def entries(self, dx: int, dy: int) -> tuple[slice, slice]:
        """The rows and the columns behind a cell, counted from the corner."""
        return self.rows.entries(dy * self.a_line, dy * self.a_line + self.a_line - 1), self.columns.entries(dx, dx)

    def paint(self, canvas: Canvas, values: Array, visible: Array, *, signed: bool = False) -> None:
        """Draw the matrix there."""
        paint(canvas, self.x, self.y, image(values, visible, self.rows, self.columns, signed=signed), signed=signed)

    def write(
        self, canvas: Canvas, values: Array, visible: Array, said: Callable[[float], str], *, signed: bool = False
    ) -> None:
        """What is said of each visible entry on its shade; only where every entry has cells of its own."""
        columns = slice(self.columns.start, self.columns.stop)
        for row in range(self.rows.start, self.rows.stop):
            styles = shades(canvas.palette, values[row, columns], signed=signed)
            for at in np.flatnonzero(visible[row, columns]).tolist():
                column = self.columns.start + at
                canvas.put(self.left(column), self.line(row), said(float(values[row, column])), styles[at])

    def mark(self, canvas: Canvas, cell: tuple[int, int], value: float, said: str, *, signed: bool = False) -> None:
        """The cell under the cursor: what is said of it, or a mark; its shade can still be seen where there is room."""
        (row, column), size = cell, self.columns.size
        style, words = canvas.palette.cursor, said or "◆" * size
        if not said and self.whole_lines and size > 1:
            style, words = shade(canvas.palette, value, signed=signed), f"[{' ' * (size - 2)}]"
        canvas.put(self.left(column), self.line(row), words, style)

    def largest(self, dx: int, dy: int, sizes: Callable[[tuple[slice, slice]], Array]) -> tuple[int, int]:
        """Row and column of the largest of the entries behind a cell."""
        part = self.entries(dx, dy)
        found = sizes(part)
        down, across = divmod(int(found.argmax()), found.shape[1])
        return part[0].start + down, part[1].start + across


def pixels_a_line(palette: Palette) -> int:
    """Two, in half blocks; one where a shade is a glyph."""
    return 1 if palette.glyphs else 2


def image(values: Array, visible: Array, rows: Axis, columns: Axis, *, signed: bool = False) -> Array:
    """Levels (.. rows.length columns.length) of values (.. R C) from 0 to 1, or signed from -1 to 1.

    A pixel that stands for several entries has the level of the largest, signed ones by size; one that stands for
    nothing visible (R C) is NOTHING, one with a NaN is BROKEN.
    """
    seen = visible[rows.start : rows.stop, columns.start : columns.stop]
    lines = _grouped(np.logical_or, seen, rows)
    reach = (lines.shape[1] - lines[:, ::-1].argmax(1)).tolist()  # up to the last visible: half of a causal pattern
    seen = _across(np.logical_or, lines, columns)
    part = values[..., rows.start : rows.stop, columns.start : columns.stop]
    pooled = _across(np.maximum, _grouped(np.maximum, part, rows, reach), columns)
    if signed:
        least = _across(np.minimum, _grouped(np.minimum, part, rows, reach), columns)
        pooled = np.where(pooled >= -least, pooled, least)
    return np.repeat(np.repeat(levels(pooled, seen, signed=signed), rows.size, -2), columns.size, -1)


def levels(values: Array, visible: Array, *, signed: bool = False) -> Array:
    """The palette's level of each value; NOTHING where not visible, BROKEN where not a number."""
    with np.errstate(invalid="ignore"):
        out = np.minimum(np.sqrt(np.abs(values)) * LEVELS, LEVELS - 1).astype(np.int16)
        if signed:
            out = LEVELS - 1 + np.sign(values).astype(np.int16) * out
    out = np.where(np.isfinite(values), out, BROKEN)
    return np.where(visible, out, NOTHING)


def paint(canvas: Canvas, x: int, y: int, picture: Array, *, signed: bool = False) -> None:
    """Draw an image of levels with its upper left corner in (x, y)."""
    if picture.size == 0 or not 0 <= x < canvas.width:
        return
    codes = picture.astype(np.int16) - BROKEN
    if not canvas.palette.glyphs:
        if len(codes) % 2:
            codes = np.concatenate([codes, np.full_like(codes[:1], NOTHING - BROKEN)])
        codes = codes[0::2] * _CODES + codes[1::2]
    lines = codes[: max(canvas.height - y, 0), : canvas.width - x].tolist()
    drawn = _glyph if canvas.palette.glyphs else _halves
    table = {code: drawn(canvas.palette, code, signed) for code in {code for line in lines for code in line}}
    for down, line in enumerate(lines):
        canvas.chars[y + down][x : x + len(line)] = [table[code][0] for code in line]
        canvas.styles[y + down][x : x + len(line)] = [table[code][1] for code in line]


def strip(canvas: Canvas, x: int, y: int, vector: Array, cells: int) -> None:
    """A vector (N) as signed shades on one line, of its own largest number; neighbours together where it is long."""
    size = np.nanmax(np.abs(vector), initial=0.0)
    row = (vector / size if size and np.isfinite(size) else np.where(np.isfinite(vector), 0.0, np.nan))[None]
    axis, along = Axis(0, 1, 1, pixels_a_line(canvas.palette)), Axis(0, len(vector), min(len(vector), cells))
    paint(canvas, x, y, image(row, np.ones_like(row, bool), axis, along, signed=True), signed=True)


def shade(palette: Palette, value: float, *, signed: bool = False) -> Style:
    """Text on the shade that a value has in a picture; a NaN has none."""
    if not np.isfinite(value):
        return palette.contrast
    return palette.shade(float(np.sign(value) * np.sqrt(np.abs(value))), signed=signed)


def shades(palette: Palette, values: Array, *, signed: bool = False) -> list[Style]:
    """The same for many values (N)."""
    places = levels(values, np.ones_like(values, bool), signed=signed).tolist()
    first = dict(zip(reversed(places), reversed(values.tolist()), strict=True))
    table = {level: shade(palette, value, signed=signed) for level, value in first.items()}
    return [table[level] for level in places]


def _grouped(largest: np.ufunc, values: Array, axis: Axis, reach: Sequence[int] | None = None) -> Array:
    """One value a group along the last axis but one, as far as each group reaches; zeros beyond.

    First along memory: most of the work. A loop, as `reduceat` is 10 to 30 times slower there.
    """
    if axis.groups == values.shape[-2]:
        return values
    edges = [*axis.edges.tolist(), axis.stop - axis.start]
    out = np.zeros((*values.shape[:-2], axis.groups, values.shape[-1]), values.dtype)
    for group in range(axis.groups):
        wide = values.shape[-1] if reach is None else reach[group]
        part = values[..., edges[group] : edges[group + 1], :wide]
        largest.reduce(part, axis=-2, out=out[..., group, :wide])
    return out


def _across(largest: np.ufunc, values: Array, axis: Axis) -> Array:
    """One value a group along the last axis."""
    if axis.groups == values.shape[-1]:
        return values
    return _grouped(largest, np.ascontiguousarray(values.swapaxes(-1, -2)), axis).swapaxes(-1, -2)


def _halves(palette: Palette, code: int, signed: bool) -> tuple[str, Style]:
    top, bottom = code // _CODES + BROKEN, code % _CODES + BROKEN
    if BROKEN in (top, bottom):
        return "?", palette.contrast
    return (" " if top == bottom else "▀"), palette.pair(top, bottom, signed=signed)


def _glyph(palette: Palette, code: int, signed: bool) -> tuple[str, Style]:
    level = code + BROKEN
    if level == BROKEN:
        return "?", palette.contrast
    if level == NOTHING:
        return " ", palette.text
    size = level - LEVELS + 1 if signed else level
    steps = MINUS if size < 0 else GLYPHS[1:]  # a zero is a dot: nothing is what may not be seen
    mark = steps[min(abs(size) * len(steps) // LEVELS, len(steps) - 1)]
    return mark, palette.contrast if size < 0 else palette.text
