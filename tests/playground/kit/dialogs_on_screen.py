"""An app with one dialog, and what can be seen of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.app import App, ComposeResult
from textual.filter import LineFilter
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from playground.kit.dialogs import Dialog, Word
from playground.kit.line_filter import SafeText

OPTIONS = [("a", "no induction", "head-off:0.1"), ("b", "All MLPs", "mlp-off:0, mlp-off:1"), ("c", "nothing", "")]
NOTHING: Any = object()


class Bare(App[None]):
    """What is under a dialog, and what the dialog gave."""

    def __init__(self, dialog: Dialog[Any], *, second_door: bool = True) -> None:
        super().__init__()
        self.dialog, self.second_door = dialog, second_door
        self.given: Any = NOTHING
        self.times = 0

    def compose(self) -> ComposeResult:
        yield Static("below")

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *([SafeText()] if self.second_door else [])]

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.take)

    def take(self, given: object) -> None:
        self.given = given
        self.times += 1


def shown(screen: Screen[Any]) -> str:
    """The characters on screen."""
    return "\n".join("".join(segment.text for segment in line) for line in screen._compositor.render_strips())


async def press_word(pilot: Pilot[None], words: str) -> None:
    app = pilot.app
    word = next(word for word in app.screen.query(Word) if words in str(word.render()))
    await pilot.click(word)
    await pilot.pause()
