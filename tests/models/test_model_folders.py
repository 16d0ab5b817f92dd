"""Model folders: what is saved comes back, what is damaged is said in one sentence, and no fault loses a model."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import random
import socket
import struct
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from models import model_folders
from models.errors import UserError
from models.formats import gpt2_config, safetensors
from models.gpt import GPT, GPTConfig, weight_shapes
from models.model_files import DIGEST
from models.parts import Activation, Positions
from models.tokenizers import Tokenizer
from tests.conftest import ROOT

TEXT = "to be, or not to be!"  # nine characters
CONFIG = GPTConfig(vocab_size=9, block_size=8, n_layer=2, n_head=2, n_embd=4)


def random_model(config: GPTConfig = CONFIG, seed: int = 0, dtype: Any = np.float32) -> GPT:
    rng = np.random.default_rng(seed)
    weights = {name: rng.normal(0, 0.5, shape).astype(dtype) for name, shape in weight_shapes(config).items()}
    return GPT(config, weights, Tokenizer.train_char(TEXT), training={"steps": 7, "losses": [2.5, 1.5]})


def same(a: GPT, b: GPT) -> bool:
    return a.config == b.config and all(np.array_equal(a.weights[name], b.weights[name]) for name in a.weights)


def refusal(call: Callable[[], object]) -> str:
    """The one clear sentence a call is refused with."""
    with pytest.raises(UserError) as caught:
        call()
    message = str(caught.value)
    assert message.isprintable() and " - " in message and len(message) < 400
    return message


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model_folders.save(random_model(), tmp_path / "model")
    return tmp_path / "model"


def edit(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


def edit_header(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the header of the weights; the checksum is taken away, so that the fault itself must be found."""
    raw = (folder / "model.safetensors").read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + length])
    change(header)
    put_weights(folder, json.dumps(header).encode(), raw[8 + length :])


def put_weights(folder: Path, header: bytes, body: bytes) -> None:
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + body)
    edit(folder / "training.json", lambda training: training.pop(DIGEST, None))


# ---- there and back


