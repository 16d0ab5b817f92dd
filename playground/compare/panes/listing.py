"""Places of the text as a list, each with what stands before it, so that they can be gone to one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from rich.cells import cell_len, set_cell_size

from playground import text
from playground.compare.scene import CompareScene, CompareView, Finds, find
from playground.kit.bar import bar
from playground.kit.canvas import Canvas

TOKEN = 12  # cells of the token's label, at most
CONTEXT = 10  # cells of the text before it, at least, where there are other columns
GAP = 2
FIGURE = 6  # cells of a number without a bar
NEXT = "?"  # stands where nothing has come yet


@dataclass(frozen=True, slots=True)
class Column:
    """What is told of a place: words, at the right of so many cells, and a bar in what they leave."""

    head: str
    cells: int
    words: Callable[[int], str]
    share: Callable[[int], float] | None = None  # of the whole bar
    left: bool = False  # the words stand at the left


@dataclass(frozen=True, eq=False)
class Listing:
    """One drawing of a list."""

    scene: CompareScene
    canvas: Canvas
    which: Finds
    labels: tuple[str, ...]
    places: tuple[int, ...]
    cursor: int
    columns: Sequence[Column]  # the most important first: the last ones go where it is narrow

    def draw(self, y: int) -> None:
        """A head line and as many places as fit, those about the cursor."""
        rows = self.canvas.height - y - 1
        if rows < 1:
            return
        first = max(0, min(self.cursor - rows // 2, len(self.places) - rows))
        shown = self.places[first : first + rows]
        token = min(max((cell_len(self._label(place)) for place in shown), default=1), TOKEN)
        columns, context = self._fitting(2 + len(str(len(self.places))) + 1, token)
        self._head(y, columns)
        for row, place in enumerate(shown):
            self._row(y + 1 + row, first + row, place, columns, context, token)

    def _fitting(self, start: int, token: int) -> tuple[list[tuple[int, Column]], int]:
        """The columns that have room, each with its x, and the cells of the text before the token."""
        columns, room = [*self.columns], self.canvas.width - start - token - GAP
        while len(columns) > 1 and sum(GAP + each.cells for each in columns) + CONTEXT > room:
            columns.pop()
        if columns and GAP + columns[0].cells + CONTEXT > room:
            columns = [replace(columns[0], head="bits", cells=FIGURE, share=None)] if room >= GAP + FIGURE else []
        x = self.canvas.width - sum(GAP + each.cells for each in columns) + GAP
        placed = []
        for each in columns:
            placed.append((x, each))
            x += each.cells + GAP
        return placed, max(room - sum(GAP + each.cells for each in columns), 0)

    def _head(self, y: int, columns: Sequence[tuple[int, Column]]) -> None:
        muted = self.canvas.palette.muted
        for x, column in columns:
            head = text.cut(column.head, column.cells)
            self.canvas.put(x if column.left else x + column.cells - cell_len(head), y, head, muted)

    def _row(
        self, y: int, number: int, place: int, columns: Sequence[tuple[int, Column]], context: int, token: int
    ) -> None:
        canvas, palette = self.canvas, self.canvas.palette
        here = place == self.scene.place
        digits = len(str(len(self.places)))
        canvas.put(0, y, "▸" if here else " ", palette.accent)
        canvas.right(2 + digits, y, str(number + 1), palette.muted)
        x = 2 + digits + 1
        canvas.put(x, y, self._before(place, context), palette.muted)
        x += context + (1 if context else 0)
        at_cursor = number == self.cursor and canvas.focused
        style = palette.cursor if at_cursor else palette.strong
        canvas.put(
            x, y, text.fit(self._label(place), token) if at_cursor else text.cut(self._label(place), token), style
        )
        for left, column in columns:
            words = text.cut(column.words(place), column.cells)
            at = left if column.left else left + column.cells - cell_len(words)
            canvas.put(at, y, words, palette.strong if here else palette.text)
            if column.share is not None:
                share = column.share(place)
                canvas.put(left, y, bar(share, column.cells - FIGURE - GAP), palette.bar(share))
        canvas.hit(0, y, canvas.width, 1, partial(self._gone_to, number))

    def _gone_to(self, number: int, view: CompareView) -> CompareView:
        return find(self.scene, self.which, number)

    def _label(self, place: int) -> str:
        return self.labels[place] if place < len(self.labels) else NEXT

    def _before(self, place: int, cells: int) -> str:
        """The end of the text before a place, in exactly so many cells."""
        apart = " " if self.scene.tokenizer is not None and self.scene.tokenizer.kind != "char" else ""
        shown = ""
        while place and cell_len(shown) <= cells:
            place -= 1
            shown = self.labels[place] + apart * bool(shown) + shown
        if cell_len(shown) <= cells:
            return " " * (cells - cell_len(shown)) + shown
        while cell_len(shown) >= cells > 0:
            shown = shown[1:]
        return set_cell_size("…" + shown, cells)
