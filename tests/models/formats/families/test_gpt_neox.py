"""GPT-NeoX: what transformers computes is computed here, option by option; what is not known is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from models import model_folders
from models.gpt_config import Rope
from tests.models.formats.families.theirs import check_the_same, each_dtype, edited, theirs
from tests.models.saved_models import refusal

SIZES: dict[str, Any] = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "max_position_embeddings": 32,
}  # fmt: skip
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "one-after-the-other": {"use_parallel_residual": False},
    "all-turned": {"rotary_pct": 1.0, "rotary_emb_base": 500},
    "half-turned": {"rope_parameters": {"rope_type": "default", "rope_theta": 77.0, "partial_rotary_factor": 0.5}},
    "tied": {"tie_word_embeddings": True, "layer_norm_eps": 1e-3},
    "no-attention-bias": {"attention_bias": False},
    "tanh-gelu": {"hidden_act": "gelu_new"},
    "linear": {"rope_scaling": {"rope_type": "linear", "factor": 2.0}},
}


@each_dtype
@pytest.mark.parametrize("settings", OPTIONS.values(), ids=OPTIONS.keys())
def test_it_computes_what_transformers_computes(settings: dict[str, Any], dtype: str, tmp_path: Path) -> None:
    check_the_same("GPTNeoX", dtype, tmp_path, **SIZES | settings)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    theirs("GPTNeoX", "float32", **SIZES).save_pretrained(tmp_path / "neox")
    return tmp_path / "neox"


def test_the_words_of_older_versions_mean_the_same(folder: Path) -> None:
    assert model_folders.load(folder).config.positions == Rope(2)
    old = edited(folder, rope_parameters=None, rotary_pct=0.5, rotary_emb_base=10_000, classifier_dropout=0.1)
    assert model_folders.load(old).config.positions == Rope(4)


def test_a_file_of_pytorchs_is_read_as_well(folder: Path) -> None:
    before = model_folders.load(folder).logits([1, 2, 3])
    (folder / "model.safetensors").unlink()
    torch.save(theirs("GPTNeoX", "float32", **SIZES).state_dict(), folder / "pytorch_model.bin")
    assert np.array_equal(model_folders.load(folder).logits([1, 2, 3]), before)


def test_masks_and_speeds_in_an_older_file_are_passed_over(folder: Path) -> None:
    before = model_folders.load(folder)
    tensors = load_file(folder / "model.safetensors")
    for name in ("bias", "masked_bias", "rotary_emb.inv_freq"):
        tensors[f"gpt_neox.layers.1.attention.{name}"] = np.ones(4, np.float32)
    save_file(tensors, folder / "model.safetensors")
    assert np.array_equal(model_folders.load(folder).logits([1, 2, 3]), before.logits([1, 2, 3]))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"use_parallel_residual": 1}, "use_parallel_residual = 1 is not handled - use a plain GPT-NeoX"),
        ({"rope_parameters": {"rope_type": "longrope"}}, "rope_type = 'longrope' is not handled"),
        ({"rope_parameters": None, "rotary_pct": 0.4}, "rope turns 3 numbers of a head"),
        ({"rope_parameters": None, "rotary_pct": 1.5}, "rope turns 12 numbers of 8"),
        ({"num_key_value_heads": 2}, "num_key_value_heads = 2 is not handled"),
        ({"intermediate_size": 47}, "layers.0.mlp.dense_4h_to_h.weight has the shape (32, 48), but config.json says"),
    ],
)
def test_what_is_not_handled_is_refused_by_name(settings: dict[str, Any], says: str, folder: Path) -> None:
    message = refusal(lambda: model_folders.load(edited(folder, **settings)))
    assert says in message and str(folder) in message
