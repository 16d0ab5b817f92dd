"""Someone who takes a lesson, on the real models."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from playground.app import Playground
from playground.inside.screen import Inside
from playground.kit.keybar import KeyBar
from playground.kit.screen import PaneScreen
from playground.learn.coach import Coach
from playground.learn.lesson import Lesson, Task
from playground.learn.questions import LETTERS
from playground.learn.walk import Walk
from tests.playground.someone import Someone

OWN = "the dog chased the"  # what they have in Play before


class Learner(Someone[Playground, PaneScreen[Any, Any]]):
    """On whatever screen the lesson takes place."""

    @property
    def screen(self) -> PaneScreen[Any, Any]:
        assert self.app.here is not None
        return self.app.here

    @property
    def coach(self) -> Coach:
        return self.screen.query_one(Coach)

    @property
    def walk(self) -> Walk | None:
        return self.app.walk

    @property
    def says(self) -> str:
        """What the strip says now."""
        canvas = self.coach.canvas
        return canvas.plain() if canvas else ""

    @property
    def offered(self) -> list[str]:
        """What the keys of the footer do."""
        return [key.label for key in self.screen.query_one(KeyBar).keys]

    def says_else(self, than: str) -> bool:
        """Whether it says something else by now."""
        return self.says != than

    async def settle(self) -> None:
        """Until nothing is looked for any more: in what was found the next key chooses."""
        await self.pilot.pause()
        await self.until(lambda: not self.looks_for_more)

    @property
    def looks_for_more(self) -> bool:
        """Whether panes of Inside wait for what they asked."""
        here = self.app.here  # None under a dialog
        scene = here.scene if isinstance(here, Inside) else None
        return scene is not None and scene.waits

    async def begin(self, task: Task) -> None:
        self.app.teach(task)
        await self.until(lambda: self.walk is not None and self.walk.task is task and self.says)
        await self.until(lambda: self.app.play.is_fresh and not self.waits)

    @property
    def waits(self) -> bool:
        """Whether the screen still computes what it is to show."""
        return bool(getattr(self.screen.scene, "waits", False))

    async def predict(self) -> None:
        """Whatever comes first."""
        assert self.walk is not None and isinstance(self.walk.task, Lesson)
        await self.until(lambda: self.screen.focused is self.coach)
        await self.press(*([LETTERS[0]] if self.walk.task.question.options else ["1", "enter"]))
        await self.until(lambda: self.walk is not None and self.walk.stage == "act")
        await self.until(lambda: self.screen.focused is not self.coach)

    async def read(self) -> str:
        """All pages of what was measured."""
        await self.until(lambda: self.walk is not None and self.walk.stage == "see" and self.walk.findings is not None)
        await self.until(lambda: self.screen.focused is self.coach)
        pages = [self.says]
        while "⏎ more" in self.says:
            before = self.says
            await self.press("enter")
            await self.until(partial(self.says_else, before))
            pages.append(self.says)
        return "\n".join(pages)


@asynccontextmanager
async def at(
    size: tuple[int, int] = (80, 24), model: Path | str = "little-world", runs: Path | None = None
) -> AsyncIterator[Learner]:
    app = Playground(str(model), OWN, runs=runs)
    async with app.run_test(size=size) as pilot:
        learner = Learner(app, pilot)
        await learner.until(lambda: app.opened and app.play.model is not None and app.play.is_fresh)
        yield learner
