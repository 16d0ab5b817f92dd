"""Models saved and loaded: all choices come back, and damage is one sentence."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import random
import resource
import socket
import struct
import tracemalloc
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from models import model_files, model_folders
from models.errors import UserError
from models.formats import gpt2_config
from models.formats.digests import FIELD
from models.gpt import GPTConfig, weight_shapes
from models.parts import Activation, Positions
from models.tokenizers import Tokenizer
from tests.models.saved_models import CONFIG, TEXT, edit, random_model, refusal, same, vast

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


def test_no_setting_of_a_model_is_lost_in_its_config_json() -> None:
    """A field that is new must be read back, or be refused by its name; and have a line here."""
    other: dict[str, Any] = {
        "vocab_size": 11, "block_size": 12, "n_layer": 3, "n_head": 2, "n_embd": 12, "positions": "sinusoidal",
        "activation": "relu", "tied": False, "bias": False, "eps": 1e-6, "without": ("mask",),
        "n_inner": 5, "windows": (3,), "linear": True,
    }  # fmt: skip
    of_kin: dict[str, Any] = {
        "head_dim": 6, "n_kv_head": 2, "norm": "rms", "qk_norm": True, "gated": True, "parallel": True,
    }  # fmt: skip
    plain = GPTConfig(7, 8, 1, 4, 8)
    assert other.keys() | of_kin.keys() == asdict(plain).keys()
    for name, value in other.items():
        config = replace(plain, **{name: value})
        assert config != plain and GPTConfig(**gpt2_config.read(gpt2_config.write(asdict(config)), "it")) == config
    for name, value in of_kin.items():
        with pytest.raises(UserError, match=f"it: {name} = .* is not handled"):
            gpt2_config.read(gpt2_config.write(asdict(replace(plain, **{name: value}))), "it")
    own = replace(plain, n_embd=6, head_dim=2, without=("mask", "scale"))  # beside what it is without, and only there
    assert GPTConfig(**gpt2_config.read(gpt2_config.write(asdict(own)), "it")) == own and gpt2_config.holds(own)
    assert not gpt2_config.holds(replace(own, without=())) and not gpt2_config.holds(replace(own, gated=True))
    with pytest.raises(UserError, match="it: head_dim is 0 - it must be a whole number from 1 to 65,536"):
        gpt2_config.read(gpt2_config.write(asdict(own)) | {"head_dim": 0}, "it")
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
    "zip": (b"PK\x03\x04" + bytes(30), "is a zip file, perhaps a PyTorch checkpoint, not safetensors"),
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


def test_a_flipped_bit_is_found_by_the_checksum(folder: Path) -> None:
    file = folder / "model.safetensors"
    whole = file.read_bytes()
    assert json.loads((folder / "training.json").read_text())[FIELD][file.name] == hashlib.sha256(whole).hexdigest()
    file.write_bytes(whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:])
    assert "is damaged, or was changed: its SHA-256" in refusal(lambda: model_folders.load(folder))
    edit(folder / "training.json", lambda training: training.pop(FIELD))
    assert not same(model_folders.load(folder), random_model())


def test_a_tokenizer_of_another_size_is_refused_unless_the_model_is_padded(tmp_path: Path) -> None:
    for vocab_size in (4, 10, 16, 64, 128, 192):
        model = random_model(replace(CONFIG, vocab_size=vocab_size))
        model_folders.save(replace(model, tokenizer=None), tmp_path / "model")
        Tokenizer.train_char(TEXT).save(tmp_path / "model")
        if vocab_size in (16, 64, 128):
            assert same(model_folders.load(tmp_path / "model"), model)
        else:
            message = refusal(lambda: model_folders.load(tmp_path / "model"))
            assert f"has 9 tokens, the model {vocab_size}" in message


def test_a_folder_with_something_missing_says_what(folder: Path) -> None:
    assert "tokenizer.json cannot be read" in missing(folder, "tokenizer.json", dangling=True)
    assert f"{folder} has no config.json - give the folder with config.json" in missing(folder, "config.json")
    assert "config.json cannot be read: no such file or directory" in missing(folder, "config.json", dangling=True)
    assert "has no model.safetensors" in missing(folder, "model.safetensors")
    (folder / "pytorch_model.bin").write_bytes(b"")
    assert "pytorch_model.bin is not a PyTorch checkpoint" in missing(folder, "model.safetensors")


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
    assert r"a\x1b]0;pwned\x07\x0a\xff/config.json' is not valid JSON" in refusal(lambda: model_folders.load(strange))


def test_nothing_in_a_folder_is_ever_run(folder: Path, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "ran"),)

    for name in ("model.safetensors", "pytorch_model.bin", "training.json", "tokenizer.json", "config.json"):
        (folder / name).write_bytes(pickle.dumps(Evil()))
        refusal(lambda: model_folders.load(folder))
    assert not (tmp_path / "ran").exists()


def test_a_model_larger_than_this_machine_is_refused_before_it_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 4 * random_model().n_parameters
    monkeypatch.setattr(model_files, "LIMITS", ())
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 1, "SC_PHYS_PAGES": size}.__getitem__)
    assert same(model_folders.load(folder), random_model())
    message = refusal(lambda: model_folders.load(folder, "float64"))
    assert "GiB of memory, this machine has" in message
    assert model_folders.stated(folder) == model_folders.stated("nowhere") == ""
    monkeypatch.setattr(model_folders, "LARGE", size)
    assert model_folders.stated(folder) == f"{folder.name} needs 0.0 GiB of memory, this machine has 0.0"
    monkeypatch.setattr(model_folders, "LARGE", size + 1)
    assert model_folders.stated(folder) == ""


def test_nothing_is_allocated_for_a_model_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = {"SC_PAGE_SIZE": 1 << 12, "SC_PHYS_PAGES": 1 << 21}  # 8 GiB
    monkeypatch.setattr(model_files, "LIMITS", ())
    monkeypatch.setattr(os, "sysconf", machine.__getitem__)
    assert model_folders.stated(vast(tmp_path)) == "", "it is refused with the same words"
    tracemalloc.start()
    try:
        message = refusal(lambda: model_folders.load(tmp_path))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    assert f"{tmp_path}/model.safetensors needs 61.8 GiB of memory, this machine has 8.0 - choose a small" in message
    machine["SC_PHYS_PAGES"] <<= 4
    assert model_folders.stated(tmp_path).endswith(" needs 61.8 GiB of memory, this machine has 128.0")


def test_a_container_has_the_memory_that_it_may_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "LIMITS", (tmp_path / "none", tmp_path / "memory.max"))
    whole = model_files.machine()
    for said, has in (("max", whole), (str(1 << 62), whole), (str(1 << 20), 1 << 20)):
        (tmp_path / "memory.max").write_text(said + "\n")
        assert model_files.machine() == has


def test_memory_that_others_have_taken_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_files, "machine", lambda: 128 << 30)
    has = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    usual = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (has + (1 << 30), usual[1]))
    try:
        message = refusal(lambda: model_folders.load(vast(tmp_path)))
    finally:
        resource.setrlimit(resource.RLIMIT_AS, usual)
    assert message.startswith(f"the memory of this machine is not enough for {tmp_path} - close other programs")


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
        edit(folder / "training.json", lambda training: training.pop(FIELD))
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