CONFIGS = [
    replace(CONFIG, positions=positions, activation=activation, tied=tied, bias=bias)
    for positions, activation, tied, bias in product(
        get_args(Positions), get_args(Activation), (True, False), (True, False)
    )
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_choice_comes_back_bit_for_bit(dtype: str, tmp_path: Path) -> None:
    for number, config in enumerate(CONFIGS):
        model = random_model(config, number, dtype)
        model_folders.save(model, tmp_path / "model", dtype)
        loaded = model_folders.load(tmp_path / "model", dtype)
        assert same(loaded, model)
        assert list(loaded.weights) == list(weight_shapes(config))
        assert {weight.dtype for weight in loaded.weights.values()} == {np.dtype(dtype)}
        assert loaded.name == "model"
        assert loaded.training == model.training
        assert loaded.tokenizer is not None and loaded.tokenizer.decode(loaded.tokenizer.encode(TEXT)) == TEXT


def test_float16_halves_the_file_and_rounds_once(tmp_path: Path) -> None:
    model = random_model(replace(CONFIG, n_embd=64))
    for dtype in ("float32", "float16"):
        model_folders.save(model, tmp_path / dtype, dtype)
    sizes = [(tmp_path / dtype / "model.safetensors").stat().st_size for dtype in ("float32", "float16")]
    assert sizes[1] < 0.52 * sizes[0]
    loaded = model_folders.load(tmp_path / "float16")
    for name, weight in model.weights.items():
        assert loaded.weights[name].dtype == np.float32
        assert np.array_equal(loaded.weights[name], weight.astype(np.float16).astype(np.float32))


def test_the_file_is_what_the_format_promises(tmp_path: Path) -> None:
    safetensors.write(tmp_path / "x", {"b": np.array([[1.5, -2]]), "a": np.array([0.5])}, "float32", {"format": "pt"})
    header = (
        b'{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},'
        b'"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}'
    )
    header += b" " * (-len(header) % 8)
    body = struct.pack("<3f", 1.5, -2, 0.5)
    assert (tmp_path / "x").read_bytes() == struct.pack("<Q", len(header)) + header + body
    assert np.array_equal(load_file(tmp_path / "x")["b"], [[1.5, -2]])


def test_the_librarys_own_reader_finds_what_we_saved(folder: Path) -> None:
    theirs = load_file(folder / "model.safetensors")
    ours = random_model().weights
    assert theirs.keys() == {"transformer." + name for name in ours}
    assert all(np.array_equal(theirs["transformer." + name], weight) for name, weight in ours.items())
    with safe_open(folder / "model.safetensors", "np") as file:
        assert file.metadata() == {"format": "pt"}


@pytest.mark.parametrize("prefix", ["", "transformer."])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_what_the_library_saved_is_read(dtype: str, prefix: str, folder: Path) -> None:
    weights = {prefix + name: weight.astype(dtype) for name, weight in random_model().weights.items()}
    weights[prefix + "h.0.attn.bias"] = np.ones((1, 1, 8, 8), bool)
    weights[prefix + "h.1.attn.masked_bias"] = np.array(-1e4, np.float32)
    weights["lm_head.weight"] = weights[prefix + "wte.weight"].copy()
    save_file(weights, folder / "model.safetensors")
    (folder / "training.json").unlink()
    loaded = model_folders.load(folder, "float64")
    assert loaded.weights.keys() == random_model().weights.keys()
    for name, weight in loaded.weights.items():
        assert np.array_equal(weight, weights[prefix + name].astype(np.float64))


def test_bfloat16_is_the_upper_half_of_float32(folder: Path) -> None:
    numbers = np.array([1.0, -2.5, 3.0e38, 1e-40, 0.0078125, -0.0], np.float32)
    halves = (numbers.view(np.uint32) >> 16).astype("<u2")
    header = json.dumps({"a": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 12]}}).encode()
    put_weights(folder, header, halves.tobytes())
    file = folder / "model.safetensors"
    found, _ = safetensors.read_data(file, safetensors.read_header(file), {"a": "a"}, "float32", False)
    expected = (halves.astype(np.uint32) << 16).view(np.float32)
    assert np.array_equal(found["a"].ravel(), expected)
    assert np.allclose(found["a"].ravel(), numbers, rtol=2**-7)


def test_shards_are_put_together(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    table: dict[str, str] = {}
    for number, names in enumerate((sorted(weights)[::2], sorted(weights)[1::2])):
        shard = f"model-{number + 1:05}-of-00002.safetensors"
        save_file({name: weights[name] for name in names}, folder / shard)
        table |= dict.fromkeys(names, shard)
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": 1}, "weight_map": table}))
    assert same(model_folders.load(folder), random_model())

    name = sorted(weights)[0]
    edit(index, lambda content: content["weight_map"].pop(name))
    assert "model-00001-of-00002.safetensors holds other tensors" in refusal(lambda: model_folders.load(folder))
    for path in ("../secret.safetensors", "/etc/passwd", "a/b.safetensors", ".hidden.safetensors", "x.bin", 7, None):
        edit(index, lambda content, path=path: content["weight_map"].update({name: path}))  # type: ignore[misc]
        assert "names a file outside the folder or of another kind" in refusal(lambda: model_folders.load(folder))
    index.write_text('{"weight_map": []}')
    assert "has no weight_map" in refusal(lambda: model_folders.load(folder))


def test_no_setting_of_a_model_is_lost_in_its_config_json() -> None:
    """A field that is new must be read back, or be refused by its name; and have a line here."""
    other: dict[str, Any] = {
        "vocab_size": 11, "block_size": 12, "n_layer": 3, "n_head": 2, "n_embd": 15, "positions": "sinusoidal",
        "activation": "relu", "tied": False, "bias": False, "eps": 1e-6, "without": ("mask",),
    }  # fmt: skip
    plain = GPTConfig(7, 8, 1, 1, 4)
    assert other.keys() == asdict(plain).keys()
    for name, value in other.items():
        config = replace(plain, **{name: value})
        assert config != plain and GPTConfig(**gpt2_config.read(gpt2_config.write(asdict(config)), "it")) == config
    with pytest.raises(UserError, match="it: experts = 8 is not handled"):
        gpt2_config.read(gpt2_config.write(asdict(plain) | {"experts": 8}), "it")


def test_a_model_without_a_tokenizer_is_saved_and_loaded(tmp_path: Path) -> None:
    model_folders.save(replace(random_model(), tokenizer=None), tmp_path / "model")
    assert model_folders.load(tmp_path / "model").tokenizer is None


def test_the_card_is_the_one_given_or_the_sizes(tmp_path: Path) -> None:
    model_folders.save(random_model(), tmp_path / "a", card="# mine\n")
    assert (tmp_path / "a" / "README.md").read_text() == "# mine\n"
    model_folders.save(random_model(), tmp_path / "b")
    assert "| n_embd | 4 |" in (tmp_path / "b" / "README.md").read_text()


def test_bundled_models_are_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_folders, "PRETRAINED", tmp_path)
    for name in ("two", "one"):
        model_folders.save(random_model(), tmp_path / name)
    (tmp_path / "not-a-model").mkdir()
    assert model_folders.available() == ["one", "two"]
    assert model_folders.load("two").name == "two"
    message = refusal(lambda: model_folders.load("three"))
    assert "'three'" in message and "one, two" in message


