"""The same numbers as Hugging Face's GPT-2, both ways, from tiny random models."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
import transformers
from safetensors.numpy import load_file, save_file

from models import model_folders
from models.gpt import GPT, GPTConfig, forward, weight_shapes
from models.ops import Array
from models.parts import Activation, Positions
from models.tokenizers import Tokenizer

hf: Any = transformers  # its own types do not describe what it takes
TEXT = "to be, or not to be!"  # nine characters
SIZES = {"vocab_size": 9, "n_positions": 16, "n_layer": 2, "n_head": 2, "n_embd": 8}
TOLERANCE = {"float32": 1e-5, "float64": 1e-12}
TOKENS = np.random.default_rng(0).integers(0, 9, 16)
ACTIVATIONS = {"gelu_new": "gelu_new", "gelu": "gelu", "relu": "relu", "none": "linear"}


def theirs(dtype: str, **settings: Any) -> Any:
    """A GPT-2 of Hugging Face's with random weights, large enough for attention to choose."""
    config = hf.GPT2Config(**SIZES, bos_token_id=None, eos_token_id=None, attn_implementation="eager", **settings)
    model = hf.GPT2LMHeadModel(config).to(getattr(torch, dtype)).eval()
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            middle = 1.0 if re.search(r"ln_\w+\.weight", name) else 0.0
            numbers = torch.empty(parameter.shape, dtype=torch.float64).normal_(middle, 0.3, generator=generator)
            parameter.copy_(numbers)
    return model


def ours(config: GPTConfig, dtype: str) -> GPT:
    rng = np.random.default_rng(0)
    weights = {
        name: rng.normal(1.0 if re.search(r"ln_\w+\.weight", name) else 0.0, 0.3, shape).astype(dtype)
        for name, shape in weight_shapes(config).items()
    }
    return GPT(config, weights, Tokenizer.train_char(TEXT))


def their_logits(model: Any) -> Array:
    with torch.no_grad():
        return model(torch.tensor(TOKENS)[None]).logits[0].numpy()


def load_theirs(folder: Path, dtype: str) -> Any:
    """Their model from a folder; a weight that is missing, or one too many, is an error."""
    model, report = hf.GPT2LMHeadModel.from_pretrained(
        folder, dtype=getattr(torch, dtype), attn_implementation="eager", output_loading_info=True
    )
    assert not any(report.values()), report
    return model.eval()


def assert_close(a: Array, b: Array, dtype: str) -> None:
    assert a.shape == b.shape and a.dtype == b.dtype == np.dtype(dtype)
    assert np.abs(a - b).max() < TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("prefix", [True, False], ids=["prefix", "plain"])
def test_what_they_save_computes_the_same_here(prefix: bool, tied: bool, dtype: str, tmp_path: Path) -> None:
    for activation, name in ACTIVATIONS.items():
        model = theirs(dtype, activation_function=name, tie_word_embeddings=tied, layer_norm_epsilon=1e-4)
        model.save_pretrained(tmp_path)
        if not prefix:
            file = tmp_path / "model.safetensors"
            save_file({name.removeprefix("transformer."): w for name, w in load_file(file).items()}, file)
        loaded = model_folders.load(tmp_path, dtype)
        assert (loaded.config.activation, loaded.config.tied, loaded.config.eps) == (activation, tied, 1e-4)
        assert_close(loaded.logits(TOKENS.tolist()), their_logits(model), dtype)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("positions", get_args(Positions))
def test_what_we_save_computes_the_same_there(positions: Positions, dtype: str, tmp_path: Path) -> None:
    for activation, tied, bias in product(get_args(Activation), (True, False), (True, False)):
        config = GPTConfig(9, 16, 2, 2, 8, positions, activation, tied, bias, eps=1e-4)
        model = ours(config, dtype)
        model_folders.save(model, tmp_path / "model", dtype)
        loaded = load_theirs(tmp_path / "model", dtype)
        assert_close(model.logits(TOKENS.tolist()), their_logits(loaded), dtype)


def test_what_went_through_their_hands_is_still_the_same_model(tmp_path: Path) -> None:
    for positions, bias in product(get_args(Positions), (True, False)):
        config = GPTConfig(9, 16, 2, 2, 8, positions, "none", tied=False, bias=bias)
        model = ours(config, "float32")
        model_folders.save(model, tmp_path / "a")
        load_theirs(tmp_path / "a", "float32").save_pretrained(tmp_path / "b")
        again = model_folders.load(tmp_path / "b")
        assert again.config == config
        assert all(np.array_equal(again.weights[name], weight) for name, weight in model.weights.items())


def test_their_shards_and_their_bfloat16_are_read(tmp_path: Path) -> None:
    model = theirs("float32").to(torch.bfloat16)
    model.save_pretrained(tmp_path, max_shard_size="2KB")
    assert len(list(tmp_path.glob("model-*.safetensors"))) > 2
    assert not (tmp_path / "model.safetensors").exists()
    loaded = model_folders.load(tmp_path)
    assert_close(loaded.logits(TOKENS.tolist()), their_logits(model.to(torch.float32)), "float32")


def test_float16_on_disk_is_computed_in_float32_by_both(tmp_path: Path) -> None:
    model_folders.save(ours(GPTConfig(9, 16, 2, 2, 8), "float32"), tmp_path / "model", "float16")
    loaded = hf.GPT2LMHeadModel.from_pretrained(tmp_path / "model").eval()
    assert loaded.dtype == torch.float32
    assert_close(model_folders.load(tmp_path / "model").logits(TOKENS.tolist()), their_logits(loaded), "float32")


def test_a_saved_folder_writes_the_same_text_there(tmp_path: Path) -> None:
    model_folders.save(ours(GPTConfig(9, 16, 2, 2, 8), "float32"), tmp_path / "model")
    mine = model_folders.load(tmp_path / "model")
    tokenizer, model = hf.AutoTokenizer.from_pretrained(tmp_path / "model"), load_theirs(tmp_path / "model", "float32")
    assert mine.tokenizer is not None
    prompt = tokenizer("to be", return_tensors="pt")
    text = tokenizer.decode(model.generate(**prompt, max_new_tokens=10, do_sample=False)[0])
    tokens = mine.tokenizer.encode("to be")
    for _ in range(10):
        tokens.append(int(mine.logits(tokens)[-1].argmax()))
    assert mine.tokenizer.decode(tokens) == text


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_every_layers_stream_and_pattern_are_theirs(dtype: str, tmp_path: Path) -> None:
    model = theirs(dtype)
    model.save_pretrained(tmp_path)
    with torch.no_grad():
        out = model(torch.tensor(TOKENS)[None], output_hidden_states=True, output_attentions=True)
    seen: dict[tuple[str, int | None], Array] = {}

    def record(name: str, value: Array, layer: int | None) -> Array:
        seen[name, layer] = value
        return value

    forward(model_folders.load(tmp_path, dtype), TOKENS, tap=record)
    for layer in range(SIZES["n_layer"]):
        assert_close(seen["resid_pre", layer], out.hidden_states[layer][0].numpy(), dtype)
        assert_close(seen["pattern", layer], out.attentions[layer][0].numpy(), dtype)
    assert_close(seen["ln_final", None], out.hidden_states[-1][0].numpy(), dtype)
