"""The board: every pane of a screen as a widget, placed by its arrangement, drawn from one scene."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.layout import Layout
from textual.message import Message
from textual.widget import Widget

from models.units import Unit
from playground.kit import editor
from playground.kit.canvas import Canvas, GoTo
from playground.kit.keys import LEAVING
from playground.kit.layout import SMALLEST, TAKEN, Arrangement, Places, Placing, tab_lines
from playground.kit.palette import Palette
from playground.kit.pane import Pane, Picture


class Typing(Picture):
    """A pane with a text; while that is edited, keys and pasted text go into it."""

    class Edited(Message):
        """The text or the caret changed; `act` is "type" or "paste", which may take the place of the paste before."""

        def __init__(self, text: str, caret: int, act: str, *, replaces: bool = False) -> None:
            self.text, self.caret, self.act, self.replaces = text, caret, act, replaces
            super().__init__()

    draft: tuple[str, int] | None = None  # text and caret while editing: what the next key changes
    apart = False  # the caret stops before every character, not only before every cell
    replaces = False  # the text is only an example: what is typed or pasted first takes its place
    is_broken = False  # the text cannot be read as it is
    pasted: tuple[str, int, int] | None = None  # the text after the last paste, and where that stands in it

    def on_key(self, event: events.Key) -> None:
        """An editing key is consumed; any other goes on to the bindings."""
        if self.draft is None:
            return
        self._begin(event.is_printable)
        edited = editor.edit(*self.draft, event.key, event.character, apart=self.apart)
        if edited is not None:
            event.stop()
            event.prevent_default()
            self._edited(*edited, "type")
        elif event.key in LEAVING:
            self.draft = None  # the next key is no letter any more, even if it comes before the screen has left

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is inserted as it is; in the place of the paste before, where that cannot be read."""
        if self.draft is not None:
            event.stop()
            self._begin(True)
            text, caret = self.draft
            before = self.pasted if self.is_broken and self.pasted and self.pasted[0] == text else None
            if before is not None:
                _, caret, end = before
                text = text[:caret] + text[end:]
            pasted = event.text.replace("\r\n", "\n").replace("\r", "\n")
            text, end = editor.insert(text, caret, pasted)
            self.pasted = text, caret, end
            self._edited(text, end, "paste", replaces=before is not None)

    def _begin(self, types: bool) -> None:
        if self.replaces and types:
            self.draft = ("", 0)
        self.replaces = False

    def _edited(self, text: str, caret: int, act: str, *, replaces: bool = False) -> None:
        self.draft = (text, caret)  # the next key may come before the screen has heard of this one
        self.post_message(self.Edited(text, caret, act, replaces=replaces))


class Tabs(Pane[Any, Any]):
    """Which panes share the changing place, by their digits; the one that stands there in the accent."""

    name = "tabs"
    title = "Panes"
    help = "The first ten panes have a digit: press it to go there. J goes to any by its name."

    def __init__(self, panes: tuple[str, ...]) -> None:
        self.panes = panes  # all of the screen's
        self.places = Places({})

    def sees(self, scene: Any) -> tuple[Any, ...]:
        """Nothing of the scene: the places alone."""
        return (self.places.tabs, self.places.staged)

    def draw(self, scene: Any, canvas: Canvas) -> None:
        """Digits and names, over as many lines as they need."""
        for y, line in enumerate(tab_lines(self.panes, self.places.tabs, canvas.width)):
            for x, name, words in line:
                style = canvas.palette.accent if name == self.places.staged else canvas.palette.muted
                canvas.put(x, y, words, style)
                canvas.hit(x, y, len(words), 1, GoTo(name))


class TooSmall(Widget):
    """What stands there when the terminal is too small for anything else."""

    def render(self) -> str:
        """One line; what stands beside the panes takes lines as well."""
        terminal, needed = self.app.size, SMALLEST + (0, self.app.size.height - self.size.height - TAKEN)
        return f"too small: {needed.width} x {needed.height} needed, this is {terminal.width} x {terminal.height}"


class Board(Widget):
    """All panes of a screen; those that have no place at this size are not drawn."""

    class Resized(Message):
        """It has more or less room: other panes may stand there, and ask for more."""

    def __init__(self, panes: Iterable[type[Pane[Any, Any]]], arrangement: Arrangement, stage: str) -> None:
        super().__init__()
        self.kinds, self.placing = tuple(panes), Placing(arrangement, stage)
        self.tabs = Tabs(arrangement.panes)

    def on_resize(self) -> None:
        """What stands beside it has come, gone or grown; the terminal may be as it was."""
        self.post_message(self.Resized())

    def compose(self) -> ComposeResult:
        """One widget a pane."""
        for pane in (*(kind() for kind in self.kinds), self.tabs):
            kind = Typing if pane.is_typed else Picture
            yield kind(pane, pane.is_typed or pane.name in self.placing.arrangement.panes)
        yield TooSmall(id="small")

    @property
    def layout(self) -> Layout:
        """Ours; a style can only name Textual's own."""
        return self.placing

    @property
    def panes(self) -> tuple[str, ...]:
        """The names of all panes that take keys."""
        return self.placing.arrangement.panes

    @property
    def order(self) -> list[str]:
        """The panes on screen that take keys, in reading order."""
        return self.placing.arrangement.order(self.size, self.placing.stage)

    @property
    def staged(self) -> str | None:
        """The pane in the changing place."""
        return self.placing.arrangement.places(self.size, self.placing.stage).staged

    def stage(self, name: str) -> None:
        """Show this pane in the changing place."""
        if name != self.placing.stage:
            self.placing.stage = name
            self._arrange()

    def rearrange(self, arrangement: Arrangement) -> bool:
        """Give the panes the places of this arrangement; whether that is another than before."""
        if arrangement == self.placing.arrangement:
            return False
        self.placing.arrangement = arrangement
        self._arrange()
        return True

    def _arrange(self) -> None:
        self.children[0].refresh(layout=True)  # Textual arranges a widget anew when a child of its asks

    def picture(self, name: str) -> Picture:
        """The widget of a pane."""
        return self.query_one(f"#{name}", Picture)

    @property
    def text(self) -> Typing | None:
        """The widget of the text that can be typed, where the screen has one."""
        return next(iter(self.query(Typing)), None)

    @property
    def focused(self) -> Pane[Any, Any] | None:
        """The pane that has the keys."""
        focused = self.screen.focused
        return focused.pane if isinstance(focused, Picture) and focused.parent is self else None

    def draw(self, scene: Any, palette: Palette, unit: Unit) -> None:
        """Every pane that is on screen; the tabs name what has no place of its own."""
        self.tabs.places = self.placing.arrangement.places(self.size, self.placing.stage)
        for picture in self.query(Picture):
            picture.show(scene, palette, unit)
