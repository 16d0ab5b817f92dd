"""GPT-2's config: what is not handled is refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file, save_file

from models import model_folders
from models.formats import gpt2_config
from tests.models.saved_models import edit, random_model, refusal, same

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"model_type": "abacus"}, "model_type = 'abacus' is not handled"),
    ({"model_type": None}, "model_type = None is not handled"),
    ({"scale_attn_weights": False}, "scale_attn_weights = False"),
    ({"scale_attn_by_inverse_layer_idx": 1}, "scale_attn_by_inverse_layer_idx = 1"),
    ({"reorder_and_upcast_attn": None}, "reorder_and_upcast_attn = None"),
    ({"add_cross_attention": True}, "add_cross_attention = True"),
    ({"is_encoder_decoder": True}, "is_encoder_decoder = True"),
    ({"pruned_heads": {"0": [1]}}, "pruned_heads = {'0': [1]}"),
    ({"auto_map": {"AutoModel": "evil.Model"}}, "auto_map = "),
    ({"n_inner": 0}, "n_inner is 0 - it must be a whole number from 1 to 262,144"),
    ({"n_inner": "x"}, "n_inner is 'x' - it must be a whole number from 1 to 262,144"),
    ({"rope_\x1btheta": 1}, r"rope_\x1btheta = 1"),
    ({"activation_function": "silu"}, "activation_function is 'silu' - it must be one of gelu_new"),
    ({"activation_function": ["relu"]}, "activation_function is a list - it must be one of"),
    ({"positions": "rotary"}, "positions is 'rotary' - it must be one of learned, sinusoidal, none"),
    ({"tie_word_embeddings": 1}, "tie_word_embeddings is 1 - it must be true or false"),
    ({"bias": None}, "bias is None - it must be true or false"),
    ({"layer_norm_epsilon": 0.0}, "layer_norm_epsilon is 0.0 - it must be between 0 and 1"),
    ({"layer_norm_epsilon": "x"}, "layer_norm_epsilon is 'x' - it must be between 0 and 1"),
    ({"vocab_size": 10**19}, "vocab_size is 10000000000000000000 - it must be a whole number from 1 to 10,000,000"),
    ({"n_layer": 0}, "n_layer is 0 - it must be a whole number from 1 to 1,024"),
    ({"n_layer": -2}, "n_layer is -2 - it must be a whole number"),
    ({"n_layer": 2.0}, "n_layer is 2.0 - it must be a whole number"),
    ({"n_layer": True}, "n_layer is True - it must be a whole number"),
    ({"n_layer": None}, "n_layer is None - it must be a whole number"),
    ({"n_head": 3}, "n_embd 4 is not a multiple of the number of heads, 3"),
    ({"n_ctx": 9}, "n_ctx and n_positions differ"),
]


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=[next(iter(change)) for change, _ in REFUSED])
def test_a_setting_that_is_not_handled_is_refused_by_name(number: int, folder: Path) -> None:
    change, says = REFUSED[number]
    edit(folder / "config.json", lambda config: config.update(change))
    message = refusal(lambda: model_folders.load(folder))
    assert says in message and "config.json" in message


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"n_inner": 15}, "h.0.mlp.c_fc.weight has the shape (4, 16), but config.json says (4, 15)"),
        ({"n_layer": 3}, "tensor h.2.attn.c_attn.bias is missing (and 11 more)"),
        ({"n_layer": 1}, "tensor h.1.attn.c_attn.bias is not expected (and 11 more)"),
        ({"vocab_size": 10}, "wte.weight has the shape (9, 4), but config.json says (10, 4)"),
        ({"tie_word_embeddings": False}, "tensor lm_head.weight is missing"),
        ({"positions": "sinusoidal"}, "wpe.weight does not fit positions = sinusoidal"),
        ({"positions": "none"}, "wpe.weight does not fit positions = none"),
        ({"bias": False}, "h.0.ln_1.bias does not fit bias = false"),
    ],
)
def test_a_config_that_does_not_fit_the_weights_is_refused(change: dict[str, Any], says: str, folder: Path) -> None:
    edit(folder / "config.json", lambda config: config.update(change))
    assert says in refusal(lambda: model_folders.load(folder))


def test_settings_that_change_nothing_are_accepted(folder: Path) -> None:
    (folder / "training.json").unlink()  # as another program leaves it
    harmless: dict[str, Any] = dict.fromkeys(gpt2_config.HARMLESS, "whatever")
    harmless |= {"_name_or_path": "x", "n_inner": 16, "n_ctx": 8, "n_special": 0}
    edit(folder / "config.json", lambda config: config.update(harmless))
    assert same(model_folders.load(folder), random_model())
    edit(folder / "config.json", lambda config: config.pop("n_positions"))
    assert same(model_folders.load(folder), random_model())


def test_sizes_are_read_under_their_other_names_and_as_text(folder: Path) -> None:
    (folder / "training.json").unlink()
    names = {"n_embd": "hidden_size", "n_layer": "num_hidden_layers", "n_head": "num_attention_heads"}

    def rename(config: dict[str, Any]) -> None:
        config.update({other: str(config.pop(name)) for name, other in names.items()})
        config.update(n_inner="16", n_ctx="8", layer_norm_epsilon="1e-5", max_position_embeddings=8)

    edit(folder / "config.json", rename)
    assert same(model_folders.load(folder), random_model())
    edit(folder / "config.json", lambda config: config.update(n_embd=8))
    assert "hidden_size and n_embd differ - give both the same number" in refusal(lambda: model_folders.load(folder))


def test_notes_that_change_nothing_are_told_and_kept(folder: Path) -> None:
    (folder / "training.json").unlink()
    notes = {"author": "someone", "num_train_epochs": 3, "repository": ["a", {"b": None}], "converted_by": "1"}
    edit(folder / "config.json", lambda config: config.update(notes))
    model = model_folders.load(folder)
    says = "config.json also says author, num_train_epochs, repository and converted_by: kept, and without effect here"
    assert same(model, random_model()) and model.notes == (says,)
    model_folders.save(model, folder)
    again = model_folders.load(folder)
    assert again.training["config.json"] == notes and not again.notes


@pytest.mark.parametrize(
    "name",
    ["rope_theta", "num_key_value_heads", "attention_bias", "sliding_window", "qk_norm", "moe", "n_experts", "eps",
     "logit_softcap", "embd_scale", "hidden_act", "parallel_residual", "mlp_dim", "12"],
)  # fmt: skip
def test_a_note_that_may_change_the_arithmetic_is_refused(name: str, folder: Path) -> None:
    edit(folder / "config.json", lambda config: config.update({name: 2}))
    assert f"{name} = 2 is not handled" in refusal(lambda: model_folders.load(folder))


def test_tied_weights_that_differ_are_refused(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["lm_head.weight"] = weights["transformer.wte.weight"] + 1
    save_file(weights, folder / "model.safetensors")
    (folder / "training.json").unlink()
    assert "lm_head.weight differs from wte.weight" in refusal(lambda: model_folders.load(folder))