# ---- what is refused, and how


END = 4 * random_model().n_parameters  # of the last tensor, ln_f.bias
LN_F = "transformer.ln_f.weight"
NOTHING = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
Change = Callable[[dict[str, Any]], object]
HEADER: dict[str, tuple[Change, str]] = {
    "overlap": (
        lambda h: h.update({"h.0.attn.bias": {"dtype": "U8", "shape": [8], "data_offsets": [4, 12]}}),
        "byte ranges overlap or leave a hole at h.0.attn.bias",
    ),
    "hole": (lambda h: h.pop("transformer.h.0.ln_1.bias"), "byte ranges overlap or leave a hole at transformer.h.0"),
    "trailing": (lambda h: h.pop("transformer.ln_f.bias"), "16 bytes follow the last tensor"),
    "beyond": (
        lambda h: h["transformer.ln_f.bias"].update(shape=[1 << 34], data_offsets=[END - 16, END - 16 + (1 << 36)]),
        "is cut short: it has ",
    ),
    "shape": (lambda h: h[LN_F].update(shape=[5]), "shape and byte range differ for transformer.ln_f.weight"),
    "overflow": (lambda h: h[LN_F].update(shape=[2**40, 2**40]), "shape and byte range differ for"),
    "negative": (lambda h: h[LN_F].update(shape=[-4]), "is not a list of sizes"),
    "truth": (lambda h: h[LN_F].update(shape=[True, 4]), "is not a list of sizes"),
    "type": (lambda h: h[LN_F].update(dtype="F8_E4M3"), "transformer.ln_f.weight holds F8_E4M3, which is not"),
    "type of type": (lambda h: h[LN_F].update(dtype=["F32"]), "which is not handled"),
    "whole numbers": (lambda h: h[LN_F].update(dtype="I32"), "ln_f.weight holds I32, not floating-point weights"),
    "entry": (lambda h: h[LN_F].update(more=1), "the entry of transformer.ln_f.weight is not"),
    "no entry": (lambda h: h.update({LN_F: 5}), "the entry of transformer.ln_f.weight is not"),
    "metadata": (lambda h: h.update(__metadata__={"a": 1}), "__metadata__ is not a table of texts"),
    "missing": (lambda h: h.update({"h.0.attn.bias": h.pop(LN_F)}), "tensor ln_f.weight is missing for"),
    "extra": (lambda h: h.update(zz=NOTHING), "tensor zz is not expected"),
    "look-alike": (lambda h: h.update({"h.0.xattn.bias": NOTHING}), "tensor h.0.xattn.bias is not expected"),
    "both prefixes": (
        lambda h: h.update({"wte.weight": NOTHING}),
        "has transformer.wte.weight with and without 'transformer.'",
    ),
    "turned": (
        lambda h: h["transformer.wte.weight"].update(shape=[4, 9]),
        "wte.weight has the shape (4, 9), but config.json says (9, 4)",
    ),
    "name": (lambda h: h.update({"\x1b]0;x\x07": 1}), r"the entry of \x1b]0;x\x07 is not"),
    "many": (
        lambda h: h.update(dict.fromkeys(map(str, range(20_000)), NOTHING)),
        "tensors, more than the 20,000 read here",
    ),
}


