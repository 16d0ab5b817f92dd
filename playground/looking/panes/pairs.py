"""The table of a bigram as a heat map: which token follows which. The grids of Play and of Compare are drawn here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from rich.style import Style

from models.baselines import Bigram
from models.measures import ranked
from models.ops import Array
from models.tokenizers import Tokenizer
from playground import text
from playground.cells import cell_len, cells, crop
from playground.kit import heatmap
from playground.kit.canvas import Act, Canvas
from playground.kit.flow import first_that_fits, fitting
from playground.kit.heatmap import Axis, Frame
from playground.kit.numbers import counted

MOST = 512  # tokens whose pairs are shown
LABEL = 8  # cells of a row's label
LETTERS = 4  # lines of the columns' labels at most
FIGURE = 5  # cells of a probability

Pair = tuple[int, int]  # a row and a column of the table
See = Callable[..., Any]  # a view, and the `grid` it is to have: another view


@dataclass(frozen=True, eq=False)
class Table:
    """The pairs of the commonest tokens; a place is a row or a column of it."""

    tokens: Array  # N, by id where they are all there are, else the commonest first
    places: Array  # V, the place of each token; -1 if it has none
    counts: Array  # N N
    p: Array  # N N, that the column follows the row

    def inside(self, row: int, column: int) -> Pair:
        """The nearest pair that there is."""
        last = len(self.tokens) - 1
        return max(0, min(row, last)), max(0, min(column, last))


@lru_cache(maxsize=2)
def table_of(bigram: Bigram) -> Table:
    """The table of at most MOST tokens, from the counted pairs alone: V x V need not fit anywhere."""
    V, pairs = bigram.vocab_size, bigram.runs
    first, second = np.divmod(pairs.runs, V)
    totals = np.bincount(first, weights=pairs.counts, minlength=V)
    tokens = np.arange(V) if V <= MOST else np.argsort(-totals, kind="stable")[:MOST]
    places = np.full(V, -1)
    places[tokens] = np.arange(len(tokens))
    rows, columns = places[first], places[second]
    inside = (rows >= 0) & (columns >= 0)
    counts = np.zeros((len(tokens), len(tokens)), np.int64)
    counts[rows[inside], columns[inside]] = pairs.counts[inside]
    p = (counts + bigram.k) / (totals[tokens, None] + bigram.k * V)  # add-k, as the model's own rows are
    return Table(tokens, places, counts, p)


@lru_cache(maxsize=2)
def labels_of(bigram: Bigram, tokenizer: Tokenizer) -> tuple[str, ...]:
    """The tokens of its table, safe to show."""
    return tuple(text.token(tokenizer.token(int(token))) for token in table_of(bigram).tokens)


@dataclass(frozen=True, eq=False)
class Look:
    """How a table is looked at."""

    table: Table
    labels: tuple[str, ...]  # N, safe to show
    row: int  # the cursor's
    column: int
    here: int  # the row of the token looked at; -1 if it has none
    absent: str  # the token looked at, where it has no row
    see: See  # what puts the cursor of a view elsewhere
    zoom: int = 1  # 0 all pairs, several in a cell; 1 a pair a cell or more; 2 a pair a line; 3 and 4 with numbers
    found: frozenset[int] = frozenset()  # rows and columns that are marked

    @classmethod
    def at(
        cls, bigram: Bigram, tokenizer: Tokenizer, before: int | None, came: int | None, cursor: Pair | None, see: See
    ) -> Look:
        """At a token of a text: the cursor is where it was put, else there, at what came after or likeliest will."""
        table = table_of(bigram)
        here, after = (-1 if token is None else int(table.places[token]) for token in (before, came))
        absent = text.token(tokenizer.token(before)) if before is not None and here < 0 else ""
        row = max(here, 0)
        column = after if after >= 0 else int(table.p[row].argmax())
        if cursor is not None:
            row, column = table.inside(*cursor)
        return cls(table, labels_of(bigram, tokenizer), row, column, here, absent, see)

    def moved(self, view: Any, dx: int, dy: int) -> Any:
        """The view with its cursor so far from here; at the edge it is the same."""
        there = self.table.inside(self.row + dy, self.column + dx)
        return view if there == (self.row, self.column) else self.see(view, grid=there)


def reading(width: int) -> str:
    """Which way the table goes, for the note of a title."""
    return "rows: this token, columns: the next" if width >= 50 else "row → next"


class TablePicture:
    """One drawing of a table: all lines below a pane's title."""

    def __init__(self, canvas: Canvas, look: Look) -> None:
        self.canvas, self.palette, self.look, self.table = canvas, canvas.palette, look, look.table
        self.row, self.column, self.labels = look.row, look.column, look.labels
        self.wide = max(map(cell_len, self.labels), default=1)
        self._place()

    def _place(self) -> None:
        """Where the picture stands and how rows and columns lie on cells."""
        count, zoom, a_line = len(self.labels), self.look.zoom, heatmap.pixels_a_line(self.palette)
        self.words = max(min((self.canvas.height - 2) // 3, 3), 0)
        self.label = min(self.wide, LABEL)
        is_all = zoom == 0 and count > self._least_room()
        one = self.wide <= 2 or self.canvas.height < 14 or zoom > 2 or is_all
        self.y = 1 + (1 if one else min(self.wide, LETTERS))
        tall = max(self.canvas.height - self.y - self.words, 1)
        # two letters fit beside a line, two words do not
        self.halved = count > tall and self.wide == 1 and a_line == 2 and zoom < 2
        self.x = 1 + self.label * (2 if self.halved else 1) + 1 if self.canvas.width >= 16 else 0
        room = max(self.canvas.width - self.x, 1)
        if is_all:
            self.columns, self.rows = Axis.filling(count, room), Axis.filling(count, tall * a_line)
        else:
            size = min(self._size(room), room)
            self.columns = Axis.window(count, room, self.column, size)
            self.rows = Axis.window(count, tall * a_line, self.row, 1 if self.halved else a_line)
        self.numbered = self.columns.size > FIGURE
        self.frame = Frame(self.x, self.y, self.rows, self.columns, a_line)

    def _least_room(self) -> int:
        """How many pairs have a pixel of their own in the shorter direction."""
        down = (self.canvas.height - 2 - self.words) * heatmap.pixels_a_line(self.palette)
        return min(self.canvas.width - self.label - 2, down)

    def _size(self, room: int) -> int:
        """Cells of a column."""
        if self.look.zoom > 2:
            return max(FIGURE, min(self.wide, 2 * LABEL) if self.look.zoom > 3 else 0) + 1
        return 2 if self.wide == 2 or 2 * len(self.labels) <= room or self.look.zoom == 2 else 1

    def draw(self) -> None:
        """Part by part."""
        self._column_labels()
        self._row_labels()
        self.frame.paint(self.canvas, self.table.p, self.table.counts > 0)
        if self.numbered:
            self.frame.write(self.canvas, self.table.p, self.table.counts > 0, self._said)
        p = float(self.table.p[self.row, self.column])
        said = self._said(p) if self.numbered else "◆" if self.halved else ""
        self.frame.mark(self.canvas, (self.row, self.column), p, said)
        self.canvas.grid_hit(self.x, self.y, self.columns.length, self.frame.height, self._clicked)
        self._say(self.y + self.frame.height)

    def _clicked(self, dx: int, dy: int) -> Act:
        """The cursor goes there: of several pairs in a cell, to the likeliest."""
        return partial(self.look.see, grid=self.frame.largest(dx, dy, self.table.p.__getitem__))

    def _column_labels(self) -> None:
        """A label above its column; a longer one downwards, letter by letter, as far as there is room."""
        if self.columns.most > 1:
            label = text.cut(self.labels[self.column], 2 * LABEL)
            x = max(self.x, min(self.frame.left(self.column), self.canvas.width - cell_len(label)))
            self.canvas.put(x, self.y - 1, label, self.palette.accent)
            return
        for column in range(self.columns.start, self.columns.stop):
            for y, piece in enumerate(pieces := self._pieces(self.labels[column]), self.y - len(pieces)):
                self.canvas.put(self.frame.left(column), y, piece, self._style(column, self.column))

    def _pieces(self, label: str) -> list[str]:
        """What stands above a column, a line each."""
        size = self.columns.size
        if self.numbered:
            return [text.cut(label, size - 1)]
        pieces = [label] if self.wide <= size else [shown for shown, _ in cells(label)[: self.y - 1]]
        return [piece if cell_len(piece) <= size else "▫" for piece in pieces]

    def _style(self, place: int, cursor: int) -> Style:
        if place == cursor:
            return self.palette.accent
        return self.palette.strong if place in self.look.found else self.palette.muted

    def _row_labels(self) -> None:
        """All that have a line of their own, and the cursor's."""
        if not self.x:
            return
        marks = {row: "•" for row in self.look.found} | {self.look.here: "▸"}
        for row in range(self.rows.start, self.rows.stop):
            second = self.halved and (row - self.rows.start) % 2
            if self.rows.most == 1 or row == self.row:
                label = crop(self.labels[row], self.label)
                x = 1 + (self.label if self.rows.most == 1 and second else 0)
                self.canvas.put(x, self.frame.line(row), label, self._style(row, self.row))
            if row in marks:
                self.canvas.put(0, self.frame.line(row), marks[row], self.palette.accent)

    def _said(self, p: float) -> str:
        """A probability as it stands in its column."""
        return f"{p:.3f}".rjust(self.columns.size - 1) + " "

    # words ---------------------------------------------------------------------------------------------------------

    def _name(self, place: int) -> str:
        return f"'{text.cut(self.labels[place], 2 * LABEL)}'"

    def _say(self, y: int) -> None:
        """The cursor's pair, which part of the table is shown, and what else follows the row."""
        count = int(self.table.counts[self.row, self.column])
        times = f"seen {counted(count, 'time')}" if count else "never seen"
        p = float(self.table.p[self.row, self.column])
        pair = f"{self._name(self.column)}: {p:.3f}"
        after = f"after {self._name(self.row)} comes {pair}"
        said = first_that_fits([f"{after}, {times}", after, f"then {pair}", f"{p:.3f}"], self.canvas.width)
        lines = [(said, self.palette.strong), (self._part(), self.palette.muted), (self._ranking(), self.palette.muted)]
        for words, style in lines[: self.words]:
            self.canvas.put(0, y, words, style)
            y += bool(words)

    def _ranking(self) -> str:
        """What follows the row, likeliest first, as much as fits."""
        p = self.table.p[self.row]
        parts = [f"after {self._name(self.row)}:", *(f"{self._name(at)} {p[at]:.3f}" for at in ranked(p, 40).tolist())]
        return fitting(parts, self.canvas.width, " ") or parts[0]

    def _part(self) -> str:
        """Empty where the whole table is shown, a pair a cell."""
        said = []
        if len(self.labels) < len(self.table.places):
            said.append(f"the {len(self.labels)} commonest of {len(self.table.places):,} tokens")
            if self.look.absent:
                said.insert(0, f"'{text.cut(self.look.absent, 2 * LABEL)}' is not among them")
        if self.frame.pooled:
            said.append(f"a point is the likeliest of up to {self.rows.most} × {self.columns.most} pairs")
        for axis, what in ((self.rows, "rows"), (self.columns, "columns")):
            if axis.stop - axis.start < len(self.labels):
                said.append(f"{what} {axis.start}-{axis.stop - 1} of {len(self.labels)}")
        return fitting(said, self.canvas.width)
