"""The pictures of the README, from the program itself: `make pictures` draws them anew, each screen as an SVG.

The Train screen shows the run of ten seconds, which is trained for it; the rest is what the bundled models say.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

from playground.app import Playground
from playground.learn.catalogue import named
from playground.learn.lesson import Lesson, Task
from playground.starts import TRAIN, Starts
from playground.train.screen import Train

HERE = Path(__file__).parent
SIZE = (120, 36)
PATIENCE, READ = 600.0, 8.0  # seconds that a run may take, and after which no notice stands once a key is pressed
FONTS = re.compile(r"@font-face \{.*?\}", re.DOTALL)  # from elsewhere: a page that shows pictures does not load them
IDS = re.compile(r"terminal-\d+")  # another at every drawing


async def draw(name: str, app: Playground, ready: Callable[[], object], *keys: str) -> None:
    """One picture, of the app once it is ready and these keys were pressed."""
    async with app.run_test(size=SIZE) as pilot:
        async with asyncio.timeout(PATIENCE):
            while not ready():
                await pilot.pause(0.1)
            await pilot.pause(READ)
            await pilot.press(*keys)
            while any(screen.worker is not None and screen.worker.is_wanted_elsewhere for screen in app.up):
                await pilot.pause(0.1)
            await pilot.pause(2.0)  # what is found while nobody presses a key
        picture = IDS.sub("terminal", FONTS.sub("", app.export_screenshot(title="")))
    (HERE / f"{name}.svg").write_text(re.sub(r"\n\s*\n", "\n", picture), encoding="utf-8")


def starts(app: Playground) -> Callable[[], bool]:
    """The first start."""
    return lambda: isinstance(app.screen, Starts)


def shows(app: Playground, name: str) -> Callable[[], bool]:
    """That screen, with what was computed for it."""
    return lambda: app.opened is not None and app.here is app.screen_named(name) and bool(app.play.results)


def has_learned(app: Playground) -> Callable[[], bool]:
    """The Train screen, once the run of ten seconds is over and the moment is known in which it learned."""

    def ready() -> bool:
        if isinstance(app.screen, Starts):
            app.screen.dismiss(TRAIN)
        train = app.here
        if not isinstance(train, Train) or train.scene.record is None:
            return False
        return train.scene.record.state == "done" and train.scene.settled is not None

    return ready


def teaches(app: Playground, task: Task) -> Callable[[], bool]:
    """A lesson that asks what one expects, with all it measured."""

    def ready() -> bool:
        if app.walk is None and shows(app, "play")():
            app.teach(task)
        return app.walk is not None and app.walk.findings is not None

    return ready


async def main(home: Path) -> None:
    """All of them."""
    app = Playground("shakespeare-char", runs=home, goes_on=True)
    await draw("starts", app, starts(app))
    app = Playground("shakespeare-char", "To be, or not to be", runs=home)
    await draw("play", app, shows(app, "play"), "m", "v")
    app = Playground("little-world", "michael jordan plays", runs=home, first="compare")
    await draw("compare", app, shows(app, "compare"))
    app = Playground("little-world", "michael jordan plays", runs=home, first="inside")
    await draw("inside", app, shows(app, "inside"), "3")
    app, lesson = Playground("little-world", "michael jordan plays", runs=home), named("6")
    assert isinstance(lesson, Lesson)
    await draw("learn", app, teaches(app, lesson), "1", "enter", *lesson.act.pressed)
    app = Playground("shakespeare-char", runs=home, goes_on=True)
    await draw("train", app, has_learned(app), "tab", "shift+tab")  # which reads the notice away


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PLAYGROUND_HOME"] = folder
        asyncio.run(main(Path(folder, "runs")))
