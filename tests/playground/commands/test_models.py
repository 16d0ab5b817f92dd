"""models lists and shows what there is."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

import models
from models import model_files, model_folders
from models.formats.safetensors import read_header
from tests.models.checkpoints import checkpoint, nanogpt, write_meta
from tests.models.foreign_tokenizers import made, put
from tests.models.saved_models import vast
from tests.playground.commands.calling import Command

# models


def test_models_list_and_show(
    call: Command, tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tiny").symlink_to(tiny_folder)
    (tmp_path / "a-name-of-more-than-20-cells").symlink_to(tiny_folder)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{")
    monkeypatch.setattr("models.model_folders.PRETRAINED", tmp_path)
    listed = call("models").out
    assert re.search(r"tiny +[\d,]+ +2 +2 +8 +16 +char 15 +–", listed)
    assert re.search(r"^a-name-of-more-than-20-cells +[\d,]+ +2 ", listed, re.M), "a name is whole, to be named again"
    assert re.search(r"broken: .*config\.json", listed)
    facts = {each["name"]: each for each in json.loads(call("models", "list", "--json").out)["models"]}
    assert facts["tiny"]["layers"] == 2 and "config.json" in facts["broken"]["problem"]
    shown = call("models", "show", "tiny").out
    assert re.search(r"^layers: +2$", shown, re.M) and "bigram.safetensors" in shown
    assert shown.rstrip().endswith((tiny_folder / "README.md").read_text().rstrip()[-40:])
    assert json.loads(call("models", "show", tiny_folder, "--json").out)["files"]["tokenizer.json"] > 100


def test_a_checkpoint_is_shown_and_writes_with_a_word_on_what_was_passed_over(call: Command, tmp_path: Path) -> None:
    torch.save(checkpoint(nanogpt(), arguments={"author": "someone"}), tmp_path / "ckpt.pt")
    write_meta(tmp_path)
    word = "note: ckpt.pt also says author: kept, and without effect here\n"
    for place in (tmp_path, tmp_path / "ckpt.pt"):
        shown = call("models", "show", place)
        assert re.search(r"^file: +ckpt.pt, [\d,]+ bytes$", shown.out, re.M) and shown.err == word
        assert re.search(r"^family: +GPT-2$", shown.out, re.M)
        answer = call("generate", "abc", "--model", place, "--tokens", 9, "--seed", 3)
        assert answer.code == 0 and answer.out.startswith("abc") and answer.err.count(word) == 1
        answer = call("models", "seal", place)
        says = f"error: {place} is a checkpoint of another program's, which keeps no digests - write it as a folder"
        assert (answer.code, answer.err.startswith(says)) == (2, True)
    assert set(os.listdir(tmp_path)) == {"ckpt.pt", "meta.pkl"}
    answer = call("models", "import", tmp_path / "ckpt.pt", "--out", tmp_path / "out")
    assert answer.code == 0 and answer.err == word
    read, written = models.load(tmp_path / "ckpt.pt"), models.load(tmp_path / "out")
    assert all(np.array_equal(read.weights[name], written.weights[name]) for name in read.weights)
    assert written.tokenizer is not None and written.tokenizer.decode(written.tokenizer.encode("abc")) == "abc"


def test_a_lost_baseline_is_told_and_sealing_says_that_it_is_right(
    call: Command, tiny_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    shutil.copytree(tiny_folder, folder)
    sealed = json.loads(call("models", "seal", folder, "--json").out)
    files = {"bigram.safetensors", "config.json", "model.safetensors", "ngram.safetensors", "tokenizer.json"}
    assert sealed["sha256"].keys() == files | {"unigram.safetensors"} and sealed["faults"] == []
    (folder / "ngram.safetensors").unlink()
    for command in (("models", "show", folder), ("compare", "to be", "--model", folder)):
        answer = call(*command)
        assert answer.code == 0 and "note: " in answer.err and "ngram.safetensors is lost: " in answer.err
    answer = call("models", "seal", folder)
    assert answer.code == 0 and answer.out.count("\n") == 5 and not answer.err
    assert not call("models", "show", folder).err
    answer = call("models", "seal")
    assert (answer.code, answer.err) == (2, "error: there is nothing to seal - name a model folder\n")


def test_the_memory_that_a_model_needs_is_told_first_and_too_much_is_refused(
    call: Command, tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_files, "machine", lambda: 8 << 30)
    vast(tmp_path)
    for command in (("models", "show", tmp_path), ("generate", "to be", "--model", tmp_path)):
        answer = call(*command)
        assert (answer.code, answer.out) == (2, "") and answer.err.startswith("error: ")
        assert answer.err.endswith("needs 61.8 GiB of memory, this machine has 8.0 - choose a smaller model\n")
    monkeypatch.setattr(model_folders, "LARGE", 1)
    assert call("models", "show", tiny_folder).err == "note: tiny needs 0.0 GiB of memory, this machine has 8.0\n"


# import


def test_a_model_is_imported_as_a_folder_of_ours_and_computes_the_same(
    call: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, ours, half = (tmp_path / name for name in ("theirs", "ours", "half"))
    config = GPT2Config(
        vocab_size=made("byte-level, begun").get_vocab_size(), n_positions=16, n_embd=8, n_layer=2, n_head=2
    )
    GPT2LMHeadModel(config).save_pretrained(theirs)
    put("byte-level, begun", theirs)
    answer = call("models", "import", theirs, "--out", ours)
    assert answer.code == 0 and f"parameters, written to {ours} as float32" in answer.out and not answer.err
    read, written = models.load(theirs), models.load(ours)
    assert read.config == written.config and read.weights.keys() == written.weights.keys()
    assert all(np.array_equal(read.weights[name], written.weights[name]) for name in read.weights)
    assert written.tokenizer is not None and written.tokenizer.encode("The fox")[0] == 1
    logits = GPT2LMHeadModel.from_pretrained(ours)(torch.tensor([written.tokenizer.encode("The fox")])).logits
    assert np.abs(logits.detach().numpy()[0] - models.trace(read, "The fox").logits).max() < 1e-5
    told = json.loads(call("models", "import", theirs, "--out", half, "--dtype", "float16", "--json").out)
    assert told == {"folder": str(half), "parameters": read.n_parameters, "dtype": "float16"}
    assert read_header(half / "model.safetensors").entries["transformer.wte.weight"].dtype == "F16"
    shown = call("models", "show", ours).out
    assert re.search(r"^family: +GPT-2$", shown, re.M) and re.search(r"^memory: +[\d.]+ KB$", shown, re.M)
    assert re.search(r"^tokenizer: +bpe$", shown, re.M) and "imported_from: theirs" in shown
    assert re.search(r"^made_of: +BPE, ByteLevel$", shown, re.M) and re.search(r"^begins_with: +<s>$", shown, re.M)
    facts = json.loads(call("models", "show", ours, "--json").out)
    assert facts["memory"] == 4 * read.n_parameters and facts["family"] == "GPT-2"
    monkeypatch.setattr("models.model_folders.LARGE", 1)
    assert "note: ours needs 0.0 GiB of memory, this machine has" in call("models", "show", ours).err


def test_an_import_changes_nothing_that_is_there_and_leaves_nothing_half_written(
    call: Command, tiny_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("there", "link"):
        answer = call("models", "import", tiny_folder, "--out", tmp_path / name)
        assert (answer.code, answer.err) == (
            2,
            f"error: {tmp_path / name} is there already - choose another place with --out\n",
        )
    large = tmp_path / "large"
    model = models.load(tiny_folder)
    models.save(replace(model, weights={**model.weights, "wte.weight": model.weights["wte.weight"] + 1e6}), large)
    answer = call("models", "import", large, "--out", tmp_path / "new", "--dtype", "float16")
    assert answer.code == 2 and "numbers too large for float16 - use float32" in answer.err
    assert sorted(os.listdir(tmp_path)) == ["large", "link", "there"] and not os.listdir(tmp_path / "there")
    for words, says in (
        (("import",), "there is nothing to import"),
        (("import", large), "there is no place to write to"),
        (("show", large, "--out", "x"), "--out is for playground models import"),
        (("list", "--dtype", "float16"), "--dtype is for playground models import"),
    ):
        assert says in (answer := call("models", *words)).err and answer.code == 2


def test_of_two_imports_into_one_place_the_second_changes_nothing(
    call: Command, tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, model = tmp_path / "out", models.load(tiny_folder)

    def read(name: str) -> models.GPT:
        models.save(replace(model, name="other"), out)  # by another process, while this one reads
        return model

    monkeypatch.setattr(models, "load_any", read)
    answer = call("models", "import", tiny_folder, "--out", out)
    assert answer.code == 2 and f"{out} was not saved: directory not empty" in answer.err and not answer.out
    assert "imported_from" not in models.load(out).training and os.listdir(tmp_path) == ["out"]
