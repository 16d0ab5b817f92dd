"""How who said it is drawn: a waterfall of what parts wrote, columns of numbers, and what they say in words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate

import numpy as np
from rich.style import Style

from playground import text
from playground.cells import cell_len, wrap
from playground.inside.panes.written import (
    BIASES,
    Line,
    Who,
    WhoLook,
    carrier,
    gone_words,
    lines_of,
    look_of,
    plain,
    signed,
    verdict,
)
from playground.inside.scene import InsideScene, InsideView
from playground.kit import numbers
from playground.kit.bar import floating
from playground.kit.canvas import Canvas
from playground.kit.flow import first_shown, first_that_fits

TITLE = "Who said it"
NAME = 18  # cells of a part's name, at most
LEAST = 12  # cells of a waterfall that is worth drawing
ROOMY, SHORT = 24, 9  # cells of a waterfall beside which columns have their whole names; and of a column that has not
FINEST = 0.1  # nats that a waterfall spans, at least: what is next to nothing looks like it
LOUDEST = 0.6  # of the ramp, for what is lost, and for what is carried over
UNPAIRED = "what each part carries over from another text stands here once the pane Patching has one: f takes it there"


@dataclass(frozen=True)
class Figure:
    """A column of numbers."""

    what: str
    head: str
    short: str
    cells: int  # with the gap before it


WRITTEN = Figure("written", "written", "written", 10)
LOST = Figure("lost", "lost when off", "when off", 15)
CARRIED = Figure("carried", "carried", "carried", 9)
BEFORE = Figure("before", "before", "before", 9)
WEIGHT = Figure("beside", "weight", "weight", 9)
FIRES = Figure("beside", "fires", "fires", 9)


def to_line(view: InsideView, look: WhoLook, line: int) -> InsideView:
    """The cursor on a line."""
    return view.looking(replace(look, line=line))


class Picture:
    """One drawing."""

    def __init__(self, scene: InsideScene, who: Who, canvas: Canvas) -> None:
        self.scene, self.who, self.canvas, self.palette = scene, who, canvas, canvas.palette
        self.look, self.unit = look_of(scene), canvas.unit
        self.lines = lines_of(scene)
        self.cursor = max(min(self.look.line, len(self.lines) - 1), 0)
        self.name = min(max((cell_len(line.name) for line in self.lines), default=4) + 2, NAME, canvas.width // 2)
        self.columns = self._columns()
        self.bar = canvas.width - self.name - 1 - sum(column.cells for column in self.columns)
        if self.bar < LEAST:
            self.bar = 0
        start = self.name + (self.bar + 1 if self.bar else 0)
        self.rights = [start + cells for cells in accumulate(column.cells for column in self.columns)]
        self.ends = np.cumsum([line.value for line in self.lines])

    def draw(self) -> None:
        """Title, heads, lines, sum, words."""
        self._title()
        if not self.lines:
            into = self.look.into
            said = f"a switch sets what {into} writes: nothing inside it does · ⌫ goes back up"
            for y, line in enumerate(wrap(said, self.canvas.width), 1):
                self.canvas.put(0, y, line, self.palette.muted)
            return
        words = self._words()
        room = max(self.canvas.height - 3, 1)
        words = words[: max(room * 2 // 5, min(room - 4, 2), room - len(self.lines), 0)]
        shown = min(len(self.lines), max(room - len(words), 1))
        self._heads()
        first = first_shown(self.cursor, len(self.lines), shown)
        for y, place in enumerate(range(first, first + shown), 2):
            self._line(y, place)
        self._sum(2 + shown)
        gap = 3 + shown + len(words) < self.canvas.height
        for y, (line, style) in enumerate(words, 3 + shown + gap):
            self.canvas.put(0, y, line, style)

    def _title(self) -> None:
        """Whose score it is, and what was gone into."""
        found, scene = self.who.found, self.scene
        said = f"'{scene.next_label(found.token, found.row)}'"
        if found.against is not None:
            said += f" against '{scene.next_label(found.against, found.row)}'"
        after = f"after '{scene.play.labels[found.row]}'"
        if self.look.into is not None:
            name = "biases" if self.look.into == BIASES else str(self.look.into)
            said = f"{name}: {said}"
        ways = [f"{said} {after} · in {self.unit.name}", f"{said} {after}", said, ""]
        self.canvas.title(TITLE, first_that_fits(ways, self.canvas.beside(TITLE)))

    def _columns(self) -> list[Figure]:
        """The most important first: the last ones go where it is narrow."""
        into = self.look.into
        if into is None:
            carried = [CARRIED] if self.who.other and not self.who.unpaired else []
            wanted = [WRITTEN, LOST, *carried, *([BEFORE] if self.who.was is not None else [])]
        else:
            wanted = [WRITTEN] if into == BIASES else [WRITTEN, FIRES if into.head is None else WEIGHT]
        if self.name + sum(each.cells for each in wanted) + ROOMY > self.canvas.width:
            wanted = [replace(each, head=each.short, cells=SHORT) for each in wanted]
        while len(wanted) > 1 and self.name + sum(each.cells for each in wanted) + LEAST > self.canvas.width:
            wanted.pop()
        return wanted

    def _heads(self) -> None:
        """The scale of the bars, and the columns' names."""
        canvas, palette = self.canvas, self.palette
        low, high = self._range()
        if self.bar:
            ends = canvas.put(self.name, 1, plain(low * self.unit.nat), palette.muted)
            highest = plain(high * self.unit.nat)
            if ends + cell_len(highest) < self.name + self.bar:
                canvas.right(self.name + self.bar, 1, highest, palette.muted)
        for right, column in zip(self.rights, self.columns, strict=True):
            canvas.right(right, 1, column.head, palette.muted)

    def _range(self) -> tuple[float, float]:
        """From the lowest point of the waterfall to the highest, nothing among them."""
        known = self.ends[np.isfinite(self.ends)]
        low, high = float(known.min(initial=0.0)), float(known.max(initial=0.0))
        return low, max(high, low + FINEST)

    def _line(self, y: int, place: int) -> None:
        canvas, palette, line = self.canvas, self.palette, self.lines[place]
        here = place == self.cursor
        canvas.put(0, y, "▸" if here else " ", palette.accent)
        style = palette.cursor if here and canvas.focused else palette.strong if here else palette.text
        canvas.put(1, y, text.cut(line.name, self.name - 2), style)
        start = float(self.ends[place - 1]) if place else 0.0
        self._bar(y, start, float(self.ends[place]), palette.contrast if line.value < 0 else palette.bar(0.5))
        for right, column in zip(self.rights, self.columns, strict=True):
            words, style = self._figure(line, column.what)
            canvas.right(right, y, words, style)
        canvas.hit(0, y, canvas.width, 1, partial(to_line, look=self.look, line=place))

    def _figure(self, line: Line, column: str) -> tuple[str, Style]:
        palette = self.palette
        if column == WRITTEN.what:
            said = signed(line.value * self.unit.nat)
            return said, palette.contrast if said.startswith("-") else palette.text
        if column == BEFORE.what:
            return ("" if math.isnan(line.was) else signed(line.was * self.unit.nat)), palette.muted
        if column == CARRIED.what:
            waits = line.part is not None and line.part.patched is not None
            return self._tried(line.carried, line.carried, waits)
        if column != LOST.what:
            return ("" if math.isnan(line.beside) else numbers.fixed(line.beside, 2)), palette.muted
        if line.off:
            return "✕ off", palette.contrast
        most = max((each.beside for each in self.lines if each.beside > 0), default=1.0)
        return self._tried(line.beside * self.unit.bit, line.beside / most, self._waits(line))

    def _tried(self, value: float, share: float, waits: bool) -> tuple[str, Style]:
        """What was found by trying, shaded by how much of the most that is."""
        if math.isnan(value):
            return ("…" if waits else ""), self.palette.muted
        said = f" {plain(value)}"
        return said, self.palette.shade(min(share, 1.0) * LOUDEST) if share > 0 else self.palette.muted

    def _waits(self, line: Line) -> bool:
        return line.part is not None and line.part.off is not None

    def _bar(self, y: int, start: float, stop: float, style: Style) -> None:
        """A bar that begins where the one before ended, over a line where nothing is."""
        if not self.bar:
            return
        low, high = self._range()
        zero = min(int(-low / (high - low) * self.bar), self.bar - 1)
        self.canvas.put(self.name + zero, y, "│", self.palette.faint)
        x, shown = floating((start - low) / (high - low), (stop - low) / (high - low), self.bar)
        self.canvas.put(self.name + x, y, shown, style)

    def _sum(self, y: int) -> None:
        """All lines together; of all parts, how far that is from the score."""
        canvas, palette, total = self.canvas, self.palette, float(self.ends[-1])
        canvas.put(1, y, "= sum", palette.strong)
        self._bar(y, 0.0, total, palette.accent)
        canvas.right(self.rights[0], y, signed(total * self.unit.nat), palette.strong)

    def _words(self) -> list[tuple[str, Style]]:
        """The line under the cursor, where the columns disagree, how exact it is, what cannot be split."""
        found, palette = self.who.found, self.palette
        said = [(self._under_cursor(), palette.text)]
        if self.look.into is None:
            told = verdict(found, self.who.lost, self.unit)
            said = [(told, palette.strong), *said, self._pair()]
            exact = f"logit {numbers.fixed(found.logit, 3, 'NaN')}, of which the sum is off by {found.error:.1e}"
            said += [(exact, palette.muted), *((f"{each}", palette.contrast) for each in found.unsplit)]
        return [(line, style) for words, style in said if words for line in wrap(words, self.canvas.width)]

    def _pair(self) -> tuple[str, Style]:
        """What 'carried over' is from and to, and by what most; or why there is none."""
        who, muted = self.who, self.palette.muted
        other = f"'{text.visible(who.other.strip())}'"
        if not who.other:
            return UNPAIRED, muted
        if who.unpaired:
            return f"nothing is carried over from {other}: {text.visible(who.unpaired)}", muted
        if who.carried is None:
            return f"carried over from {other} ...", muted
        own, new = (self.scene.next_label(token, who.found.row) for token in who.carried.answers)
        said = f"carried: from '{own}' (0) to '{new}' (1){carrier(who)}"
        return f"{said} · as in {other}", self.palette.text

    def _under_cursor(self) -> str:
        line, unit = self.lines[self.cursor], self.unit
        written = f"{line.name.strip()} writes {signed(line.value * unit.nat)} {unit.name}"
        keys = [word for word, can in (("⏎ goes into it", line.opens), ("x switches it off", self._waits(line))) if can]
        if line.off:
            keys = ["x switches it on again"]
        return " · ".join([written + self._top(line), *self._comes_along(line), *keys])

    def _top(self, line: Line) -> str:
        """What the model says without the part."""
        if line.part is None or line.part not in self.who.found.parts or math.isnan(line.beside):
            return ""
        token = int(self.who.lost.top[self.who.found.parts.index(line.part)])
        says = self.scene.next_label(token, self.who.found.row)
        return f"; off, {gone_words(line.beside * self.unit.bit)} and it says '{says}'"

    def _comes_along(self, line: Line) -> list[str]:
        """How much of the other answer comes with the part, and with what it writes at this position alone."""
        if math.isnan(line.carried):
            return []
        return [f"carries {plain(line.carried)} over, {plain(line.at_last)} by this place alone"]
