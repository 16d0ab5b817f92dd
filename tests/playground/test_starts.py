"""The first start, and later ones: three ways to begin, and back to where the person left."""

from __future__ import annotations

import argparse
import shutil
from functools import partial
from pathlib import Path

import pytest
from textual.widgets import Static

from models.switches import parse
from playground import settings
from playground.app import Playground
from playground.commands import play
from playground.looking.session import Session
from playground.starts import StartLine, Starts
from playground.train import ten_seconds
from playground.train.screen import Train
from tests.playground.waiting import until


def told(app: Playground) -> str:
    return " ".join(notice.words for notice in app.notices.told)


def said(app: Playground) -> str:
    """Behind all screens, while none is there."""
    return str(app.screen_stack[0].query_one(Static).content)


async def test_the_first_start_offers_a_world_whose_truth_is_known_and_a_key_leads_back(tiny_folder: Path) -> None:
    app = Playground(str(tiny_folder), goes_on=True)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Starts) and app.screen.query(StartLine))
        assert not app.up and app.opened is None, "nothing is opened before it is asked for"
        await pilot.click(list(app.screen.query(StartLine))[1])
        await until(pilot, lambda: said(app) == "Opening little-world ...")
        compare = app.screen_named("compare")
        await until(pilot, lambda: app.here is compare and "truth" in compare.scene.names)  # type: ignore[union-attr]  # a CompareScene
        assert compare.view.text == "michael jordan plays"
        await pilot.press("f8")
        await until(pilot, lambda: isinstance(app.screen, Starts))
        await pilot.press("escape")
        await until(pilot, lambda: app.here is compare)
        await pilot.press("f8", "down", "down", "up", "up", "enter")
        await until(pilot, lambda: app.here is app.play and app.session.text == "ROMEO:\n")


async def test_whoever_chooses_no_start_comes_to_play(tiny_folder: Path) -> None:
    app = Playground(str(tiny_folder), goes_on=True)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Starts))
        await pilot.press("escape")
        await until(pilot, lambda: app.opened is not None and app.here is app.play)
        assert app.opened is not None and app.opened.folder == tiny_folder


async def test_the_key_of_a_screen_leads_there_from_the_starts(tiny_folder: Path) -> None:
    """Who has read of the lessons begins with them."""
    app = Playground(str(tiny_folder), goes_on=True)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Starts))
        await pilot.press("f6")
        await until(pilot, lambda: app.here is not None and app.here is app.made.get("learn"))
        assert said(app) == "Opening the learn screen ..."


async def test_the_third_start_trains_the_run_of_ten_seconds(tiny_folder: Path, tmp_path: Path) -> None:
    app = Playground(str(tiny_folder), runs=tmp_path / "runs", goes_on=True)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Starts))
        await pilot.press("3")
        await until(pilot, lambda: isinstance(app.here, Train) and app.here.runner.training)
        train = app.here
        assert isinstance(train, Train) and train.runner.training == "ten-seconds" == train.view.run
        assert train.prompt.typed == ten_seconds.PROMPT and train.runner.runs["ten-seconds"].record.config is not None
        train.runner.kill()
        await until(pilot, lambda: not train.runner.is_alive)


async def test_a_later_start_goes_back_to_where_the_person_left(tiny_folder: Path, tmp_path: Path) -> None:
    mine = shutil.copytree(tiny_folder, tmp_path / "mine")
    app = Playground(str(mine), "to be", partial(Session, "", switches=(parse("head-off:1.0"),)))
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: app.opened is not None and app.here is app.play)
        await pilot.press("e", *", or", "enter", "f5")
        await until(pilot, lambda: app.here is app.screen_named("inside"))
        await pilot.press("q")
        await until(pilot, lambda: not app.is_running)
    left = settings.Left(str(mine), "to be, or", ("head-off:1.0",), "inside")
    assert settings.load().left == left and settings.load().prompts == ("to be, or",)
    later = Playground(str(tiny_folder), goes_on=True)
    async with later.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: later.opened is not None and later.here is later.screen_named("inside"))
        assert later.opened is not None and later.opened.model.name == "mine" and later.session.text == "to be, or"
        assert list(map(str, later.session.switches)) == ["head-off:1.0"]
    assert Playground(str(tiny_folder)).asked_model == str(tiny_folder), "what is asked for wins"
    asked = Playground(str(tiny_folder), first="train", goes_on=True)
    assert (asked.first, asked.asked_model) == ("train", str(mine)), "a screen that is asked for wins"


@pytest.mark.parametrize("left", [("gone", ()), ("", ("head-off:9.9",)), ("", ("nonsense",))], ids=str)
async def test_what_is_gone_since_is_said_and_hinders_no_start(
    tiny_folder: Path, tmp_path: Path, left: tuple[str, tuple[str, ...]]
) -> None:
    model = str(tmp_path / left[0]) if left[0] else str(tiny_folder)
    settings.load().with_left(settings.Left(model, "to be", left[1], "elsewhere"))
    app = Playground(str(tiny_folder), goes_on=True)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Starts) or (app.opened is not None and app.here is app.play))
        if isinstance(app.screen, Starts):
            await pilot.press("escape")
            await until(pilot, lambda: app.opened is not None and app.here is app.play)
        assert told(app)


@pytest.mark.parametrize(
    ("words", "nothing"),
    [([], True), (["--screen", "train"], True), (["to be"], False), (["--model", "shakespeare-char"], False)]
    + [(["--switch", "mask-off"], False), (["--seed", "2"], False), (["--runs", "x"], True)],
    ids=str,
)
def test_what_is_given_on_the_command_line_wins(words: list[str], nothing: bool) -> None:
    parser = argparse.ArgumentParser()
    play.add_arguments(parser)
    assert play._asks_for_nothing(parser.parse_args(words)) is nothing
