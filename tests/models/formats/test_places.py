"""Where a model is in what was given: entered where there is one, named where there are several."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from models import model_folders
from tests.models.saved_models import random_model, refusal, same

HASHES = [letter * 40 for letter in "ab"]


def put(*folders: Path) -> None:
    for folder in folders:
        model_folders.save(random_model(), folder)


def test_a_folder_with_one_checkpoint_of_a_trainer_is_entered(tmp_path: Path) -> None:
    put(tmp_path / "out" / "checkpoint-500")
    assert same(model_folders.load(tmp_path / "out"), random_model())
    assert model_folders.folder(tmp_path / "out") == tmp_path / "out" / "checkpoint-500"
    put(tmp_path / "out" / "checkpoint-1000")
    says = f"out holds 2 models: checkpoint-500, checkpoint-1000 - give one, such as {tmp_path}/out/checkpoint-1000"
    assert says in refusal(lambda: model_folders.load(tmp_path / "out"))
    shutil.copytree(tmp_path / "out" / "checkpoint-500", tmp_path / "out", dirs_exist_ok=True)
    assert model_folders.folder(tmp_path / "out") == tmp_path / "out"


def test_a_caches_folder_is_entered_where_it_points(tmp_path: Path) -> None:
    cache = tmp_path / "models--someone--small"
    put(tmp_path / "aside" / "real", cache / "snapshots" / HASHES[0])
    assert model_folders.folder(cache) == cache / "snapshots" / HASHES[0]
    shutil.copytree(tmp_path / "aside" / "real", cache / "snapshots" / HASHES[1])
    assert "holds 2 models" in refusal(lambda: model_folders.load(cache))
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text(HASHES[1])
    assert same(model_folders.load(cache), random_model())
    assert model_folders.folder(cache) == cache / "snapshots" / HASHES[1]
    assert model_folders.folder(cache / "snapshots") == model_folders.folder(tmp_path) == model_folders.folder(cache)
    assert model_folders.load(tmp_path).name == "small"
    (tmp_path / "models--gpt2").mkdir()
    says = "holds 2 models: models--gpt2, models--someone--small - give one, such as "
    assert says in refusal(lambda: model_folders.load(tmp_path))
    (cache / "refs" / "main").write_text("c" * 40)
    assert "holds 2 models" in refusal(lambda: model_folders.load(cache))


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_file_of_a_model_stands_for_its_folder(name: str, folder: Path) -> None:
    assert model_folders.folder(folder / name) == folder
    assert same(model_folders.load(folder / name), random_model())


def test_any_other_file_does_not(folder: Path) -> None:
    (folder / "notes.txt").write_text("x")
    assert "notes.txt is not a folder" in refusal(lambda: model_folders.load(folder / "notes.txt"))
    (folder / "config.json").unlink()
    assert "model.safetensors is not a folder" in refusal(lambda: model_folders.load(folder / "model.safetensors"))
