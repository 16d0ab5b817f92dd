"""Someone at the keyboard of the Play screen, on a real model folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from textual.pilot import Pilot

from models.gpt import GPT
from playground.app import Playground
from playground.play.session import Session
from tests.playground.waiting import until


class Person:
    """Someone at the keyboard, who waits until the screen is done."""

    def __init__(self, app: Playground, pilot: Pilot[None]) -> None:
        self.app, self.pilot, self.play = app, pilot, app.play

    @property
    def session(self) -> Session:
        return self.play.session

    @property
    def model(self) -> GPT:
        assert self.play.model is not None
        return self.play.model

    @property
    def text(self) -> str:
        assert self.model.tokenizer is not None
        return self.model.tokenizer.decode(self.session.tokens)

    @property
    def switched(self) -> set[str]:
        return set(map(str, self.session.switches))

    @property
    def notices(self) -> list[str]:
        """What was told, in order."""
        return [notice.words for notice in self.app.notices.told]

    async def settle(self) -> None:
        """Until the results are the session's."""
        play = self.play
        await self.until(
            lambda: play.model is not None and not play.due_steps and (play.is_fresh or not self.session.tokens)
        )

    async def until(self, true: Callable[[], object]) -> None:
        await until(self.pilot, true, lambda: self.notices)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    def sees(self, pane: str) -> str:
        """The characters of one pane."""
        canvas = self.play.board.picture(pane).canvas
        assert canvas is not None, f"{pane} is not on screen"
        return canvas.plain()


@asynccontextmanager
async def at(
    folder: Path, prompt: str | None = "To be", size: tuple[int, int] = (120, 36), start: Session | None = None
) -> AsyncIterator[Person]:
    app = Playground(str(folder), prompt, partial(replace, start) if start else None)
    async with app.run_test(size=size) as pilot:
        person = Person(app, pilot)
        await person.settle()
        yield person