@pytest.mark.parametrize("case", HEADER)
def test_a_header_that_does_not_hold_together_is_refused(case: str, folder: Path) -> None:
    change, says = HEADER[case]
    edit_header(folder, change)
    message = refusal(lambda: model_folders.load(folder))
    assert says in message and "model.safetensors" in message


RAW: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is not a safetensors file"),
    "short": (b"\x08\0\0\0", "is not a safetensors file"),
    "no header": (struct.pack("<Q", 0), "is not a safetensors file"),
    "huge header": (struct.pack("<Q", 2**63) + b"{}", "is not a safetensors file"),
    "cut header": (struct.pack("<Q", 99) + b'{"a":', "is cut short: it has 13 bytes"),
    "not JSON": (struct.pack("<Q", 3) + b"{a}", "is not valid JSON"),
    "not UTF-8": (struct.pack("<Q", 4) + b'{"\xff"', "is not UTF-8 text at byte 2"),
    "deep": (struct.pack("<Q", 200_006) + b'{"a":' + b"[" * 200_001, "is nested too deeply"),
    "deep and closed": (struct.pack("<Q", 86) + b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", "is nested too deeply"),
    "long number": (struct.pack("<Q", 5006) + b'{"a":' + b"9" * 5000 + b"}", "a number of 5,000 digits"),
    "NaN": (struct.pack("<Q", 9) + b'{"a":NaN}', "NaN is not a JSON number"),
    "twice": (struct.pack("<Q", 13) + b'{"a":1,"a":1}', "the name 'a' appears twice"),
    "LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "run git lfs pull"),
    "web": (b"\n<!DOCTYPE html><html>not found</html>", "is a web page"),
    "GGUF": (b"GGUF\x03\0\0\0", "is a GGUF file"),
    "zip": (b"PK\x03\x04" + bytes(30), "is a zip file, perhaps a PyTorch checkpoint, which is never opened"),
    "pickle": (pickle.dumps({"a": 1}), "is a pickle, which is never opened"),
    "gzip": (b"\x1f\x8b\x08" + bytes(30), "is compressed with gzip"),
    "HDF5": (b"\x89HDF\r\n\x1a\n", "is an HDF5 file"),
}


@pytest.mark.parametrize("case", RAW)
def test_something_else_in_place_of_the_weights_is_said(case: str, folder: Path) -> None:
    content, says = RAW[case]
    (folder / "model.safetensors").write_bytes(content)
    message = refusal(lambda: model_folders.load(folder))
    assert says in message and "model.safetensors" in message


def test_every_cut_is_found(folder: Path) -> None:
    file = folder / "model.safetensors"
    whole = file.read_bytes()
    for length in [*range(0, 200, 7), *range(200, len(whole), 97), len(whole) - 1]:
        file.write_bytes(whole[:length])
        message = refusal(lambda: model_folders.load(folder))
        assert "cut short" in message or "not a safetensors file" in message


def test_nan_and_infinite_weights_are_named_and_counted(folder: Path) -> None:
    for value, kind in ((np.nan, "2 NaN"), (np.inf, "2 infinite")):
        weights = {name: weight.copy() for name, weight in random_model().weights.items()}
        weights["h.1.mlp.c_fc.weight"][0, :2] = value
        save_file(weights, folder / "model.safetensors")
        edit(folder / "training.json", lambda training: training.pop(DIGEST, None))
        assert f"h.1.mlp.c_fc.weight holds {kind} values" in refusal(lambda: model_folders.load(folder))
        bad = replace(random_model(), weights=weights)
        assert f"h.1.mlp.c_fc.weight holds {kind} values" in refusal(lambda: model_folders.save(bad, folder))  # noqa: B023
    weights["h.1.mlp.c_fc.weight"][0, :2] = 1e5
    large = replace(random_model(), weights=weights)
    assert "numbers too large for float16" in refusal(lambda: model_folders.save(large, folder, "float16"))


