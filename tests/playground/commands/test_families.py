"""The commands with models of other families than GPT-2."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import models
from models import model_folders
from models.tokenizers import Tokenizer
from tests.conftest import TINY_TEXT, random_gpt
from tests.models.kin import KIN
from tests.playground.commands.calling import Command

TOKENIZER = Tokenizer.train_char(TINY_TEXT)
TITLES = {"qwen3": "Llama", "gpt_neo": "GPT-Neo", "gpt_neox": "GPT-NeoX"}
each_family = pytest.mark.parametrize("name", TITLES)


@pytest.fixture
def folder(name: str, tmp_path: Path) -> Path:
    config = replace(KIN[name], vocab_size=TOKENIZER.vocab_size)
    model_folders.save(random_gpt(config, dtype=np.float32, tokenizer=TOKENIZER, name=name), tmp_path / name)
    return tmp_path / name


@each_family
def test_it_writes_is_traced_looked_into_and_described(call: Command, name: str, folder: Path) -> None:
    model, text = models.load(folder), "to be, or not"
    written = call("generate", text, "--model", folder, "--tokens", 20, "--temperature", 0, "--json").out
    steps = json.loads(written)["steps"]
    tokens = TOKENIZER.encode(text)
    for step in steps:  # past its context as well
        assert step["id"] == model.logits(tokens[-16:])[-1].argmax()
        tokens.append(step["id"])
    traced = json.loads(call("trace", text, "--model", folder, "--json").out)
    assert ("blocks.0.angles" in json.dumps(traced)) == (model.config.rope is not None)
    assert call("trace", text, "--model", folder, "--layer", 1, "--head", 3).code == 0
    for question in ("lens", "sweep", "attribute", "neurons", "walk", "edges"):
        answer = call("inside", question, folder, text)
        assert (answer.code, answer.err) == (0, ""), (question, answer.err)
    facts = json.loads(call("models", "show", folder, "--json").out)
    assert (facts["kind"], facts["family"]) == ("gpt", TITLES[name])
    assert facts["positions"] == ("learned" if name == "gpt_neo" else "rotary")
    assert f"family:      {TITLES[name]}\n" in call("models", "show", folder).out


@each_family
def test_no_training_goes_on_from_it(call: Command, name: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text(TINY_TEXT * 20)
    answer = call("train", tmp_path / "text.txt", "--from", folder, "--out", tmp_path / "run")
    assert answer.code == 2 and "what is trained here is a GPT-2" in answer.err
    assert not (tmp_path / "run").exists()
