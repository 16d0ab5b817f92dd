"""A model folder to play with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from models import model_folders
from tests.playground.looking.drawn_panes import gpt_over
from tests.playground.looking.panes.text_scenes import model
from tests.playground.looking.scenes import random_gpt, save_random


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random model and its bigram."""
    return save_random(tmp_path_factory.mktemp("models") / "random")


@pytest.fixture(scope="session")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model of words that nobody trained; it has no counts beside it."""
    where = tmp_path_factory.mktemp("models") / "words"
    model_folders.save(replace(model("word"), name="words"), where)
    return where


@pytest.fixture(scope="session")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model that nobody trained, over all small letters and those of the other models."""
    where = tmp_path_factory.mktemp("models") / "letters"
    model_folders.save(replace(gpt_over("abcdefghijklmnopqrstuvwxyz"), name="letters"), where)
    return where


@pytest.fixture(scope="session")
def no_mask(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model that grew up without the causal mask."""
    where = tmp_path_factory.mktemp("models") / "no-mask"
    gpt = random_gpt()
    model_folders.save(replace(gpt, config=replace(gpt.config, without=("mask",))), where)
    return where
