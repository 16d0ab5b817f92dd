"""What the app remembers from one start to the next."""

from __future__ import annotations

from pathlib import Path

from playground.app import Playground
from tests.playground.waiting import until


async def test_the_theme_that_was_chosen_is_that_of_the_next_start(tiny_folder: Path) -> None:
    themes = list[str]()
    for keys in (["d", "d"], [], ["d"], []):
        app = Playground(str(tiny_folder), "to be")
        async with app.run_test() as pilot:
            await until(pilot, lambda: app.opened and app.play.model is not None)  # noqa: B023
            await pilot.press(*keys)
            themes.append(app.theme)
    assert themes[0] == themes[1] != themes[2] == themes[3]
