"""Going from Play, where a model was opened, to another screen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from textual.pilot import Pilot

from playground.app import Playground
from tests.playground.someone import Someone

Visitor = TypeVar("Visitor", bound=Someone[Playground, Any])


@asynccontextmanager
async def gone_to(
    key: str, who: Callable[[Playground, Pilot[None]], Visitor], app: Playground, size: tuple[int, int]
) -> AsyncIterator[Visitor]:
    """Someone on the screen of that key, once Play has its model and the screen what it asked for."""
    async with app.run_test(size=size) as pilot:
        person = who(app, pilot)
        await person.until(lambda: app.opened and app.play.model is not None)
        await pilot.press(key)
        await person.until(lambda: app.screen is person.screen)
        await person.settle()
        yield person
