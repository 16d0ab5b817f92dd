"""Someone at the keyboard of the Compare screen, on a real model folder."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from playground.app import Playground
from playground.compare.screen import Compare
from tests.playground.beside_play import gone_to
from tests.playground.someone import Someone


class Person(Someone[Playground, Compare]):
    """Who waits for the results of the text."""

    @property
    def screen(self) -> Compare:
        compare = self.app.screen_named("compare")
        assert isinstance(compare, Compare)
        return compare

    compare = screen

    async def settle(self) -> None:
        """Until the results are those of the text."""
        compare = self.compare
        await self.until(lambda: compare.known.models)
        await self.until(
            lambda: (
                not compare.view.tokens
                or (compare.known.results and compare.known.results.tokens == compare.view.tokens)
            )
        )


def at(
    folder: Path, prompt: str = "To be", size: tuple[int, int] = (120, 36), runs: Path | None = None
) -> AbstractAsyncContextManager[Person]:
    return gone_to("f4", Person, Playground(str(folder), prompt, runs=runs), size)
