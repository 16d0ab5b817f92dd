"""Lines of keys that a click presses: the screens at the top, and the keys that matter now at the foot.

One widget for all of them: Textual's own makes one of each, half the time from a loaded model to its picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from playground import text
from playground.cells import cell_len
from playground.kit.canvas import underlined
from playground.kit.flow import first_that_fits
from playground.kit.keys import HELP_TYPING, PROGRAM, STARTS, Key, to_screens
from playground.kit.palette import Palette
from playground.kit.pane_app import Place

LEAST_GAP = 2  # cells between the keys and what stands behind them


class Bar(Widget):
    """One line of keys and what they do."""

    ALLOW_SELECT = False
    apart = " "

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
            written, label = self.look_of(key, palette)
            segments += [Segment(key.written, written), Segment(f" {key.label}{self.apart}", label)]
        line = Strip([*segments, *self.behind(sum(map(self.cells_of, self.fitting())), palette)])
        if line != self.line:
            self.line, self.live = line, None
            self.refresh()

    def behind(self, used: int, palette: Palette) -> list[Segment]:
        """What stands after the keys, which have used so many cells."""
        return [Segment(" ", palette.text)]

    def look_of(self, key: Key, palette: Palette) -> tuple[Style, Style]:
        """Of a key and of its words."""
        return palette.accent, palette.text

    def fitting(self) -> list[Key]:
        """The keys there is room for; the program's own, help and quit among them, before any other."""
        room, kept = self.size.width, []
        ways_out = [key for key in self.keys if key.group == PROGRAM] or list(self.keys[-2:])
        for key in (*ways_out, *(key for key in self.keys if key not in ways_out)):
            room -= self.cells_of(key)
            if room >= -len(self.apart):
                kept.append(key)
        return sorted(kept, key=self.keys.index)

    def render_line(self, y: int) -> Strip:
        """As much of it as there is room for; the key under the mouse is marked."""
        line = self.line.adjust_cell_length(self.size.width, self.rich_style)
        return line if self.live is None else underlined(line, *self.cells(self.live))

    def cells_of(self, key: Key) -> int:
        """How many a key and its words take, and the gap behind them."""
        return cell_len(f"{key.written} {key.label}{self.apart}")

    def cells(self, key: Key) -> tuple[int, int]:
        """Where a key's words begin and end."""
        before = [self.cells_of(each) for each in self.fitting()]
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


class KeyBar(Bar):
    """The footer: keys, and what the pane shows that has them; the meaning of the word under the mouse instead."""

    about: Sequence[str] = ()  # the pane: ways to say it, longest first
    meaning = ""  # of the word

    def behind(self, used: int, palette: Palette) -> list[Segment]:
        """What the pane shows, at the right: as much as can be said whole, since half a sentence helps nobody."""
        room = self.size.width - used - 1
        words = first_that_fits((*self.about, ""), room - LEAST_GAP)
        return [Segment(" " * max(room - cell_len(words), 1), palette.text), Segment(words, palette.muted)]

    def tell(self, meaning: str) -> None:
        """Say this in the place of the keys; nothing brings them back."""
        if meaning != self.meaning:
            self.meaning = meaning
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The meaning, or the keys."""
        if not self.meaning:
            return super().render_line(y)
        words = Strip([Segment(f" {text.cut(self.meaning, max(self.size.width - 2, 1))}", self.rich_style)])
        return words.adjust_cell_length(self.size.width, self.rich_style)


class ScreenRow(Bar):
    """The first line: help, and the screens, that which is shown in the accent."""

    apart = "  "
    here = ""  # the key of the screen that is shown

    def name_screens(self, places: Iterable[Place], kind: str, palette: Palette) -> None:
        """Draw them, that of this kind as the present one."""
        self.here = next((place.key for place in places if place.kind == kind), "")
        self.show([HELP_TYPING, *to_screens(places), STARTS], palette)

    def look_of(self, key: Key, palette: Palette) -> tuple[Style, Style]:
        """As tabs: the present one bright."""
        style = palette.accent if key.keys == self.here else palette.muted
        return style, style
