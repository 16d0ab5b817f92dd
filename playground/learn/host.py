"""What the Learn screen and the lessons ask of the playground, beside what every screen does."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

from playground.looking.host import Host, Opened

if TYPE_CHECKING:  # the app draws its first frame before NumPy is there
    from playground.kit.screen import PaneScreen
    from playground.learn.lesson import Task
    from playground.learn.walk import Walk


class Learner(Host):
    """The app as lessons know it."""

    lesson: str | None  # the one to begin with
    made: dict[str, PaneScreen[Any, Any]]  # the screens there are, by name

    @property
    @abstractmethod
    def up(self) -> list[PaneScreen[Any, Any]]:
        """The screens that are there, shown or not."""

    @property
    @abstractmethod
    def here(self) -> PaneScreen[Any, Any] | None:
        """The screen that is shown; None where a dialog is above it, or at first."""

    @abstractmethod
    def screen_named(self, name: str) -> PaneScreen[Any, Any]:
        """The screen of that name, made when first asked for."""

    @abstractmethod
    async def bring(self, screen: PaneScreen[Any, Any]) -> None:
        """Put a screen in the place of the one shown."""

    @abstractmethod
    def read_model(self, name: str) -> Opened:
        """A model from its folder, with what counts beside it; UserError if it cannot be read. For a thread."""

    @property
    @abstractmethod
    def walk(self) -> Walk | None:
        """Where the person is in the lesson that is open; None where none is."""

    @abstractmethod
    def teach(self, task: Task) -> object:
        """Begin a lesson, in the place of one that is open."""
