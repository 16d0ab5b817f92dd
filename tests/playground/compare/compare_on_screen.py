"""Someone at the keyboard of the Compare screen, on a real model folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playground.app import Playground
from playground.compare.screen import Compare
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


@asynccontextmanager
async def at(
    folder: Path, prompt: str = "To be", size: tuple[int, int] = (120, 36), runs: Path | None = None
) -> AsyncIterator[Person]:
    app = Playground(str(folder), prompt, runs=runs)
    async with app.run_test(size=size) as pilot:
        person = Person(app, pilot)
        await person.until(lambda: app.opened and app.play.model is not None)
        await pilot.press("f4")
        await person.until(lambda: app.screen is person.compare)
        await person.settle()
        yield person
