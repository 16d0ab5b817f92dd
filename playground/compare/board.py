"""The panes of the Compare screen as widgets."""

from __future__ import annotations

from textual.app import ComposeResult

from playground.compare.layout import PANES, TEXT, Arrangement
from playground.compare.panes import ALL
from playground.compare.panes.base import ComparePane
from playground.compare.panes.tabs import Tabs
from playground.compare.panes.typed import Typed
from playground.compare.scene import CompareScene
from playground.kit.board import Board, TooSmall, Typing
from playground.kit.palette import Palette
from playground.kit.pane import Picture


class ComparePicture(Picture):
    """A pane of the Compare screen."""

    def __init__(self, pane: ComparePane) -> None:
        super().__init__(pane, pane.name in (*PANES, TEXT))
        self.pane = pane


class TypedPicture(Typing, ComparePicture):
    """The text while it is typed; keys and pasted text go into it."""


class CompareBoard(Board):
    """The panes of Compare."""

    def __init__(self) -> None:
        self.arrangement = Arrangement()
        super().__init__(PANES, self.arrangement.places, "bars")
        self.tabs = Tabs()

    def compose(self) -> ComposeResult:
        """One widget a pane."""
        for kind in ALL:
            pane = self.tabs if kind is Tabs else kind()
            yield TypedPicture(pane) if kind is Typed else ComparePicture(pane)
        yield TooSmall(id="small")

    def rearrange(self, arrangement: Arrangement) -> bool:
        """Give the panes the places of this arrangement; whether that is another."""
        if arrangement == self.arrangement:
            return False
        self.arrangement = arrangement
        self.arranger.places = arrangement.places
        self.children[0].refresh(layout=True)  # as in `stage`
        return True

    def draw(self, scene: CompareScene, palette: Palette) -> None:
        """Every pane that is on screen; the tabs name what has no place of its own."""
        self.tabs.names = self.arrangement.choices(self.size)
        self.tabs.shown = self.arrangement.staged(self.size, self.arranger.stage)
        super().draw(scene, palette)

    @property
    def text(self) -> TypedPicture:
        """The widget of the text while it is typed."""
        return self.query_one(TypedPicture)

    @property
    def focused_pane(self) -> ComparePane | None:
        """The pane that has the keys."""
        focused = self.screen.focused
        return focused.pane if isinstance(focused, ComparePicture) else None
