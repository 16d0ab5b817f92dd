"""The Train screen by mouse alone: what looks live is live."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import MouseScrollDown, MouseScrollUp
from textual.widgets import Input, Select

from playground.kit.dialogs import Ask, Confirm
from playground.train.new_run import NewRun
from tests.playground.train.runs_on_screen import Person, at


def find(person: Person, pane: str, words: str) -> tuple[int, int]:
    """Where words stand in a pane."""
    for y, line in enumerate(person.sees(pane).split("\n")):
        if words in line:
            return line.index(words), y
    raise AssertionError(f"{words} is not in {pane}")


async def click(person: Person, pane: str, words: str, dx: int = 0) -> None:
    x, y = find(person, pane, words)
    await person.pilot.click(f"#{pane}", offset=(x + dx, y))
    await person.pilot.pause()


async def roll(person: Person, pane: str, kind: type[MouseScrollUp | MouseScrollDown]) -> None:
    await person.pilot._post_mouse_events([kind], widget=f"#{pane}", offset=(3, 1), button=0)
    await person.settle()


async def test_runs_are_chosen_pinned_and_deleted(runs: Path) -> None:
    async with at(runs) as person:
        view = person.train.view
        assert view.run == "new"
        await click(person, "runs", "old")
        assert person.train.view.run == "old" and "old" in person.sees("status")
        await click(person, "runs", "●·", 1)
        assert person.train.view.pinned == ("old",) and "a ✓ old" in person.sees("runs")
        await roll(person, "runs", MouseScrollUp)
        assert person.train.view.run == "new"
        await roll(person, "runs", MouseScrollDown)
        assert person.train.view.run == "old"
        bar = next(iter(person.train.query("KeyBar")))
        await person.pilot.click(bar, offset=(str(bar.render_line(0).text).index("delete"), 0))
        await person.until(lambda: isinstance(person.app.screen, Confirm))
        assert "Delete the run old?" in person.dialog
        await person.pilot.click("#yes")
        await person.until(lambda: "old is deleted" in person.notices and set(person.train.runs) == {"new"})
        assert person.train.view.run == "new" and not person.train.view.pinned


@pytest.mark.parametrize("size", [(160, 48), (80, 24)], ids=str)
async def test_time_by_click_and_wheel(runs: Path, size: tuple[int, int]) -> None:
    async with at(runs, size) as person:
        await person.pilot.click("#timeline", offset=(0, 1))
        assert person.train.view.place == 0
        await roll(person, "timeline", MouseScrollDown)
        assert person.train.view.place == 10
        await click(person, "timeline", "newest ▸", 1)
        assert person.train.view.place is None
        for pane in ("timeline", "loss"):
            await roll(person, pane, MouseScrollUp)
            assert person.train.view.place == 10, pane
            await roll(person, pane, MouseScrollDown)
            assert person.train.view.place is None and person.train.view.run == "new", pane
        wide = person.train.board.picture("loss").size.width
        await person.pilot.click("#loss", offset=(wide // 4, 4))
        assert person.train.view.place in (0, 10)
        if size == (160, 48):
            before = person.sees("loss")
            await click(person, "loss", "steps")
            assert person.train.view.along == "seconds" and person.sees("loss") != before


@pytest.mark.parametrize(
    ("size", "words"), [((120, 36), "your prompt"), ((120, 36), "Prompt"), ((80, 24), "e: another")]
)
async def test_the_prompt_that_is_watched_is_typed_after_a_click_on_it(
    runs: Path, size: tuple[int, int], words: str
) -> None:
    async with at(runs, size) as person:
        await click(person, "watch", words)
        assert isinstance(person.app.screen, Ask) and "The prompt to watch" in person.dialog


async def test_the_first_run_is_begun_by_clicks(tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    async with at(tmp_path / "none") as person:
        for pane, words in (("loss", "Press n"), ("runs", "n starts one"), ("watch", "n starts one")):
            await click(person, pane, words)
            assert isinstance(person.app.screen, NewRun), pane
            await person.pilot.press("escape")
        await click(person, "loss", "Press n")
        form = person.form
        path = form.query_one("#data", Input)
        path.value = str(tmp_path / "boo")
        await person.until(lambda: path._suggestion)
        complete = next(word for word in form.query("Word") if "complete" in str(word.render()))
        await person.pilot.click(complete)
        assert path.value == str(tmp_path / "books") + "/"
        await person.until(lambda: form.source is not None)
        preset = form.query_one("#preset", Select)
        for _ in range(5):  # what comes to be known of the text moves the lines below
            if not preset.expanded:
                await person.pilot.click("#preset")
        assert preset.expanded
        await person.pilot.press("escape")
        await person.pilot.click("#without-mask")
        await person.until(lambda: "it grows up without mask" in person.dialog)
        await person.pilot.click("#n_embd")
        assert form.focused is form.query_one("#n_embd")
