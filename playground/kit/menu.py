"""A choice that opens below its line."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Select
from textual.widgets._select import SelectCurrent, SelectOverlay


class Menu(Select[str]):
    """As Textual's, whose list is open before it has any lines."""

    def compose(self) -> ComposeResult:
        """What is chosen, and the list."""
        yield SelectCurrent(self.prompt)
        yield Listed(type_to_search=self._type_to_search).data_bind(compact=Select.compact)


class Listed(SelectOverlay):
    """It turns no page while there is none."""

    def action_page_up(self) -> None:
        """A page up, once it is drawn."""
        if self.size.height:
            super().action_page_up()  # type: ignore[no-untyped-call] # Textual's

    def action_page_down(self) -> None:
        """A page down, once it is drawn."""
        if self.size.height:
            super().action_page_down()  # type: ignore[no-untyped-call] # Textual's
