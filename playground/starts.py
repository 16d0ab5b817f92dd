"""The three ways to begin, on one quiet screen: each a key, a click, and a line."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from playground import screens
from playground.kit.dialogs import MUTED, Dialog, Word
from playground.kit.keys import own_keys


class Start(NamedTuple):
    """One way to begin."""

    key: str
    title: str
    words: str  # a line
    screen: str
    model: str = ""  # which is opened first, where one is
    prompt: str = ""


SHAKESPEARE = Start(
    "1", "Shakespeare", "A real small GPT: look into every head.", "play", "shakespeare-char", "ROMEO:\n"
)
WORLD = Start(
    "2",
    "A world where the truth is known",
    "Beside every guess stands its true chance.",
    "compare",
    "little-world",
    "michael jordan plays",
)
TRAIN = Start("3", "Train one in ten seconds", "It finds out who of sixteen plays what.", "train")
ALL = (SHAKESPEARE, WORLD, TRAIN)


class Starts(Dialog[Start | str]):
    """Gives the one that was chosen, or the name of the screen whose key was pressed; None where none was."""

    CSS_PATH = "kit/dialogs.tcss"
    AUTO_FOCUS = "StartLine"
    BINDINGS: ClassVar[list[BindingType]] = [
        *own_keys("starts", ("up", "app.focus_previous", "up"), ("down", "app.focus_next", "down")),
        *own_keys("starts", ("enter", "begin", "begin"), ("q", "cancel", "close")),
        *own_keys("start-screen", *((place.key, f"go('{place.name}')", place.name) for place in screens.ALL)),
        *own_keys("start", *((start.key, f"begin({start.key})", start.title) for start in ALL)),
    ]

    def compose(self) -> ComposeResult:
        """The starts, and how one leaves."""
        note = Static("Later it begins where you left. F8 comes back here; F6 has lessons.", classes="note")
        keys = [Word("⏎", "begin", self.action_begin)]
        yield self.framed("transformer playground", *map(StartLine, ALL), note, keys=keys, wide="broad")

    def action_begin(self, key: int = 0) -> None:
        """Give the start of that key, or that which has the keys."""
        focused = self.focused.start if isinstance(self.focused, StartLine) else None
        self.dismiss(ALL[key - 1] if key else focused)

    def action_go(self, screen: str) -> None:
        """To a screen, as it is."""
        self.dismiss(screen)


class StartLine(Static, can_focus=True):
    """A way to begin."""

    def __init__(self, start: Start) -> None:
        title = Content.assemble((start.key, "$accent"), "  ", (start.title, "bold"))
        super().__init__(Content.assemble(title, "\n   ", (start.words, MUTED)))
        self.start = start

    def on_click(self) -> None:
        """As its key."""
        dialog = self.screen
        assert isinstance(dialog, Starts)
        dialog.dismiss(self.start)
