"""A saved model."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import model_folders
from tests.models.saved_models import random_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model_folders.save(random_model(), tmp_path / "model")
    return tmp_path / "model"
