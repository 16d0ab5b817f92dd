"""The board: every pane as a widget, placed by `layout.places`, drawn from one scene."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual import events
from textual.app import ComposeResult
from textual.geometry import Region, Size
from textual.layout import Layout
from textual.message import Message
from textual.widget import Widget

from playground.kit import editor
from playground.kit.keys import EDITING
from playground.kit.palette import Palette
from playground.kit.pane import Pane, PaneWidget, Picture
from playground.play.layout import PANES, SMALLEST, Places, places
from playground.play.panes import ALL
from playground.play.panes.prompt import Prompt

Arranged = Callable[[Size, str], dict[str, Region]]

LEAVING = frozenset(name for key in EDITING if key.action in ("done", "leave") for name in key.keys.split(","))


class Typing(Picture):
    """A pane with a text; while that is edited, keys and pasted text go into it."""

    class Edited(Message):
        """The text or the caret changed."""

        def __init__(self, text: str, caret: int) -> None:
            self.text, self.caret = text, caret
            super().__init__()

    draft: tuple[str, int] | None = None  # text and caret while editing: what the next key changes
    replaces = False  # the text is only an example: what is typed or pasted first takes its place

    def on_key(self, event: events.Key) -> None:
        """An editing key is consumed; any other goes on to the bindings."""
        if self.draft is None:
            return
        self._begin(event.is_printable)
        edited = editor.edit(*self.draft, event.key, event.character)
        if edited is not None:
            event.stop()
            event.prevent_default()
            self._edited(*edited)
        elif event.key in LEAVING:
            self.draft = None  # the next key is no letter any more, even if it comes before the screen has left

    def on_paste(self, event: events.Paste) -> None:
        """Pasted text is inserted as it is."""
        if self.draft is not None:
            event.stop()
            self._begin(True)
            text, caret = self.draft
            pasted = event.text.replace("\r\n", "\n").replace("\r", "\n")
            self._edited(text[:caret] + pasted + text[caret:], caret + len(pasted))

    def _begin(self, types: bool) -> None:
        if self.replaces and types:
            self.draft = ("", 0)
        self.replaces = False

    def _edited(self, text: str, caret: int) -> None:
        self.draft = (text, caret)  # the next key may come before the screen has heard of this one
        self.post_message(self.Edited(text, caret))


class PromptWidget(Typing, PaneWidget):
    """The prompt's pane."""


class TooSmall(Widget):
    """What stands there when the terminal is too small for anything else."""

    def render(self) -> str:
        """One line."""
        size = self.app.size
        return f"too small: {SMALLEST.width} x {SMALLEST.height} needed, this is {size.width} x {size.height}"


class Board(Widget):
    """All panes of a screen; those that have no place at this size are not drawn."""

    def __init__(self, panes: Sequence[str], places: Arranged, stage: str) -> None:
        super().__init__()
        self.panes, self.arranger = panes, Places(places, stage)

    @property
    def layout(self) -> Layout:
        """Ours; a style can only name Textual's own."""
        return self.arranger

    @property
    def order(self) -> list[str]:
        """The panes on screen that take keys, in reading order."""
        shown = self.arranger.places(self.size, self.arranger.stage)
        return [name for name in shown if name in self.panes]

    def stage(self, name: str) -> bool:
        """Show this pane in the changing place; whether that was another before."""
        if name == self.arranger.stage:
            return False
        self.arranger.stage = name
        self.children[0].refresh(layout=True)  # Textual arranges a widget anew when a child of its asks
        return True

    def pane(self, name: str) -> Picture:
        """The widget of a pane."""
        return self.query_one(f"#{name}", Picture)

    def draw(self, scene: Any, palette: Palette) -> None:
        """Every pane that is on screen."""
        for widget in self.query(Picture):
            widget.show(scene, palette)


class PlayBoard(Board):
    """The panes of Play."""

    def __init__(self) -> None:
        super().__init__(PANES, places, "attention")

    def compose(self) -> ComposeResult:
        """One widget a pane."""
        for kind in ALL:
            yield PromptWidget(Prompt()) if kind is Prompt else PaneWidget(kind())
        yield TooSmall(id="small")

    @property
    def prompt(self) -> PromptWidget:
        """The widget of the prompt."""
        return self.query_one(PromptWidget)

    @property
    def focused_pane(self) -> Pane | None:
        """The pane that has the keys."""
        focused = self.screen.focused
        return focused.pane if isinstance(focused, PaneWidget) else None
