"""The panes of the Train screen as widgets."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.app import ComposeResult

from playground.kit.board import Board, TooSmall
from playground.kit.palette import Palette
from playground.kit.pane import Picture
from playground.train.layout import PANES, choices, places
from playground.train.panes import ALL
from playground.train.panes.base import TrainPane
from playground.train.panes.tabs import Tabs


class TrainPicture(Picture):
    """A pane of the Train screen."""

    def __init__(self, pane: TrainPane) -> None:
        super().__init__(pane, pane.name in PANES)
        self.pane = pane
        self.stands: tuple[Any, ...] | None = None  # what the picture was made of

    def show(self, scene: Any, palette: Palette) -> None:
        """As for every pane, unless it would be the same picture again: ten times a second there is news of a run."""
        made_of = self.pane.sees(scene), palette, self.size, self.has_focus, self.display
        if made_of == self.stands:
            self.scene = scene
            return
        self.stands = made_of
        super().show(scene, palette)


class TrainBoard(Board):
    """The panes of Train."""

    def __init__(self) -> None:
        super().__init__(PANES, places, "watch")
        self.tabs = Tabs()

    def compose(self) -> ComposeResult:
        """One widget a pane."""
        for kind in ALL:
            yield TrainPicture(self.tabs if kind is Tabs else kind())
        yield TooSmall(id="small")

    def on_resize(self, event: events.Resize) -> None:
        """The tabs name what has no place of its own."""
        self.tabs.names = choices(event.size)

    @property
    def focused_pane(self) -> TrainPane | None:
        """The pane that has the keys."""
        focused = self.screen.focused
        return focused.pane if isinstance(focused, TrainPicture) else None
