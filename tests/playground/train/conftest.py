"""Two runs to look at, and stand-ins for the process that trains."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from models.runs.events import Ended
from playground.train import child
from tests.playground.train.runs_on_screen import make

IMPORTS = "import json, os, signal, sys, time\n"


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Two runs that nobody trains: `old`, and `new` which was stopped."""
    runs = tmp_path / "runs"
    old = make(runs, "old", (0, 10, 20, 40), Ended(40, "done after 40 steps", 0, True, 40, 0.7))
    about = json.loads((old / "run.json").read_text())
    (old / "run.json").write_text(json.dumps(about | {"started": "2020-01-01T00:00:00+00:00"}))
    make(runs, "new", (0, 10, 20), Ended(20, "stopped as asked", 0, False, 20, 1.1))
    return runs


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[list[str]]]:
    """Whatever is started is this script; the words of the real command are collected."""

    def use(script: str) -> list[list[str]]:
        started: list[list[str]] = []

        def command(*words: str) -> list[str]:
            started.append(list(words))
            return [sys.executable, "-c", IMPORTS + script]

        monkeypatch.setattr(child, "command", command)
        return started

    return use