def test_numbers_too_large_for_float32_count_as_infinite(folder: Path) -> None:
    weights = {name: weight.astype(np.float64) for name, weight in random_model().weights.items()}
    weights["ln_f.weight"][1] = 1e300
    save_file(weights, folder / "model.safetensors")
    (folder / "training.json").unlink()
    assert model_folders.load(folder, "float64").weights["ln_f.weight"][1] == 1e300
    assert "ln_f.weight holds 1 infinite values" in refusal(lambda: model_folders.load(folder))


def test_a_flipped_bit_is_found_by_the_checksum(folder: Path) -> None:
    file = folder / "model.safetensors"
    whole = file.read_bytes()
    assert json.loads((folder / "training.json").read_text())[DIGEST] == hashlib.sha256(whole).hexdigest()
    file.write_bytes(whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:])
    assert "is damaged, or was changed: its SHA-256" in refusal(lambda: model_folders.load(folder))
    edit(folder / "training.json", lambda training: training.pop(DIGEST))
    assert not same(model_folders.load(folder), random_model())


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"model_type": "llama"}, "model_type = 'llama' is not handled"),
    ({"model_type": None}, "model_type = None is not handled"),
    ({"scale_attn_weights": False}, "scale_attn_weights = False"),
    ({"scale_attn_by_inverse_layer_idx": True}, "scale_attn_by_inverse_layer_idx = True"),
    ({"reorder_and_upcast_attn": True}, "reorder_and_upcast_attn = True"),
    ({"add_cross_attention": True}, "add_cross_attention = True"),
    ({"is_encoder_decoder": True}, "is_encoder_decoder = True"),
    ({"pruned_heads": {"0": [1]}}, "pruned_heads = {'0': [1]}"),
    ({"quantization_config": {"bits": 4}}, "quantization_config = {'bits': 4}"),
    ({"auto_map": {"AutoModel": "evil.Model"}}, "auto_map = "),
    ({"n_inner": 15}, "n_inner = 15"),
    ({"n_inner": "16"}, "n_inner = '16'"),
    ({"rope_\x1btheta": 1}, r"rope_\x1btheta = 1"),
    ({"activation_function": "silu"}, "activation_function is 'silu' - it must be one of gelu_new"),
    ({"activation_function": ["relu"]}, "activation_function is ['relu'] - it must be one of"),
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
    harmless = dict.fromkeys(gpt2_config.HARMLESS, "whatever") | {"_name_or_path": "x", "n_inner": 16, "n_ctx": 8}
    edit(folder / "config.json", lambda config: config.update(harmless))
    assert same(model_folders.load(folder), random_model())
    edit(folder / "config.json", lambda config: config.pop("n_positions"))
    assert same(model_folders.load(folder), random_model())


