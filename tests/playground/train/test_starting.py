"""A process that cannot be started is told, and the Train screen goes on, whoever waited for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from models.corpora.spec import LITTLE_WORLD
from models.errors import UserError
from models.runs import TrainConfig
from playground.app import Playground
from playground.train import runner
from playground.train.child import Gone
from playground.train.form import Plan
from playground.train.library import Known
from playground.train.record import Record
from playground.train.screen import Train
from tests.playground.waiting import until

PLAN = Plan("later", TrainConfig(), (LITTLE_WORLD,))


class Process:
    """A child that trains until it is told to stop."""

    nonsense = 0
    gone: Gone | None = None

    def __init__(self, post: Callable[[], object]) -> None:
        self.post = post

    def take(self) -> Record:
        return Record(config=PLAN.config)

    def tell(self, do: str) -> None:
        assert do == "stop"
        self.gone = Gone(0, "stopped as asked", True)
        self.post()

    def leave(self) -> None:
        """Nothing to close."""


def refuse(*_args: object) -> object:
    raise UserError("the training cannot be started: no room", "try again")


@asynccontextmanager
async def at(runs: Path) -> AsyncIterator[tuple[Train, Pilot[None]]]:
    app = Playground("little-world", runs=runs, first="train")
    async with app.run_test() as pilot:
        await until(pilot, lambda: "train" in app.made and app.screen is app.made["train"])
        yield cast(Train, app.screen), pilot


def told(train: Train) -> list[str]:
    return [notice.words for notice in train.app.notices.told]


async def test_a_form_whose_process_cannot_be_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "Child", refuse)
    async with at(tmp_path) as (train, pilot):
        monkeypatch.setattr(train.app, "push_screen", lambda _form, filled: filled(PLAN))
        train.new()
        await pilot.pause()
        assert told(train) == ["the training cannot be started: no room - try again"]
        assert not train.runs


async def test_a_run_that_waited_for_another_and_cannot_be_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at(tmp_path) as (train, pilot):
        known = Known(tmp_path / "now", Record(config=PLAN.config), False, 0)
        train.runner.runs, train.runner.training = {"now": known}, "now"
        train.runner.child = cast(Any, Process(train.runner.post))
        monkeypatch.setattr(runner, "Child", refuse)
        train.alone(lambda: train.start(PLAN), "begin later")
        await pilot.pause()
        await pilot.press("y")  # save and stop it, then go on
        await until(pilot, lambda: "the training cannot be started: no room - try again" in told(train))
        assert not train.runner.is_alive
