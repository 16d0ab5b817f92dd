"""The footer: the keys that matter now, from the table of keys; a click presses one.

One widget for all of them: Textual's own makes one of each, half the time from a loaded model to its picture.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from playground.cells import cell_len
from playground.kit.canvas import underlined
from playground.kit.keys import PROGRAM, Key
from playground.kit.palette import Palette


class KeyBar(Widget):
    """One line of keys and what they do."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self.keys: tuple[Key, ...] = ()
        self.line = Strip([])
        self.live: Key | None = None  # under the mouse

    def show(self, keys: Sequence[Key], palette: Palette) -> None:
        """Draw these; the terminal hears of it only if they are others than before."""
        self.keys = tuple(keys)
        segments: list[Segment] = []
        for key in self.fitting():
            segments += [Segment(key.written, palette.accent), Segment(f" {key.label} ", palette.text)]
        line = Strip([*segments, Segment(" ", palette.text)])
        if line != self.line:
            self.line, self.live = line, None
            self.refresh()

    def fitting(self) -> list[Key]:
        """The keys there is room for; the program's own, help and quit among them, before any other."""
        room, kept = self.size.width, []
        ways_out = [key for key in self.keys if key.group == PROGRAM] or list(self.keys[-2:])
        for key in (*ways_out, *(key for key in self.keys if key not in ways_out)):
            room -= cell_len(f"{key.written} {key.label} ")
            if room >= -1:
                kept.append(key)
        return sorted(kept, key=self.keys.index)

    def render_line(self, y: int) -> Strip:
        """As much of it as there is room for; the key under the mouse is marked."""
        line = self.line.adjust_cell_length(self.size.width, self.rich_style)
        return line if self.live is None else underlined(line, *self.cells(self.live))

    def cells(self, key: Key) -> tuple[int, int]:
        """Where a key's words begin and end."""
        before = [cell_len(f"{each.written} {each.label} ") for each in self.fitting()]
        at = self.fitting().index(key)
        return sum(before[:at]), sum(before[: at + 1])

    def key_at(self, x: int) -> Key | None:
        """The key whose words stand there."""
        return next((key for key in self.fitting() if x in range(*self.cells(key))), None)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """A key is marked under the mouse."""
        self._mark(self.key_at(event.x))

    def on_leave(self) -> None:
        """Nothing is under the mouse any more."""
        self._mark(None)

    def on_click(self, event: events.Click) -> None:
        """Press the key that stands there."""
        key = self.key_at(event.x)
        if key is not None:
            self.app.simulate_key(key.names[0])

    def _mark(self, key: Key | None) -> None:
        if key != self.live:
            self.live = key
            self.refresh()