def test_tied_weights_that_differ_are_refused(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["lm_head.weight"] = weights["transformer.wte.weight"] + 1
    save_file(weights, folder / "model.safetensors")
    (folder / "training.json").unlink()
    assert "lm_head.weight differs from wte.weight" in refusal(lambda: model_folders.load(folder))


def test_a_tokenizer_of_another_size_is_refused_unless_the_model_is_padded(tmp_path: Path) -> None:
    for vocab_size in (7, 10, 64, 128, 192):
        model = random_model(replace(CONFIG, vocab_size=vocab_size))
        model_folders.save(replace(model, tokenizer=None), tmp_path / "model")
        Tokenizer.train_char(TEXT).save(tmp_path / "model")
        if vocab_size in (64, 128):
            assert same(model_folders.load(tmp_path / "model"), model)
        else:
            message = refusal(lambda: model_folders.load(tmp_path / "model"))
            assert f"has 9 tokens, the model {vocab_size}" in message


def test_a_folder_with_something_missing_says_what(folder: Path) -> None:
    assert "tokenizer.json cannot be read" in missing(folder, "tokenizer.json", dangling=True)
    assert "config.json cannot be read: no such file or directory" in missing(folder, "config.json")
    assert "has no model.safetensors" in missing(folder, "model.safetensors")
    (folder / "pytorch_model.bin").write_bytes(b"")
    assert "in pytorch_model.bin, which could run code and is never opened" in missing(folder, "model.safetensors")


def missing(folder: Path, name: str, dangling: bool = False) -> str:
    content = (folder / name).read_bytes() if (folder / name).exists() else None
    if content is not None:
        (folder / name).unlink()
    if dangling:
        (folder / name).symlink_to("nowhere")
    message = refusal(lambda: model_folders.load(folder))
    (folder / name).unlink(missing_ok=True)
    if content is not None and name != "model.safetensors":
        (folder / name).write_bytes(content)
    return message


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json", "training.json"])
@pytest.mark.parametrize("kind", ["fifo", "device", "socket", "folder", "loop"])
def test_only_regular_files_are_opened(kind: str, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / name).unlink()
    monkeypatch.chdir(folder)  # a socket's path may have 107 bytes at most
    with socket.socket(socket.AF_UNIX) as server:
        if kind == "fifo":
            os.mkfifo(name)
        elif kind == "device":
            os.symlink("/dev/zero", name)
        elif kind == "socket":
            server.bind(name)
        elif kind == "folder":
            os.mkdir(name)
        else:
            os.symlink(name, name)
        message = refusal(lambda: model_folders.load(folder))
    assert name in message
    assert ("is not a regular file" in message) == (kind in ("fifo", "device", "folder"))


NAMES = ["nowhere", "\x00", "a\x1b[2Jb\n", "x" * 5000, "\udcff", "/dev/null", "/proc/self/mem"]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_model_that_is_not_there_is_said_with_its_name_made_safe(name: str) -> None:
    message = refusal(lambda: model_folders.load(name))
    assert "there is no model" in message or "is not a folder" in message


def test_a_folders_strange_name_is_shown_safely(tmp_path: Path) -> None:
    strange = tmp_path / "a\x1b]0;pwned\x07\n\udcff"
    model_folders.save(random_model(), strange)
    assert same(model_folders.load(strange), random_model())
    (strange / "config.json").write_text("{")
    assert r"a\x1b]0;pwned\x07\n\udcff/config.json is not valid JSON" in refusal(lambda: model_folders.load(strange))


def test_nothing_in_a_folder_is_ever_run(folder: Path, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "ran"),)

    for name in ("model.safetensors", "pytorch_model.bin", "training.json", "tokenizer.json", "config.json"):
        (folder / name).write_bytes(pickle.dumps(Evil()))
        refusal(lambda: model_folders.load(folder))
    assert not (tmp_path / "ran").exists()


def test_a_file_that_shrinks_or_changes_while_it_is_read_is_said(folder: Path) -> None:
    file = folder / "model.safetensors"
    header, whole = safetensors.read_header(file), file.read_bytes()
    for content in (whole[:-1], whole + b"x", whole[:20] + b"!" + whole[21:]):
        file.write_bytes(content)
        message = refusal(lambda: safetensors.read_data(file, header, {}, "float32", True))
        assert "changed while it was read" in message


def test_refusing_costs_no_memory_whatever_a_file_claims(folder: Path) -> None:
    size = {"dtype": "F32", "shape": [1 << 20, 1 << 14], "data_offsets": [0, 1 << 36]}
    header = json.dumps({"wte.weight": size}).encode()
    put_weights(folder, header, bytes(4096))
    edit(folder / "config.json", lambda config: config.update(vocab_size=1 << 20, n_embd=1 << 14))
    tracemalloc.start()
    try:
        assert "is cut short" in refusal(lambda: model_folders.load(folder))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_model_larger_than_this_machine_is_refused_before_it_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 4 * random_model().n_parameters
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 1, "SC_PHYS_PAGES": size}.__getitem__)
    assert same(model_folders.load(folder), random_model())
    message = refusal(lambda: model_folders.load(folder, "float64"))
    assert "GiB of memory, this machine has" in message


# ---- mutations


JSON_VALUES: list[Any] = [None, True, False, -1, 0, 1, 2**31, 2**63, 10**30, 0.5, 1e999, "", "x", [], {}, [0], "gelu"]


