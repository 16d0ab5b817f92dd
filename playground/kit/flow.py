"""Pieces of text over the lines of a pane: tokens that wrap, and short statements of which as many stand as fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from rich.style import Style

from playground import text
from playground.cells import cell_len, chop, wrap
from playground.kit.canvas import Canvas, Live

BETWEEN = " · "
_NEXT = re.compile(r"(?<=[.!?]) ")  # where the next sentence begins

Part = tuple[str, Style]
NOTHING: Mapping[str, Live] = {}


@dataclass(frozen=True, slots=True)
class Unit:
    """What stands together: a token's label, or one cell of a text that is being typed. Safe to show."""

    shown: str
    token: int = -1  # its position in the line of tokens; -1 for none
    at: int = -1  # its place in the text that is being typed; -1 for none
    long: int = 1  # so many characters of that text
    mark: str = ""  # before it, in a style of its own
    opens: bool = False  # a line may begin with it
    gap: bool = False  # a blank cell before it, except at the start of a line
    breaks: bool = False  # the line ends after it
    cells: int = field(init=False, repr=False, compare=False)  # how wide it is, less its gap

    def __post_init__(self) -> None:
        """Measured once: a line asks again and again."""
        object.__setattr__(self, "cells", cell_len(self.mark) + cell_len(self.shown))

    def holds(self, caret: int | None) -> bool:
        """Whether the caret stands on it."""
        return caret is not None and 0 <= self.at <= caret < self.at + self.long


Line = list[tuple[int, Unit]]  # each with its x


def flow(units: Iterable[Unit], width: int) -> list[Line]:
    """The units over lines of so many cells, each with its x; words stay whole where a line holds them."""
    lines: list[list[Unit]] = []
    line: list[Unit] = []
    used = 0
    for unit in (part for each in units for part in _chopped(each, width)):
        cells = unit.cells
        while line and used + unit.gap + cells > width:
            cut = _break(line, unit)
            lines.append(line[:cut])
            line = line[cut:]
            used = sum(each.gap + each.cells for each in line) - (line[0].gap if line else 0)
        used += cells + (unit.gap if line else 0)
        line.append(unit)
        if unit.breaks:
            lines.append(line)
            line, used = [], 0
    return [_placed(line) for line in (*lines, line) if line]


@lru_cache(maxsize=32)
def token_lines(
    labels: tuple[str, ...], width: int, gap: bool, *, least: int = 1, most: int = 0, ends: str = "", first: int = 0
) -> list[Line]:
    """Tokens from the `first` on over lines of so many cells, none broken: each in `least` to `most` cells, 0 for any.

    Where a label ends with `ends`, its line does, too.
    """
    most = max(min(most or width, width), 1)
    units = (
        Unit(text.fit(label, min(max(cell_len(label), least), most)), at, opens=True, gap=gap, breaks=label[-1] == ends)
        for at, label in enumerate(labels[first:], first)
    )
    return flow(units, width)


def unit_at(line: Line, x: int) -> Unit:
    """The unit that a cell of the line belongs to, with the gap after it."""
    return [unit for start, unit in line if start <= x][-1]


def token_away(lines: Sequence[Line], token: int, by: int) -> int | None:
    """The token so many lines below this one, as near to straight below as can be; None where there is no such line.

    One without a unit, as part of a character that has several, stands where the one before it does.
    """
    upto = [(unit.token, n, x) for n, line in enumerate(lines) for x, unit in line if unit.token <= token]
    _, here, x = max(upto, key=lambda each: each[0], default=(-1, 0, 0))
    if not 0 <= here + by < len(lines):
        return None
    return min(lines[here + by], key=lambda each: abs(each[0] - x))[1].token


def say(canvas: Canvas, x: int, y: int, parts: Sequence[Part], live: Mapping[str, Live] = NOTHING) -> None:
    """Write as many of the parts, from the first on, as fit; `live` says what parts do, by their words."""
    for index, (words, style) in enumerate(parts):
        if index and x + len(BETWEEN) + cell_len(words) > canvas.width:
            break
        x = canvas.put(x, y, BETWEEN if index else "", canvas.palette.muted)
        if words in live:
            canvas.live(x, y, cell_len(words), 1, live[words])
        x = canvas.put(x, y, words, style)


def say_what_fits(canvas: Canvas, parts: Sequence[tuple[int, Part]], live: Mapping[str, Live] = NOTHING) -> None:
    """Write the parts on one line, in their places; where they do not fit, those with the largest numbers go first."""
    kept = list(parts)
    while len(kept) > 1 and cell_len(BETWEEN.join(words for _, (words, _) in kept)) > canvas.width:
        kept.remove(max(kept, key=lambda part: part[0]))
    say(canvas, 0, 0, [part for _, part in kept], live)


def over_lines(parts: Iterable[Part], width: int) -> list[list[Part]]:
    """The parts over as many lines as they need, for `say`."""
    lines: list[list[Part]] = []
    used = width
    for words, style in parts:
        wide = len(BETWEEN) + cell_len(words)
        if used + wide > width:
            lines.append([])
            used = -len(BETWEEN)
        lines[-1].append((words, style))
        used += wide
    return lines


def sentences(words: str) -> list[str]:
    """One after the other."""
    return _NEXT.split(words)


def fitting(parts: Sequence[str], cells: int, between: str = BETWEEN) -> str:
    """As many of the parts, from the first on, as fit into so many cells."""
    return first_that_fits([between.join(parts[:count]) for count in range(len(parts), -1, -1)], cells)


def first_that_fits(ways: Sequence[str], cells: int) -> str:
    """The first of several ways to say it, longest first; the last where none fits."""
    return next((way for way in ways if cell_len(way) <= cells), ways[-1])


def first_shown(cursor: int, count: int, rows: int) -> int:
    """The first of `count` lines to show in so many rows: that of the cursor in their middle, and no row left empty."""
    return max(0, min(cursor - rows // 2, count - rows))


def headline(canvas: Canvas, title: str, parts: Sequence[str]) -> None:
    """A pane's title, and as many of the parts as fit beside it."""
    canvas.title(title, fitting(parts, canvas.beside(title)))


def nothing(canvas: Canvas, title: str, words: str) -> None:
    """A pane that has nothing to show, and what to do about it."""
    canvas.title(title)
    paragraph(canvas, 1, words, canvas.palette.muted)


def paragraph(canvas: Canvas, y: int, words: str, style: Style) -> None:
    """Write words over as many lines as they need."""
    for line in wrap(words, canvas.width):
        canvas.put(0, y, line, style)
        y += 1


def _chopped(unit: Unit, width: int) -> list[Unit]:
    """The unit, in pieces where it is wider than a line."""
    if unit.cells <= width or not unit.shown:
        return [unit]
    chunks = chop(unit.shown, width, width - cell_len(unit.mark))
    parts = [replace(unit, shown=chunk, mark="", gap=False, breaks=False) for chunk in chunks]
    parts[0] = replace(parts[0], mark=unit.mark, gap=unit.gap)
    parts[-1] = replace(parts[-1], breaks=unit.breaks)
    return parts


def _break(line: Sequence[Unit], following: Unit) -> int:
    """How many of the line's units stay when `following` no longer fits."""
    if following.opens:
        return len(line)
    return next((place for place in range(len(line) - 1, 0, -1) if line[place].opens), len(line))


def _placed(line: Sequence[Unit]) -> Line:
    x = 0
    out: Line = []
    for unit in line:
        x += unit.gap if out else 0
        out.append((x, unit))
        x += unit.cells
    return out
