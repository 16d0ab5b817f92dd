"""Columns beside one another: which of them have room, where they begin, and how words stand in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.style import Style

from playground.cells import cell_len
from playground.kit.bar import bar
from playground.kit.canvas import Canvas
from playground.text import cut

GAP = 2  # cells before each column
FIGURE = 6  # cells of a number beside a bar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """What is told of each row in so many cells: at their right end, or at the left."""

    head: str
    cells: int
    words: Callable[[Row], str]
    left: bool = False
    share: Callable[[Row], float] | None = None  # of a bar before its number
    style: Style | None = None  # where it is not the row's

    def put(self, canvas: Canvas, x: int, y: int, words: str, style: Style) -> None:
        """Write words in it, cut to its cells."""
        shown = cut(words, self.cells)
        canvas.put(x if self.left else x + self.cells - cell_len(shown), y, shown, style)


def with_room(columns: Iterable[Column[Row]], room: int) -> list[Column[Row]]:
    """As many as fit into so many cells, from the first on, each with its gap."""
    kept = []
    for column in columns:
        room -= GAP + column.cells
        if room < 0:
            break
        kept.append(column)
    return kept


def needed(columns: Iterable[Column[Row]]) -> int:
    """Cells for all of them, each with its gap."""
    return sum(GAP + column.cells for column in columns)


def _placed(columns: Iterable[Column[Row]], x: int) -> Iterator[tuple[int, Column[Row]]]:
    """Each with where it begins; the gap of the first one begins at x."""
    for column in columns:
        yield x + GAP, column
        x += GAP + column.cells


def put_heads(canvas: Canvas, x: int, y: int, columns: Sequence[Column[Row]]) -> None:
    """The head line."""
    for left, column in _placed(columns, x):
        column.put(canvas, left, y, column.head, canvas.palette.muted)


def put_row(canvas: Canvas, x: int, y: int, columns: Sequence[Column[Row]], row: Row, style: Style) -> None:
    """What the columns tell of a row."""
    for left, column in _placed(columns, x):
        column.put(canvas, left, y, column.words(row), column.style or style)
        if column.share is not None:
            share = column.share(row)
            canvas.put(left, y, bar(share, column.cells - FIGURE - GAP), canvas.palette.bar(share))
