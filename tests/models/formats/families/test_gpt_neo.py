"""GPT-Neo: what transformers computes is computed here, option by option; what is not known is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models import model_folders
from tests.models.formats.families.theirs import check_the_same, each_dtype, edited, theirs
from tests.models.saved_models import refusal

SIZES: dict[str, Any] = {
    "hidden_size": 16, "num_layers": 2, "num_heads": 4, "max_position_embeddings": 32, "window_size": 5,
    "attention_types": [[["global", "local"], 1]],
}  # fmt: skip
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "untied": {"tie_word_embeddings": False, "layer_norm_epsilon": 1e-3},
    "wide": {"intermediate_size": 24, "activation_function": "gelu"},
    "local-first": {"attention_types": [[["local"], 1], [["global"], 1]], "window_size": 1},
    "all-local": {"attention_types": [[["local"], 2]], "window_size": 3},
    "no-window": {"attention_types": [[["global"], 2]]},
    "wider-than-the-text": {"window_size": 20},
    "wider-than-the-context": {"window_size": 32},
}


@each_dtype
@pytest.mark.parametrize("settings", OPTIONS.values(), ids=OPTIONS.keys())
def test_it_computes_what_transformers_computes(settings: dict[str, Any], dtype: str, tmp_path: Path) -> None:
    check_the_same("GPTNeo", dtype, tmp_path, **SIZES | settings)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    theirs("GPTNeo", "float32", **SIZES).save_pretrained(tmp_path / "neo")
    return tmp_path / "neo"


def test_scores_are_not_scaled_and_every_other_layer_has_a_window(folder: Path) -> None:
    config = model_folders.load(folder).config
    assert (config.scale, config.windows, config.lacks) == (1.0, (0, 5), ("scale",))


def test_masks_in_an_older_file_are_passed_over(folder: Path) -> None:
    before = model_folders.load(folder)
    tensors = load_file(folder / "model.safetensors")
    for name in ("bias", "masked_bias"):
        tensors[f"transformer.h.0.attn.attention.{name}"] = np.ones((1, 1, 4, 4), np.float32)
    save_file(tensors, folder / "model.safetensors")
    assert np.array_equal(model_folders.load(folder).logits([1, 2, 3]), before.logits([1, 2, 3]))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (
            {"attention_types": [[["global", "local"], 2]]},
            "attention_types = [[['global', 'local'], 2]]",
        ),
        ({"attention_types": [[["global", "sparse"], 1]]}, "attention_types = [[['global', 'sparse'], 1]]"),
        ({"attention_types": 7}, "attention_types = 7 is not handled"),
        ({"attention_types": [[["global"], 10**12]]}, "attention_types = [[['global'], 1000000000000]]"),
        ({"attention_types": [[[["global"]], 2]]}, "attention_types = [[[['global']], 2]]"),
        ({"attention_types": [[[["global"]], 2]], "attention_layers": None}, "attention_types = [[[['global']], 2]]"),
        ({"attention_types": {"global": 2}}, "attention_types = {'global': 2}"),
        ({"attention_layers": ["local", "local"]}, "attention_types"),
        ({"window_size": 0}, "window_size is 0 - it must be a whole number"),
        ({"scale_attn_weights": True}, "scale_attn_weights = True is not handled - use a plain GPT-Neo"),
        ({"hidden_size": 18}, "n_embd 18 is not a multiple of the number of heads, 4"),
    ],
)
def test_what_is_not_handled_is_refused_by_name(settings: dict[str, Any], says: str, folder: Path) -> None:
    message = refusal(lambda: model_folders.load(edited(folder, **settings)))
    assert says in message and str(folder) in message
