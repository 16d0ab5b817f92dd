"""What several tests need: the command line in this process, a tiny model, and a Pilot that waits for the screen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import textual.app
import textual.pilot
from textual._context import active_app
from textual.pilot import Pilot

import models
from models.gpt import GPT
from tests.playground.commands.calling import Command, command
from tests.playground.waiting import DRAWINGS, PATIENCE, arrive, is_at_rest, is_held_up, pumps, rest


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    return command(capsys, monkeypatch)


@pytest.fixture
def tiny(tiny_folder: Path) -> GPT:
    return models.load(tiny_folder)


@pytest.fixture(autouse=True)
def _no_wait_for_an_idle_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's Pilot waits after every key until the process computes nothing, up to a second: here threads compute.

    It asks every widget, too, again and again, whether it is done: the event loop knows it of all of them at once. What
    a thread must have found first, a test waits for by name.
    """
    asks_all = Pilot._wait_for_screen

    async def answered(pilot: Pilot[Any], timeout: float = PATIENCE) -> bool:
        await rest()
        await arrive(pilot.app)
        await rest()
        if not any(map(is_held_up, pumps(pilot.app))):
            return True
        done = await asks_all(pilot, timeout)
        await rest()
        return done

    async def drawn(*idle: float) -> None:
        """Until all is done that was put off until the screen was drawn, as well."""
        app = active_app.get()
        for _ in range(DRAWINGS):
            await answered(Pilot(app))
            app.screen._on_timer_update()
            if is_at_rest():
                break

    monkeypatch.setattr(Pilot, "_wait_for_screen", answered)
    for module in (textual.app, textual.pilot):
        monkeypatch.setattr(module, "wait_for_idle", drawn)
