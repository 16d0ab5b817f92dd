"""Someone at the keyboard of an app of screens, who waits until the screen has done what it was told."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from textual.pilot import Pilot

from playground.kit.pane_app import PaneApp
from playground.kit.screen import PaneScreen
from tests.playground.waiting import until

AnApp = TypeVar("AnApp", bound=PaneApp)
AScreen = TypeVar("AScreen", bound=PaneScreen[Any, Any])


class Someone(ABC, Generic[AnApp, AScreen]):
    """At the keyboard of one screen."""

    def __init__(self, app: AnApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    @abstractmethod
    def screen(self) -> AScreen:
        """The one that is looked at."""

    @property
    def notices(self) -> list[str]:
        """What was told, in order."""
        return [notice.words for notice in self.app.notices.told]

    async def until(self, true: Callable[[], object]) -> None:
        await until(self.pilot, true, lambda: self.notices)

    async def settle(self) -> None:
        """Until the screen shows what was asked for."""
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    def sees(self, pane: str) -> str:
        """The characters of one pane."""
        canvas = self.screen.board.picture(pane).canvas
        assert canvas is not None, f"{pane} is not on screen"
        return canvas.plain()
