"""Asking the person: a dialog over the screen, and what is done with its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from playground.kit.beside import Beside
from playground.kit.commands import Command, Palette
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

    def choose_command(self, commands: Iterable[Command]) -> None:
        """Choose from all that can be done, by its words."""
        palette = Palette(commands)
        self.consult(palette, lambda number: self.app.call_later(palette.commands[int(number)].act))
