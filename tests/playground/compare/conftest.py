"""A world without bundled models."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import model_folders


@pytest.fixture
def bundled(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of bundled models: none, whichever there are."""
    folder = tmp_path_factory.mktemp("bundled")
    monkeypatch.setattr(model_folders, "PRETRAINED", folder)
    return folder
