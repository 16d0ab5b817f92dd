"""Someone at the keyboard of the Play screen, on a real model folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from models.gpt import GPT
from playground.app import Playground
from playground.looking.scene import Swept
from playground.looking.session import Session, choose_head
from playground.play.screen import Play
from tests.playground.someone import Someone

CHOSEN = choose_head(Session(""), 0, 0)  # the first head, by someone who has chosen it
LEARNER = Session("")


def is_done(swept: Swept | None) -> bool:
    return swept is not None and swept.done


class Person(Someone[Playground, Play]):
    """Who waits until nothing is computed for them any more."""

    @property
    def screen(self) -> Play:
        return self.app.play

    play = screen

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

    async def settle(self) -> None:
        """Until the results are the session's, and what mattered is known where somebody has time for that."""
        play, writing, mattering = self.play, self.play.writing, self.play.mattering
        await self.until(lambda: play.model is not None and not writing.due)
        await self.until(lambda: play.is_fresh or not self.session.tokens)
        await self.until(lambda: writing.failed or play.asked.row is None or is_done(mattering.swept))


@asynccontextmanager
async def at(
    folder: Path, prompt: str | None = "To be", size: tuple[int, int] = (120, 36), start: Session = CHOSEN
) -> AsyncIterator[Person]:
    app = Playground(str(folder), prompt, partial(replace, start))
    async with app.run_test(size=size) as pilot:
        person = Person(app, pilot)
        await person.settle()
        yield person
