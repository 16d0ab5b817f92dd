"""How the Play screen looks in every size, theme and terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from playground.kit.themes import CYCLE
from playground.looking.scene import Results
from playground.play.layout import PANES
from playground.play.screen import Play
from tests.playground.play.play_on_screen import at


@pytest.mark.parametrize("size", [(60, 18), (80, 24), (120, 36), (160, 48)])
async def test_every_pane_at_every_size(folder: Path, size: tuple[int, int]) -> None:
    async with at(folder, size=size) as person:
        for number, name in enumerate(PANES, 1):
            await person.press(str(number))
            focused = person.play.board.focused
            assert focused is not None and focused.name == name
            assert person.sees(name).strip()
            await person.press("right", "down")


async def test_too_small_says_so_and_comes_back(folder: Path) -> None:
    async with at(folder) as person:
        await person.pilot.resize_terminal(40, 10)
        await person.until(lambda: person.play.board.order == [])
        await person.press("space", "right", "tab", "shift+tab", "7")
        await person.pilot.resize_terminal(120, 36)
        await person.until(lambda: "Next token" in person.sees("next"))


async def test_a_smaller_terminal_keeps_the_pane_with_the_keys(folder: Path) -> None:
    async with at(folder, size=(160, 48)) as person:
        board = person.play.board
        await person.press("9")
        await person.pilot.resize_terminal(80, 24)
        await person.until(lambda: board.order == ["prompt", "next", "grid"])
        await person.pilot.resize_terminal(60, 18)
        await person.until(lambda: "grid" in board.order and "next" not in board.order)
        await person.press("2")
        await person.until(lambda: board.order == ["prompt", "next"])
        await person.pilot.resize_terminal(120, 36)
        await person.until(lambda: board.staged == "attention")  # the tabs must not point at what is shown elsewhere


async def test_a_storm_of_sizes(folder: Path) -> None:
    async with at(folder) as person:
        rng = np.random.default_rng(3)
        for _ in range(12):
            await person.pilot.resize_terminal(int(rng.integers(1, 220)), int(rng.integers(1, 70)))
        await person.pilot.resize_terminal(120, 36)
        await person.settle()
        assert "Attention" in person.sees("attention")


async def test_every_theme_draws(folder: Path) -> None:
    async with at(folder) as person:
        seen = []
        for _ in CYCLE:
            await person.press("d")
            seen.append(person.app.theme)
            assert "Next token" in person.sees("next")
        assert sorted(seen) == sorted(CYCLE)


@pytest.mark.parametrize("variable", [{"NO_COLOR": ""}, {"NO_COLOR": "1"}])
async def test_no_color(folder: Path, variable: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variable.items():
        monkeypatch.setenv(name, value)
    async with at(folder) as person:
        await person.press("x", "v", "v")
        assert "difference" in person.sees("attention")


@pytest.mark.parametrize("size", [(160, 48), (120, 36), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_frames(folder: Path, size: tuple[int, int], frame: Callable[..., None]) -> None:
    async with at(folder, prompt="To be, or not to be", size=size) as person:
        await person.press("space", "space", "x")
        await person.until(lambda: "bigram" not in person.play.board.order or len(person.play.continuations) == 3)
        person.play.results = _timeless(person.play)
        person.play.frame_milliseconds = 0.0
        person.app.kept.forget(person.play.engine.traces if person.play.engine else None)
        person.play.draw()
        await person.pilot.pause()
        frame(person.app, f"play-{size[0]}x{size[1]}")


def _timeless(play: Play) -> Results:
    assert play.results is not None
    return replace(play.results, milliseconds=0.0)
