"""Llama and its kin: what transformers computes is computed here, option by option; what is not known is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models import model_folders
from models.gpt_config import Rope, speeds
from tests.models.formats.families.theirs import check_the_same, each_dtype, edited, theirs
from tests.models.saved_models import refusal

SIZES: dict[str, Any] = {
    "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 32,
}  # fmt: skip
LLAMA_3 = {
    "rope_type": "llama3", "rope_theta": 500.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}  # fmt: skip
OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("Llama", {}),
    "every-head-its-own": ("Llama", {"num_key_value_heads": 4, "rms_norm_eps": 1e-3}),
    "one-key-for-all": ("Llama", {"num_key_value_heads": 1, "tie_word_embeddings": True}),
    "wide-heads": ("Llama", {"head_dim": 6, "rope_parameters": {"rope_type": "default", "rope_theta": 77.0}}),
    "biases": ("Llama", {"attention_bias": True, "mlp_bias": True}),
    "attention-biases": ("Llama", {"attention_bias": True}),
    "llama-3": ("Llama", {"rope_parameters": LLAMA_3, "head_dim": 8}),
    "linear": ("Llama", {"rope_parameters": {"rope_type": "linear", "rope_theta": 1e4, "factor": 4.0}}),
    "gelu": ("Llama", {"hidden_act": "gelu"}),
    "mistral": ("Mistral", {"sliding_window": None}),
    "mistral-window": ("Mistral", {"sliding_window": 5}),
    "qwen2": ("Qwen2", {}),
    "qwen2-tied": ("Qwen2", {"tie_word_embeddings": True}),
    "qwen3": ("Qwen3", {"head_dim": 10}),
    "qwen3-biases": ("Qwen3", {"attention_bias": True, "head_dim": 4}),
}


@each_dtype
@pytest.mark.parametrize(("kind", "settings"), OPTIONS.values(), ids=OPTIONS.keys())
def test_it_computes_what_transformers_computes(
    kind: str, settings: dict[str, Any], dtype: str, tmp_path: Path
) -> None:
    check_the_same(kind, dtype, tmp_path, **SIZES | settings)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    theirs("Llama", "float32", **SIZES).save_pretrained(tmp_path / "llama")
    return tmp_path / "llama"


def test_the_words_of_older_versions_mean_the_same(folder: Path) -> None:
    now = model_folders.load(folder)
    old = edited(folder, rope_parameters=None, rope_theta=10_000.0, rope_scaling=None, pretraining_tp=1)
    assert model_folders.load(old).config == now.config
    stretched = {"type": "linear", "factor": 2.0}
    halved = model_folders.load(edited(folder, rope_scaling=stretched)).config.rope
    assert halved == Rope(4, 10_000.0, 2.0)
    np.testing.assert_allclose(speeds(halved), [0.5, 0.005])
    both = edited(folder, rope_parameters={"rope_type": "default", "rope_theta": 77.0})
    config = both / "config.json"
    config.write_text(
        config.read_text().replace('"rope_scaling": {"type": "linear", "factor": 2.0}', '"rope_scaling": null')
    )
    assert model_folders.load(both).config.rope == Rope(4, 77.0)
    edited(folder, rope_parameters=None)
    three = {**LLAMA_3, "rope_theta": None}
    three = {name: value for name, value in three.items() if value is not None}
    found = model_folders.load(edited(folder, rope_scaling=three, rope_theta=500.0)).config.rope
    assert found == Rope(4, 500.0, 8.0, 16, 1.0, 4.0)


@pytest.mark.parametrize(
    "also",
    [
        {"is_llama_config": True, "rope_interleaved": False, "transformers.js_config": {"kv_cache_dtype": "float16"}},
        {"eos_token_id": [1, 2], "rope_scaling": None, "mlp_bias": False, "_name_or_path": "x", "pretraining_tp": 1},
        {"attention_dropout": 0.1, "use_cache": True, "torch_dtype": "bfloat16", "max_length": 20, "num_labels": 2},
    ],
)
def test_what_published_models_say_beside_changes_nothing(also: dict[str, Any], folder: Path) -> None:
    before = model_folders.load(folder).config
    assert model_folders.load(edited(folder, **also)).config == before


def test_a_qwen2_says_that_it_has_no_window(tmp_path: Path) -> None:
    theirs("Qwen2", "float32", **SIZES).save_pretrained(tmp_path)
    also = {"sliding_window": 32, "use_sliding_window": False, "max_window_layers": 2, "use_mrope": False}
    config = model_folders.load(edited(tmp_path, **also)).config
    assert config.windows == () and config.bias == ("attn.c_attn",)


def test_what_an_older_file_holds_beside_the_weights_is_passed_over(folder: Path) -> None:
    before = model_folders.load(folder)
    tensors = load_file(folder / "model.safetensors")
    tensors["model.layers.0.self_attn.rotary_emb.inv_freq"] = np.ones(2, np.float32)
    plain = {name.removeprefix("model."): tensor for name, tensor in tensors.items()}
    for given in (tensors, plain):
        save_file(given, folder / "model.safetensors")
        assert np.array_equal(model_folders.load(folder).logits([1, 2, 3]), before.logits([1, 2, 3]))


def test_an_unembedding_that_is_the_embedding_again_may_be_there(tmp_path: Path) -> None:
    theirs("Llama", "float32", **SIZES, tie_word_embeddings=True).save_pretrained(tmp_path)
    file = tmp_path / "model.safetensors"
    tensors = load_file(file)
    save_file(tensors | {"lm_head.weight": tensors["model.embed_tokens.weight"].copy()}, file)
    assert "lm_head.weight" not in model_folders.load(tmp_path).weights
    save_file(tensors | {"lm_head.weight": tensors["model.embed_tokens.weight"] + 1}, file)
    assert "lm_head.weight differs from wte.weight" in refusal(lambda: model_folders.load(tmp_path))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"rope_parameters": {"rope_type": "yarn", "factor": 2.0}}, "rope_type = 'yarn' is not handled"),
        ({"rope_scaling": {"type": "dynamic", "factor": 2.0}, "rope_parameters": None}, "'dynamic' is not handled"),
        (
            {"rope_parameters": {"rope_type": "default", "beta_fast": 2}},
            "rope_parameters: beta_fast = 2",
        ),
        ({"rope_parameters": [1]}, "rope_parameters = [1] is not handled"),
        (
            {"rope_parameters": {"rope_type": "default", "rope_theta": 0}},
            "rope_theta is 0 - it must be",
        ),
        ({"logit_scale": 0.5}, "logit_scale = 0.5 is not handled - use a plain Llama"),
        ({"hidden_act": "swiglu"}, "hidden_act = 'swiglu' is not handled"),
        ({"attention_bias": "yes"}, "attention_bias = 'yes' is not handled"),
        ({"num_key_value_heads": 3}, "n_kv_head 3 heads with keys cannot serve 4"),
        ({"hidden_size": 2.5}, "hidden_size is 2.5 - it must be a whole number"),
        ({"intermediate_size": None}, "down_proj.weight has the shape (16, 24), but config.json says (16, 64)"),
        ({"rope_interleaved": True}, "rope_interleaved = True is not handled"),
        ({"model_type": "qwen2", "use_mrope": True}, "use_mrope = True is not handled"),
        ({"head_dim": 5}, "rope turns 5 numbers of a head"),
        ({"rms_norm_eps": -1}, "rms_norm_eps is -1 - it must be a number above 0"),
        ({"model_type": "qwen2", "use_sliding_window": True}, "use_sliding_window = True is not handled"),
        ({"model_type": "qwen3", "layer_types": ["sliding_attention"]}, "layer_types = ['sliding_attention']"),
        ({"num_hidden_layers": 3}, "tensor layers.2.input_layernorm.weight is missing (and 8 more)"),
        ({"vocab_size": 12}, "has the shape (11, 16), but config.json says (12, 16)"),
    ],
)
def test_what_is_not_handled_is_refused_by_name(settings: dict[str, Any], says: str, folder: Path) -> None:
    message = refusal(lambda: model_folders.load(edited(folder, **settings)))
    assert says in message and str(folder) in message


def test_a_folder_cut_short_is_said(folder: Path) -> None:
    file = folder / "model.safetensors"
    tensors = load_file(file)
    del tensors["model.layers.1.self_attn.k_proj.weight"]
    save_file(tensors, file)
    assert "tensor layers.1.self_attn.k_proj.weight is missing" in refusal(lambda: model_folders.load(folder))


def test_the_card_says_what_it_is(folder: Path) -> None:
    model_folders.save(model_folders.load(folder), folder / "again")
    card = (folder / "again" / "README.md").read_text()
    assert "A Llama in the Hugging Face layout." in card
    assert "| positions | rotary |" in card and "| gated | True |" in card and "windows" not in card