def mutated_json(content: dict[str, Any], rng: random.Random) -> bytes:
    """The object with something in it replaced, dropped, renamed or given twice."""
    parent: Any = content
    while True:
        key = rng.choice(list(parent) if isinstance(parent, dict) else range(len(parent)))
        if not isinstance(parent[key], dict | list) or not parent[key] or rng.random() < 0.2:
            break
        parent = parent[key]
    act = rng.randrange(4)
    if act == 0:
        parent[key] = rng.choice(JSON_VALUES)
    elif act == 1:
        del parent[key]
    elif act == 2 and isinstance(parent, dict):
        parent[rng.choice([key + "x", key[:-1], "transformer." + key, "\x1b" + key])] = parent.pop(key)
    text = json.dumps(content)
    return (text[:-1] + ", " + text[1:] if act == 3 else text).encode()


def mutated_bytes(content: bytes, rng: random.Random) -> bytes:
    """The bytes with some flipped, dropped, doubled, or cut off."""
    damaged = bytearray(content)
    for _ in range(rng.choice([1, 1, 1, 2, 8])):
        if not damaged:
            break
        at, act = rng.randrange(len(damaged)), rng.randrange(5)
        if act == 0:
            damaged[at] ^= 1 << rng.randrange(8)
        elif act == 1:
            damaged[at] = rng.randrange(256)
        elif act == 2:
            del damaged[at : at + rng.randrange(1, 9)]
        elif act == 3:
            damaged[at:at] = damaged[at : at + rng.randrange(1, 9)]
        else:
            del damaged[at + 1 :]
    return bytes(damaged)


def mutations(file: Path, rng: random.Random, count: int) -> Iterator[bytes]:
    whole = file.read_bytes()
    for number in range(count):
        if file.suffix == ".json" and number % 2:
            yield mutated_json(json.loads(whole), rng)
        elif file.suffix == ".safetensors" and number % 3:
            length = struct.unpack("<Q", whole[:8])[0]
            act = mutated_bytes(whole[8 : 8 + length], rng) if number % 3 == 1 else b""
            act = act or mutated_json(json.loads(whole[8 : 8 + length]), rng)
            yield struct.pack("<Q", len(act)) + act + whole[8 + length :]
        else:
            yield mutated_bytes(whole, rng)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "training.json"])
@pytest.mark.parametrize("checksum", [True, False])
def test_no_damage_does_more_than_a_user_error(name: str, checksum: bool, folder: Path) -> None:
    if not checksum:
        edit(folder / "training.json", lambda training: training.pop(DIGEST))
    whole, rng, refused, count = (folder / name).read_bytes(), random.Random(name), 0, 200
    for damaged in mutations(folder / name, rng, count):
        (folder / name).write_bytes(damaged)
        try:
            model = model_folders.load(folder)
        except UserError as error:
            assert str(error).isprintable() and " - " in str(error)
            refused += 1
            continue
        assert {key: weight.shape for key, weight in model.weights.items()} == weight_shapes(model.config)
        assert all(np.isfinite(weight).all() for weight in model.weights.values())
        if checksum and name == "model.safetensors":
            assert damaged == whole
    assert refused > count / 4


# ---- saving


def test_a_folder_that_is_not_a_model_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert "holds something else than a model" in refusal(lambda: model_folders.save(random_model(), tmp_path))
    assert os.listdir(tmp_path) == ["notes.txt"]
    file = tmp_path / "notes.txt"
    assert "is not a folder" in refusal(lambda: model_folders.save(random_model(), file))
    assert "not saved: file exists" in refusal(lambda: model_folders.save(random_model(), file / "model"))
    assert "not saved" in refusal(lambda: model_folders.save(random_model(), "/proc/model"))
    assert file.read_text() == "mine"
    assert os.listdir(tmp_path) == ["notes.txt"]


