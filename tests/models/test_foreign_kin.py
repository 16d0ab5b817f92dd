"""Folders of the families beside GPT-2 as other programs leave them: pickles, other names, heads for other tasks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models import model_folders
from models.formats import families
from models.gpt import GPT
from models.gpt_config import GPTConfig
from tests.models.kin import KIN, each_kin
from tests.models.saved_models import edit, pickled, random_model, refusal, same

PREFIXES = ("", "model.", "transformer.", "gpt_neox.", "_orig_mod.", "module.", "module._orig_mod.model.")


def saved(config: GPTConfig, folder: Path) -> tuple[GPT, Path]:
    """A random model and its folder, without what this program knows of it."""
    model = replace(random_model(config), tokenizer=None)
    model_folders.save(model, folder)
    (folder / "training.json").unlink()
    return model, folder


def put_beside(folder: Path, **tensors: Any) -> None:
    """More among the weights, or with None less."""
    found = load_file(folder / "model.safetensors") | tensors
    save_file({name: each for name, each in found.items() if each is not None}, folder / "model.safetensors")


@each_kin
@pytest.mark.parametrize(("shards", "zipped"), [(1, True), (3, True), (1, False), (2, False)])
def test_weights_in_pickles_are_the_same(config: GPTConfig, shards: int, zipped: bool, tmp_path: Path) -> None:
    model, folder = saved(config, tmp_path / "model")
    pickled(folder, shards, zipped)
    assert same(model_folders.load(folder), model)


@each_kin
def test_what_stands_before_all_names_is_taken_off(config: GPTConfig, tmp_path: Path) -> None:
    model, folder = saved(config, tmp_path / "model")
    family, weights = families.holding(config), load_file(folder / "model.safetensors")
    assert family is not None
    bare = {name.removeprefix(family.prefix): value for name, value in weights.items()}
    for prefix in PREFIXES:
        save_file({prefix + name: value for name, value in bare.items()}, folder / "model.safetensors")
        assert same(model_folders.load(folder), model), prefix
    put_beside(folder, **{family.full_name("wte.weight"): weights[family.full_name("wte.weight")]})
    assert ", which are the same weight" in refusal(lambda: model_folders.load(folder))


@each_kin
def test_a_head_for_another_task_is_left_out_with_a_word(config: GPTConfig, tmp_path: Path) -> None:
    model, folder = saved(config, tmp_path / "model")
    put_beside(folder, **{"v_head.summary.weight": np.ones(4, np.float32), "score.weight": np.ones(4, np.float32)})
    opened = model_folders.load(folder)
    assert same(opened, model) and opened.notes == ("left out, for other tasks than writing: score and v_head",)


def test_a_head_in_the_place_of_the_unembedding_writes_nothing(tmp_path: Path) -> None:
    _, folder = saved(KIN["llama"], tmp_path / "model")
    put_beside(folder, **{"lm_head.weight": None, "score.weight": np.ones((2, 16), np.float32)})
    says = "has a head for another task than writing, score, and no lm_head.weight - give the model that it was made"
    assert says in refusal(lambda: model_folders.load(folder))
    put_beside(folder, **{"score.weight": None})
    assert "tensor lm_head.weight is missing for the sizes in config" in refusal(lambda: model_folders.load(folder))


@each_kin
def test_without_a_tokenizer_it_is_said_what_is_missing(config: GPTConfig) -> None:
    model = replace(random_model(config), tokenizer=None)
    message = refusal(lambda: model_folders.tokenizer_of(model))
    assert "has no tokenizer.json - put the one it was trained with into its folder; of a tokenizer.model" in message


@each_kin
def test_numbers_as_text_are_numbers(config: GPTConfig, tmp_path: Path) -> None:
    model, folder = saved(config, tmp_path / "model")
    numbers: dict[str, str] = {}

    def as_text(found: dict[str, Any]) -> None:
        numbers.update({name: str(value) for name, value in found.items() if type(value) in (int, float)})
        found.update(numbers)

    edit(folder / "config.json", as_text)
    assert {"8", "1e-05"} & set(numbers.values()) and same(model_folders.load(folder), model)


@each_kin
def test_a_setting_that_changes_nothing_is_kept_and_told_once(config: GPTConfig, tmp_path: Path) -> None:
    model, folder = saved(config, tmp_path / "model")
    edit(folder / "config.json", lambda found: found.update(unsloth_version="2025.1", _name="x"))
    opened = model_folders.load(folder)
    assert opened.notes == ("config.json also says unsloth_version: kept, and without effect here",)
    assert same(opened, model) and opened.training["config.json"] == {"unsloth_version": "2025.1"}
    edit(folder / "config.json", lambda found: found.update(attn_temperature=2))
    assert "attn_temperature = 2 is not handled - use a plain" in refusal(lambda: model_folders.load(folder))
