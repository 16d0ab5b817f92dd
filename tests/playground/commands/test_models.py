"""models lists and shows what there is."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import torch

from tests.models.checkpoints import checkpoint, nanogpt, write_meta
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
        answer = call("generate", "abc", "--model", place, "--tokens", 9, "--seed", 3)
        assert answer.code == 0 and answer.out.startswith("abc") and answer.err.count(word) == 1


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
