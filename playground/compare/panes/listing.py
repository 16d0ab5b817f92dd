"""Places of the text as a list, each with what stands before it, so that they can be gone to one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import ClassVar

from models.ops import Array
from models.units import Unit
from playground import text
from playground.cells import cell_len, crop, tail
from playground.compare.panes.pane_kinds import NEXT, TextPane
from playground.compare.scene import Compared, CompareScene, CompareView, Finds, find, find_next
from playground.kit import numbers
from playground.kit.canvas import Canvas
from playground.kit.flow import Part, first_shown, say
from playground.kit.table import FIGURE, GAP, Column, needed, put_heads, put_row, with_room

TOKEN = 12  # cells of the token's label, at most
CONTEXT = 10  # cells of the text before it, at least, where there are other columns


class Found(TextPane):
    """A pane that lists places; the view has a cursor for each such list."""

    which: ClassVar[Finds]

    def put_list(
        self, scene: CompareScene, results: Compared, canvas: Canvas, sums: list[Part], columns: Sequence[Column[int]]
    ) -> None:
        """A line about all of the places, and below it the list of them."""
        say(canvas, 0, 1, sums)
        if canvas.height > 3:
            _Listing(scene, results, canvas, self.which, columns).draw()

    def move(self, scene: CompareScene, dx: int, dy: int) -> CompareView:
        """Along the text, or to the next place of the list."""
        return find_next(scene, self.which, dy) if dy else super().move(scene, dx, dy)

    def enter(self, scene: CompareScene) -> CompareView:
        """To the place under the cursor."""
        return find(scene, self.which, scene.cursor(self.which))


def barred(head: str, cells: int, bits: Array, places: Array, unit: Unit, sign: str = "") -> Column[int]:
    """Surprise at each place beside a bar, which is whole at the first of the places."""
    most = float(bits[places[0]]) if places.size else 1.0
    return Column(
        head,
        cells,
        lambda place: f"{sign}{numbers.bits(float(bits[place]), unit)}",
        share=lambda place: float(bits[place]) / most if isfinite(most) else 1.0,
    )


class _Listing:
    """One drawing of a list: a head line and as many places as fit, those about the cursor."""

    def __init__(
        self,
        scene: CompareScene,
        results: Compared,
        canvas: Canvas,
        which: Finds,
        columns: Sequence[Column[int]],  # the most important first: the last ones go where it is narrow
    ) -> None:
        self.scene, self.canvas, self.palette, self.which = scene, canvas, canvas.palette, which
        self.labels = (*results.labels, NEXT)
        places, self.cursor = scene.found(which), scene.cursor(which)
        rows = canvas.height - 3
        first = first_shown(self.cursor, len(places), rows)
        self.shown = [*enumerate(places)][first : first + rows]
        self.token = min(max((cell_len(self.labels[place]) for _, place in self.shown), default=1), TOKEN)
        self.start = 2 + len(str(len(places))) + 1
        room = canvas.width - self.start - self.token - GAP
        self.columns = with_room(columns, room - CONTEXT)
        if not self.columns and room >= GAP + FIGURE:
            self.columns = [replace(columns[0], head=canvas.unit.name, cells=FIGURE, share=None)]
        self.context = max(room - needed(self.columns), 0)  # cells of the text before the token

    def draw(self) -> None:
        """From the third line on."""
        put_heads(self.canvas, self.canvas.width - needed(self.columns), 2, self.columns)
        for y, (number, place) in enumerate(self.shown, 3):
            self._row(y, number, place)

    def _row(self, y: int, number: int, place: int) -> None:
        canvas, palette, label = self.canvas, self.palette, self.labels[place]
        here = place == self.scene.place
        canvas.put(0, y, "▸" if here else " ", palette.accent)
        canvas.right(self.start - 1, y, str(number + 1), palette.muted)
        canvas.put(self.start, y, self._before(place), palette.muted)
        x = self.start + self.context + (1 if self.context else 0)
        if number == self.cursor and canvas.focused:
            canvas.put(x, y, text.fit(label, self.token), palette.cursor)
        else:
            canvas.put(x, y, text.cut(label, self.token), palette.strong)
        style = palette.strong if here else palette.text
        put_row(canvas, canvas.width - needed(self.columns), y, self.columns, place, style)
        canvas.hit(0, y, canvas.width, 1, lambda _: find(self.scene, self.which, number))

    def _before(self, place: int) -> str:
        """The end of the text before a place, in exactly the cells that are left for it."""
        cells, shown = self.context, ""
        while place and cell_len(shown) <= cells:
            place -= 1
            shown = self.labels[place] + " " * (self.scene.apart and bool(shown)) + shown
        if cell_len(shown) <= cells:
            return " " * (cells - cell_len(shown)) + shown
        return crop("…" + tail(shown, cells - 1), cells)
