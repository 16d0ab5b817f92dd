"""Another model in Play: what Compare was asked to leave of the one before, it does of this one."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from playground.app import Playground
from playground.compare.screen import Compare
from tests.playground.waiting import until


async def test_scores_that_were_paused_grow_again_for_another_model(tmp_path: Path) -> None:
    app = Playground("little-world", "anna plays", runs=tmp_path, first="compare")
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.made and app.screen is app.made.get("compare"))
        compare = cast(Compare, app.screen)
        await pilot.press("6")
        await until(pilot, lambda: compare.known.scored.scoreboard)
        await pilot.press("r")
        assert compare.view.scoring, "it goes on by itself, asked for or not"
        await pilot.press("space")
        assert not compare.view.scoring
        before = app.opened
        app.open_model("little-world")
        await until(pilot, lambda: app.opened is not before and app.screen is app.play)
        assert compare.typed("anna plays x", 12) is compare.view, "a key from before, heard of when its model is gone"
        await pilot.press("f4")
        await until(pilot, lambda: app.screen is compare and compare.known.models)
        assert compare.view.scoring
        await until(pilot, lambda: compare.known.scored.scoreboard)
