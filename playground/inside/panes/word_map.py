"""The map of words: each where it lies along the two directions in which they differ most."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from rich.style import Style

from models.lenses.inside.word_groups import EVERY
from models.ops import Array
from playground import text
from playground.cells import cell_len
from playground.inside.panes.word_found import OnMap, WordsLook
from playground.inside.scene import InsideView
from playground.kit import numbers
from playground.kit.canvas import Act, Canvas
from playground.kit.chart import Chart, Ruler
from playground.kit.flow import headline, say

LABEL = 14  # cells of a word, at most
ARROWS = 20  # pairs that are all drawn; of more only that of the chosen word
TALL = 2  # a cell is so many times as high as it is wide
ABOVE, BELOW = 2, 1  # lines of words around the map
FIRST, SECOND, OTHER = "○", "●", "·"


def draw_map(canvas: Canvas, found: OnMap, look: WordsLook, title: str) -> None:
    """Title with what it keeps, arrows, words, and a line about the chosen one."""
    kept = numbers.percent(found.flat.share)
    zoom = (f"{2**look.zoom} times as large",) if look.zoom else ()
    count = numbers.counted(len(found.keys), found.things)
    name = f"all {count}" if found.name == EVERY else f"{found.name}, {count}"
    headline(canvas, title, [f"flat, {kept} of the variance is kept", *zoom, name])
    chosen = found.row(look.word)
    _above(canvas, found)
    if canvas.height > ABOVE + BELOW:
        _Drawing(canvas, found, look, chosen).draw()
        _below(canvas, found, chosen)


def step(found: OnMap, key: int | None, dx: int, dy: int) -> int:
    """The word next to the chosen one that way, as near to straight as can be; the same where there is none."""
    places, here = found.flat.places, found.row(key)
    away = places - places[here]
    along = away @ np.array([np.sign(dx), -np.sign(dy)])
    aside = np.abs(away @ np.array([np.sign(dy), np.sign(dx)]))
    that_way = along > 1e-9
    if not that_way.any():
        return found.keys[here]
    return found.keys[int(np.where(that_way, along + 2 * aside, np.inf).argmin())]


def _above(canvas: Canvas, found: OnMap) -> None:
    palette = canvas.palette
    if len(found.pairs):
        alike = " to ".join(numbers.weight(float(end)) for end in (found.alike.min(), found.alike.max()))
        parts = [(f"{FIRST} to {SECOND}: the arrows of the pairs", palette.muted)]
        parts.append((f"cosine with their mean {alike}", palette.text))
    else:
        first, second = (numbers.percent(float(share)) for share in found.flat.kept)
        parts = [(f"across {first}, up {second}", palette.muted)]
        parts.append(("near on the map need not be near", palette.muted))
    say(canvas, 0, 1, parts)


def _below(canvas: Canvas, found: OnMap, chosen: int) -> None:
    palette, parts = canvas.palette, [(found.labels[chosen], canvas.palette.strong)]
    for number in np.flatnonzero((found.pairs == chosen).any(-1)).tolist()[:1]:
        other = found.pairs[number][found.pairs[number] != chosen]
        partner = found.labels[int(other[0])] if len(other) else ""
        parts.append(
            (f"with {partner}: its arrow {numbers.weight(float(found.alike[number]))} with the mean", palette.text)
        )
    say(canvas, 0, canvas.height - 1, [*parts, ("Enter: its neighbours", palette.muted)])


@dataclass(frozen=True)
class _Drawing:
    canvas: Canvas
    found: OnMap
    look: WordsLook
    chosen: int

    @property
    def high(self) -> int:
        return self.canvas.height - ABOVE - BELOW

    def draw(self) -> None:
        """Arrows below, words above them."""
        chart = self._chart()
        self._arrows(chart)
        self._words(chart)

    def _chart(self) -> Chart:
        """All words where nothing is enlarged; else those about the chosen one."""
        places, wide, high = self.found.flat.places, self.canvas.width, self.high
        low, top = places.min(0), places.max(0)
        middle = places[self.chosen] if self.look.zoom else (low + top) / 2
        room = max(wide - LABEL, wide * 2 // 3, 1)  # a word stands at the right of its mark
        across, up = np.maximum(top - low, 1e-9)
        cell = max(across / room, up / (TALL * max(high - 1, 1))) * 1.02 / 2**self.look.zoom  # what a cell is wide
        left = float(middle[0]) - (room if not self.look.zoom else wide) * cell / 2
        half = TALL * high * cell / 2
        x, y = Ruler(left, left + wide * cell), Ruler(float(middle[1]) - half, float(middle[1]) + half)
        return Chart(self.canvas, 0, ABOVE, wide, high, x, y)

    def _arrows(self, chart: Chart) -> None:
        pairs, palette = self.found.pairs, self.canvas.palette
        mine = (pairs == self.chosen).any(-1)
        for pair in pairs if len(pairs) <= ARROWS else pairs[mine]:
            ends = self.found.flat.places[pair]
            chart.line(ends[:, 0], ends[:, 1], palette.accent if self.chosen in pair else palette.faint)

    def _words(self, chart: Chart) -> None:
        """The chosen word and its partner first, then all others where there is room; marks in what is left."""
        places = self.found.flat.places
        across, up = chart.x.share(places[:, 0]), chart.y.share(places[:, 1])
        seen = np.flatnonzero((across >= 0) & (across <= 1) & (up >= 0) & (up <= 1))
        columns = np.minimum((across * chart.wide).astype(int, copy=False), chart.wide - 1)
        rows = np.minimum(((1 - up) * chart.high).astype(int, copy=False), chart.high - 1)
        _, firsts = np.unique(rows[seen] * chart.wide + columns[seen], return_index=True)
        taken = np.zeros((chart.high, chart.wide), bool)
        marks = self._marks()
        first = [row for row in (self.chosen, *self._partners()) if row in set(seen.tolist())]
        others = seen[np.sort(firsts)].tolist()
        bare = []
        for row in [*first, *(row for row in others if row not in first)]:
            x, y = int(columns[row]), int(rows[row])
            if not self._label(row, x, y, marks.get(row, OTHER), taken):
                bare.append((x, y, marks.get(row, OTHER)))
        for x, y, mark in bare:
            if not taken[y, x]:
                self.canvas.put(x, ABOVE + y, mark, self.canvas.palette.muted)
        at = {(int(columns[row]), int(rows[row])): row for row in reversed(others)}
        self.canvas.grid_hit(0, ABOVE, chart.wide, chart.high, partial(self._click, at))

    def _click(self, at: dict[tuple[int, int], int], x: int, y: int) -> Act:
        """The nearest word is chosen."""
        row = min(at, key=lambda place: (place[0] - x) ** 2 + (TALL * (place[1] - y)) ** 2, default=None)
        return partial(choose, self.found.keys[self.chosen if row is None else at[row]])

    def _partners(self) -> list[int]:
        mine = self.found.pairs[(self.found.pairs == self.chosen).any(-1)]
        return [int(row) for row in mine.ravel() if row != self.chosen]

    def _marks(self) -> dict[int, str]:
        firsts = dict.fromkeys(self.found.pairs[:, 0].tolist(), FIRST)
        return firsts | dict.fromkeys(self.found.pairs[:, 1].tolist(), SECOND)

    def _label(self, row: int, x: int, y: int, mark: str, taken: Array) -> bool:
        """The word at the right of its mark, or at the left; whether there was room."""
        words = text.cut(self.found.labels[row], LABEL)
        wide = cell_len(words)
        for start in (x + 1, x - wide):
            if start < 0 or start + wide > taken.shape[1]:
                continue
            left, right = min(x, start), max(x + 1, start + wide)
            if taken[y, max(left - 1, 0) : right + 1].any():
                continue
            taken[y, left:right] = True
            self.canvas.put(x, ABOVE + y, mark, self._style(row))
            self.canvas.put(start, ABOVE + y, words, self._style(row))
            return True
        return False

    def _style(self, row: int) -> Style:
        palette = self.canvas.palette
        if row == self.chosen:
            return palette.cursor if self.canvas.focused else palette.accent
        return palette.accent if row in self._partners() else palette.text


def choose(key: int, view: InsideView) -> InsideView:
    """A word is chosen."""
    return view.looking(replace(view.look(WordsLook), word=key))
