"""Places of the text as a list, each with what stands before it, so that they can be gone to one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from rich.cells import cell_len, set_cell_size

from playground import text
from playground.compare.scene import CompareScene, CompareView, Finds, find, find_next
from playground.kit.bar import bar
from playground.kit.canvas import Canvas
from playground.kit.flow import first_shown
from playground.kit.pane import Pane
from playground.kit.table import GAP, Column, needed, placed, put_heads, put_row, with_room

TOKEN = 12  # cells of the token's label, at most
CONTEXT = 10  # cells of the text before it, at least, where there are other columns
FIGURE = 6  # cells of a number without a bar
NEXT = "?"  # stands where nothing has come yet


class Found(Pane[CompareScene, CompareView]):
    """A pane that lists places; the view has a cursor for each such list."""

    which: ClassVar[Finds]

    def put_list(
        self, scene: CompareScene, canvas: Canvas, labels: tuple[str, ...], columns: Sequence[Column[int]]
    ) -> None:
        """The places, below the line of sums."""
        Listing(scene, canvas, self.which, labels, scene.found(self.which), scene.cursor(self.which), columns).draw(2)

    def move(self, scene: CompareScene, dx: int, dy: int) -> CompareView:
        """Along the text, or to the next place of the list."""
        return find_next(scene, self.which, dy) if dy else super().move(scene, dx, dy)

    def enter(self, scene: CompareScene) -> CompareView:
        """To the place under the cursor."""
        return find(scene, self.which, scene.cursor(self.which))


@dataclass(frozen=True, eq=False)
class Listing:
    """One drawing of a list."""

    scene: CompareScene
    canvas: Canvas
    which: Finds
    labels: tuple[str, ...]
    places: tuple[int, ...]
    cursor: int
    columns: Sequence[Column[int]]  # the most important first: the last ones go where it is narrow

    def draw(self, y: int) -> None:
        """A head line and as many places as fit, those about the cursor."""
        rows = self.canvas.height - y - 1
        if rows < 1:
            return
        first = first_shown(self.cursor, len(self.places), rows)
        shown = self.places[first : first + rows]
        token = min(max((cell_len(self._label(place)) for place in shown), default=1), TOKEN)
        columns, context = self._fitting(2 + len(str(len(self.places))) + 1, token)
        put_heads(self.canvas, self.canvas.width - needed(columns), y, columns)
        for row, place in enumerate(shown):
            self._row(y + 1 + row, first + row, place, columns, context, token)

    def _fitting(self, start: int, token: int) -> tuple[list[Column[int]], int]:
        """The columns that have room, and the cells of the text before the token."""
        room = self.canvas.width - start - token - GAP
        columns = with_room(self.columns, room - CONTEXT)
        if not columns and room >= GAP + FIGURE:
            columns = [replace(self.columns[0], head="bits", cells=FIGURE, share=None)]
        return columns, max(room - needed(columns), 0)

    def _row(self, y: int, number: int, place: int, columns: Sequence[Column[int]], context: int, token: int) -> None:
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
        start = canvas.width - needed(columns)
        put_row(canvas, start, y, columns, place, palette.strong if here else palette.text)
        for left, column in placed(columns, start):
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
