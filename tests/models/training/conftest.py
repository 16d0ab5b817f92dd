"""A text to learn from, and a run on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.runs.events import Event
from tests.models.training.whole_runs import TEXT, all_of, begin


@pytest.fixture(scope="session")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("corpus") / "text.txt"
    file.write_text(TEXT)
    return file


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory, text: Path) -> tuple[Path, list[Event]]:
    """A run nobody disturbed."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    return out, all_of(begin(out, text))
