"""A line of text to fill in, as Textual's, with the cells of the editor: a letter has its marks, and nothing hides."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from rich.text import Text
from textual.widgets import Input
from textual.widgets.input import Selection

from playground.cells import cell_len, clusters
from playground.text import in_place


class Field(Input):
    """The cursor stops where a cell begins, and a click puts it there; the value is kept as it was given."""

    def validate_selection(self, selection: Selection) -> Selection:
        """Never within a cell: a place in the middle of one is its end for who comes from before it, else its start."""
        start, end = super().validate_selection(selection)
        stops = [*accumulate(map(len, clusters(self.value)), initial=0)]
        return Selection(_stop(stops, start, self.selection.start), _stop(stops, end, self.selection.end))

    def action_delete_right(self) -> None:
        """The whole cell at the cursor."""
        if self.selection.is_empty:
            self.action_cursor_right(select=True)
        self.delete_selection()

    @property
    def _value(self) -> Text:
        return Text(in_place(self.value), no_wrap=True, overflow="ignore", end="")

    def _position_to_cell(self, position: int) -> int:
        return cell_len(in_place(self.value)[:position])

    def _cell_offset_to_index(self, offset: int) -> int:
        room, place = offset + self.scroll_offset.x, 0
        for cluster in clusters(in_place(self.value)):
            room -= cell_len(cluster)
            if room < 0:
                break
            place += len(cluster)
        return place


def _stop(stops: Sequence[int], place: int, before: int) -> int:
    if place > before:
        return min(stop for stop in stops if stop >= place)
    return max(stop for stop in stops if stop <= place)
