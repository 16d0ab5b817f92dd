"""A model folder to play with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import baselines, model_folders
from models.baselines import Bigram
from tests.playground.play.play_scenes import CORPUS, random_gpt


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random model and its bigram."""
    where = tmp_path_factory.mktemp("models") / "random"
    model = random_gpt()
    assert model.tokenizer is not None
    model_folders.save(model, where)
    corpus = np.asarray(model.tokenizer.encode(CORPUS))
    baselines.save([Bigram.count([corpus], model.vocab_size, tokenizer=model.tokenizer)], where)
    return where
