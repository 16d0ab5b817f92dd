"""A text to train on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.playground.commands.train.small_texts import TEXT


@pytest.fixture(scope="session")
def text_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("corpus") / "text.txt"
    file.write_text(TEXT)
    return file
