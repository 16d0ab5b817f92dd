"""Someone at the keyboard of the Inside screen, on a real model folder."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from playground.app import Playground
from playground.inside.screen import Inside
from tests.playground.beside_play import gone_to
from tests.playground.someone import Someone


class Person(Someone[Playground, Inside]):
    """Who waits until what the panes ask for was found."""

    @property
    def screen(self) -> Inside:
        inside = self.app.screen_named("inside")
        assert isinstance(inside, Inside)
        return inside

    async def settle(self) -> None:
        await self.pilot.pause()
        await self.until(lambda: not self.app.session.tokens or self.app.play.is_fresh)
        await self.until(lambda: self.screen.scene is not None and not self.screen.scene.waits)


def at(
    folder: Path | str = "little-world", prompt: str = "michael jordan plays", size: tuple[int, int] = (120, 36)
) -> AbstractAsyncContextManager[Person]:
    return gone_to("f5", Person, Playground(str(folder), prompt), size)
