"""Model folders to compare, and a world without bundled models."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import baselines, model_folders
from models.baselines import Baseline
from tests.playground.compare.compare_scenes import gpt_of, worldly
from tests.playground.looking.scenes import save_random


@pytest.fixture
def bundled(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of bundled models: none, whichever there are."""
    folder = tmp_path_factory.mktemp("bundled")
    monkeypatch.setattr(model_folders, "PRETRAINED", folder)
    return folder


@pytest.fixture(scope="session")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model over characters, and its bigram."""
    return save_random(tmp_path_factory.mktemp("models") / "letters")


@pytest.fixture(scope="session")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model over the little world's words, and its baselines."""
    where = tmp_path_factory.mktemp("models") / "words"
    models, _ = worldly()
    model_folders.save(gpt_of(models), where)
    baselines.save([model for model in models.values() if isinstance(model, Baseline)], where)
    return where
