"""Snapshots: each a model anyone can load, whole or not there, and never too many."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import model_folders
from models.baselines.gru import GRU, GRUConfig, weight_shapes
from models.errors import UserError
from models.gpt import GPT, GPTConfig
from models.runs import snapshots
from models.tokenizers import Tokenizer
from tests.conftest import TINY_TEXT, random_gpt


@pytest.fixture
def model() -> GPT:
    tokenizer = Tokenizer.train_char(TINY_TEXT)
    sizes = GPTConfig(vocab_size=tokenizer.vocab_size, block_size=16, n_layer=1, n_head=2, n_embd=8)
    return random_gpt(sizes, dtype=np.float32, tokenizer=tokenizer)


def test_a_snapshot_is_a_model_of_half_precision(model: GPT, tmp_path: Path) -> None:
    folder = snapshots.write(tmp_path, model, 300)
    assert folder == tmp_path / "snapshots" / "step-000000300"
    loaded = model_folders.load_any(folder)
    for name, weight in model.weights.items():
        assert np.array_equal(loaded.weights[name], weight.astype(np.float16))
    assert isinstance(loaded, GPT) and loaded.tokenizer is not None
    assert model_folders.load(folder).weights.keys() == model.weights.keys()
    assert list(snapshots.listing(tmp_path).items()) == [(300, folder)]


def test_a_recurrent_model_has_snapshots_as_well(tmp_path: Path) -> None:
    config = GRUConfig(vocab_size=7, n_layer=1, n_embd=4)
    rng = np.random.default_rng(1)
    weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in weight_shapes(config).items()}
    loaded = model_folders.load_any(snapshots.write(tmp_path, GRU(config, weights), 3))
    assert isinstance(loaded, GRU) and loaded.weights.keys() == weights.keys()


def test_they_are_listed_in_order_and_others_left_out(model: GPT, tmp_path: Path) -> None:
    assert snapshots.listing(tmp_path) == {}
    for step in (20, 100, 3):
        snapshots.write(tmp_path, model, step)
    (tmp_path / "snapshots" / ".step-000000007.99.saving").mkdir()
    (tmp_path / "snapshots" / "step-7").mkdir()
    assert list(snapshots.listing(tmp_path)) == [3, 20, 100]


def test_a_step_that_comes_again_is_written_again(model: GPT, tmp_path: Path) -> None:
    snapshots.write(tmp_path, model, 5)
    other = random_gpt(model.config, seed=3, dtype=np.float32)
    again = model_folders.load_any(snapshots.write(tmp_path, other, 5))
    assert np.array_equal(again.weights["wte.weight"], other.weights["wte.weight"].astype(np.float16))


def test_a_full_disk_leaves_nothing_half_written(model: GPT, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshots.write(tmp_path, model, 1)

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="was not saved: no space left on device - "):
        snapshots.write(tmp_path, model, 2)
    assert os.listdir(tmp_path / "snapshots") == ["step-000000001"]


def test_a_cut_removes_what_came_after_and_what_was_killed(model: GPT, tmp_path: Path) -> None:
    for step in (1, 2, 3):
        snapshots.write(tmp_path, model, step)
    base = tmp_path / "snapshots"
    for name in (".step-000000004.99.saving", ".step-000000001.removing", "notes"):
        shutil.copytree(base / "step-000000001", base / name)
    snapshots.cut(tmp_path, 2)
    assert sorted(os.listdir(base)) == ["notes", "step-000000001", "step-000000002"]


def fill(run: Path, steps: list[int], most: int) -> list[int]:
    """The steps that are left, thinned as each comes."""
    for step in steps:
        (run / "snapshots" / f"step-{step:09d}").mkdir(parents=True)
        snapshots.thin(run, most)
    return list(snapshots.listing(run))


@pytest.mark.parametrize("count", [20, 21, 39, 40, 41, 64, 100, 333])
def test_those_that_stay_are_the_first_the_last_and_even_between(count: int, tmp_path: Path) -> None:
    steps = [10 * number for number in range(count)]
    left = fill(tmp_path, steps, most=20)
    assert len(left) == 20 and left[0] == 0 and left[-1] == steps[-1]
    gaps = np.diff(left)
    assert gaps.max() <= 2 * count / 20 * 10 + 20
    assert sorted(os.listdir(tmp_path / "snapshots"))[0].startswith("step-")


def test_few_stay_all(tmp_path: Path) -> None:
    assert fill(tmp_path, [1, 2, 50], most=20) == [1, 2, 50]
    assert snapshots.MOST == 200


def test_a_snapshots_baselines_lie_with_the_model_of_its_run(tmp_path: Path) -> None:
    assert snapshots.finished(tmp_path / "run" / "snapshots" / "step-000000010") == tmp_path / "run" / "model"
    for other in (tmp_path / "run" / "model", tmp_path / "snapshots" / "mine", tmp_path / "step-000000010"):
        assert snapshots.finished(other) == other
