"""What several tests need: the command line in this process, a tiny model, and a Pilot that waits for the screen."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import textual.app
import textual.pilot
from textual._context import active_app
from textual.pilot import Pilot

import models
from models.gpt import GPT
from tests.playground.commands.calling import Command, command


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    return command(capsys, monkeypatch)


@pytest.fixture
def tiny(tiny_folder: Path) -> GPT:
    return models.load(tiny_folder)


async def until_answered(*idle: float) -> None:
    """Until every widget has done what it was told so far, and what it put off until the screen was drawn."""
    app = active_app.get()
    for _ in range(3):  # a key reaches the app, the app tells its screen, and the screen its widgets
        await asyncio.sleep(0)
        await Pilot(app)._wait_for_screen()
        app.screen._on_timer_update()


@pytest.fixture(autouse=True)
def _no_wait_for_an_idle_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's Pilot waits after every key until the process computes nothing, up to a second: here threads compute.

    What a thread must have found first, a test waits for by name.
    """
    for module in (textual.app, textual.pilot):
        monkeypatch.setattr(module, "wait_for_idle", until_answered)
