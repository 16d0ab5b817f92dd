"""Asking the person: a dialog over the screen, and what is done with its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from textual.app import SystemCommand

from playground.kit.beside import Beside
from playground.kit.choosing import Choose
from playground.kit.dialogs import Confirm, Dialog
from playground.kit.layout import too_small

Answer = TypeVar("Answer")


class Asking(Beside[None]):
    """A screen that asks."""

    def consult(self, dialog: Dialog[Answer], then: Callable[[Answer], object]) -> None:
        """Show a dialog, and go on with its answer, if it is not left without one."""

        def answered(answer: Answer | None) -> None:
            if answer is not None:
                self.trying(partial(then, answer))

        self.open_dialog(dialog, answered)

    def confirm(
        self, title: str, says: str, yes: str, act: Callable[[], object], no: str = "leave it as it is"
    ) -> None:
        """Do it if the person says so."""
        self.consult(Confirm(title, says, yes, no), lambda _yes: act())

    def open_dialog(self, dialog: Dialog[Answer], answered: Callable[[Answer | None], None] | None = None) -> None:
        """Show a dialog, where there is room for one, and where a key of the same burst has not opened one already."""
        if self.app.screen is self and not too_small(self.app.size):
            self.app.push_screen(dialog, answered)

    def choose_command(self, commands: Iterable[SystemCommand]) -> None:
        """Choose from all that can be done, by its words."""
        numbered = {str(number): command for number, command in enumerate(commands)}
        options = [(number, command.title, command.help) for number, command in numbered.items()]
        dialog = Choose("All commands", options, wide="broad")
        self.consult(dialog, lambda number: self.app.call_later(numbered[number].callback))

    def choose_theme(self) -> None:
        """Choose from all themes, Textual's own among them."""
        themes = [(name, name, "") for name in sorted(self.app.available_themes)]
        self.consult(Choose("Theme", themes), partial(setattr, self.app, "theme"))
