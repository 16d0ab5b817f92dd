"""Computing beside the drawing: a thread posts what is to be done next, and the screen does it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from textual import work

from models.errors import UserError
from playground.kit.pane_app import PaneApp
from playground.kit.standing import Standing
from playground.kit.worker import said_of

Answer = TypeVar("Answer")
Found = TypeVar("Found")


class Beside(Standing[Answer]):
    """A screen for which threads compute while it goes on drawing."""

    app: PaneApp

    def do_beside(
        self,
        compute: Callable[[], Found],
        then: Callable[[Found], object],
        otherwise: Callable[[str], object] | None = None,
    ) -> None:
        """Compute in a thread, then go on with what was found; what prevents that is said, or goes to `otherwise`."""
        self._beside([lambda: self._computed(compute, then, otherwise or self.app.tell)])

    @work(thread=True, exit_on_error=False)
    def _beside(self, to_do: list[Callable[[], Callable[[], object]]]) -> None:
        """Do it, and take it off the list: Textual remembers what a thread was given, and all that this holds."""
        self.call_later(self.go_on, to_do.pop()())

    def _computed(
        self, compute: Callable[[], Found], then: Callable[[Found], object], otherwise: Callable[[str], object]
    ) -> Callable[[], object]:
        """What is to be done once it was computed."""
        try:
            return partial(then, compute())
        except Exception as error:  # a fault of ours must not be lost with its thread
            return partial(otherwise, said_of(error))

    def go_on(self, act: Callable[[], object]) -> None:
        """What was computed, or has happened, beside the drawing is there."""
        if self.stands:
            self.trying(act)

    def trying(self, act: Callable[[], object]) -> None:
        """Do it; what cannot be done is said, and nothing else happens."""
        try:
            act()
        except UserError as error:
            self.app.tell(str(error))