def test_an_empty_folder_and_an_earlier_model_are_replaced_and_other_files_stay(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    model_folders.save(random_model(seed=1), model)
    (model / "bigram.safetensors").write_bytes(b"counts")
    (model / "notes").mkdir()
    (model / "notes" / "a.txt").write_text("mine")
    (tmp_path / "link").symlink_to("model")
    model_folders.save(random_model(seed=2), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert same(model_folders.load(model), random_model(seed=2))
    assert (model / "bigram.safetensors").read_bytes() == b"counts"
    assert (model / "notes" / "a.txt").read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == ["link", "model"]


def test_nothing_of_an_earlier_model_is_mixed_into_a_new_one(folder: Path) -> None:
    model_folders.save(replace(random_model(seed=2), tokenizer=None), folder)
    assert model_folders.load(folder).tokenizer is None
    assert sorted(os.listdir(folder)) == ["README.md", "config.json", "model.safetensors", "training.json"]


@pytest.mark.parametrize("existing", [False, True])
def test_any_failing_call_to_the_disk_leaves_the_earlier_model(
    existing: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every rename and fsync in turn fails as on a full disk, until the save passes (SQLite's loop)."""
    folder = tmp_path / "model"
    if existing:
        model_folders.save(random_model(seed=1), folder)
    for fail_at in range(40):
        calls = 0

        def broken(real: Callable[..., Any], *arguments: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == fail_at + 1:  # noqa: B023
                raise OSError(28, "No space left on device")
            return real(*arguments)

        with monkeypatch.context() as patch:
            for call in ("rename", "fsync", "mkdir"):
                real = getattr(os, call)
                patch.setattr(os, call, lambda *arguments, real=real: broken(real, *arguments))
            try:
                model_folders.save(random_model(seed=2), folder)
            except UserError as error:
                assert "was not saved: no space left on device - " in str(error)
        if calls <= fail_at:  # nothing was left to fail
            break
        if folder.exists():
            model = model_folders.load(folder)
            assert same(model, random_model(seed=1)) or same(model, random_model(seed=2))
        assert existing <= folder.exists()
        assert set(os.listdir(tmp_path)) <= {"model"}
    assert 5 < fail_at < 39
    assert same(model_folders.load(folder), random_model(seed=2))


CHILD = """
import os, resource, signal, sys
sys.path[:0] = [{root!r}, {tests!r}]
from test_model_folders import random_model, same
from models import model_folders

folder, events = sys.argv[1], ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir")
target = os.path.realpath(os.path.dirname(folder))

def killed_at(number):
    if not (child := os.fork()):
        seen = 0
        def hook(event, arguments):
            nonlocal seen
            if event in events and isinstance(arguments[0], (str, os.PathLike, type(None))):
                seen += 1
                if seen == number:
                    os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(hook)
        model_folders.save(random_model(seed=2), folder)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

for number in range(1, 500):
    model_folders.save(random_model(seed=1), folder)
    with open(os.path.join(folder, "notes.txt"), "w") as file:
        file.write("mine")
    status = killed_at(number)
    model = model_folders.load(folder)
    assert same(model, random_model(seed=1)) or same(model, random_model(seed=2)), number
    model_folders.save(random_model(seed=3), folder)
    assert same(model_folders.load(folder), random_model(seed=3)), number
    assert open(os.path.join(folder, "notes.txt")).read() == "mine", number
    assert os.listdir(target) == [os.path.basename(folder)], (number, os.listdir(target))
    if status == 0:
        break
    assert status == -signal.SIGKILL
print("killed", number - 1, "times")

resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    model_folders.save(random_model(seed=4), folder, "float64")
except model_folders.UserError as error:
    print(error)
assert same(model_folders.load(folder), random_model(seed=3))
assert os.listdir(target) == [os.path.basename(folder)]
"""


def test_killed_anywhere_a_model_is_there_and_a_full_disk_is_said(tmp_path: Path) -> None:
    root = ROOT
    script = CHILD.format(root=str(root), tests=str(Path(__file__).parent))
    (tmp_path / "runs").mkdir()
    command = [sys.executable, "-c", script, str(tmp_path / "runs" / "model")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    killed, sentence = done.stdout.splitlines()
    assert int(killed.split()[1]) > 15
    assert sentence.endswith("model was not saved: file too large - free some space or choose another place")
