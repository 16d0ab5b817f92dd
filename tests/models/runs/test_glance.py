"""What is told of a model without reading its weights."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import models
from models.errors import UserError
from models.runs.glance import glance, holds_model
from tests.models.checkpoints import checkpoint, nanogpt, write_meta
from tests.models.kin import KIN
from tests.models.saved_models import random_model


def test_a_glance_tells_what_the_whole_model_would() -> None:
    for name in models.available():
        seen, whole = glance(name), models.load(name)
        assert (seen.name, seen.n_parameters, seen.vocab_size) == (name, whole.n_parameters, whole.config.vocab_size)
        is_measured = not name.startswith("worked-example")  # which nothing was learned by
        assert seen.is_gpt and (seen.measured is not None) == is_measured
        assert seen.thing == ("character" if name in ("digits", "shakespeare-char") else "word")
        assert holds_model(seen.folder)


def test_weights_are_not_read_and_what_is_damaged_is_one_sentence(tmp_path: Path) -> None:
    folder = shutil.copytree(models.folder("little-world"), tmp_path / "mine")
    (folder / "model.safetensors").unlink()
    assert glance(folder).n_parameters == 389_664
    (folder / "config.json").write_text("{")
    with pytest.raises(UserError, match="config.json"):
        glance(folder)
    (folder / "config.json").unlink()
    assert not holds_model(folder)


def test_models_of_other_programs_are_told_of_as_well(tmp_path: Path) -> None:
    nano = tmp_path / "nano"
    write_meta(nano)
    torch.save(checkpoint(nanogpt()), nano / "ckpt.pt")
    llama = replace(random_model(KIN["llama"]), tokenizer=None)
    models.save(llama, tmp_path / "llama")
    for place, name in ((nano, "nano"), (nano / "ckpt.pt", "nano"), (tmp_path / "llama", "llama")):
        seen, whole = glance(place), models.load(place)
        assert (seen.name, seen.n_parameters, seen.vocab_size) == (name, whole.n_parameters, whole.vocab_size)
        assert (seen.tokenizer is None) == (name == "llama") and holds_model(place)
    assert holds_model(nano / "ckpt.pt") and not holds_model(nano / "meta.pkl") and not holds_model(tmp_path)
