"""GPT-2: what transformers computes is computed here, option by option."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.models.formats.families.theirs import check_the_same, each_dtype

SIZES: dict[str, Any] = {"n_positions": 32, "n_embd": 16, "n_layer": 2, "n_head": 4}
OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "untied": {"tie_word_embeddings": False, "layer_norm_epsilon": 1e-3},
    "gelu": {"activation_function": "gelu"},
    "relu": {"activation_function": "relu", "n_inner": 24},
    "linear": {"activation_function": "linear"},
    "scores-by-layer": {"scale_attn_by_inverse_layer_idx": True, "reorder_and_upcast_attn": True},
}


@each_dtype
@pytest.mark.parametrize("settings", OPTIONS.values(), ids=OPTIONS.keys())
def test_it_computes_what_transformers_computes(settings: dict[str, Any], dtype: str, tmp_path: Path) -> None:
    check_the_same("GPT2", dtype, tmp_path, **SIZES | settings)
