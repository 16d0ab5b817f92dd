"""The commands with what is no usual GPT: a GRU, and a GPT that was built without the causal mask."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import models
from models import baselines, model_folders
from models.baselines import Bigram
from models.baselines.gru import GRU, GRUConfig, weight_shapes
from models.gpt import GPTConfig
from models.tokenizers import Tokenizer
from tests.conftest import TINY_TEXT, random_gpt
from tests.playground.commands.calling import Command

TOKENIZER = Tokenizer.train_char(TINY_TEXT)
V = TOKENIZER.vocab_size
TEXT = "to be, or not"


def with_bigram(folder: Path) -> Path:
    tokens = np.asarray(TOKENIZER.encode(TINY_TEXT))
    baselines.save([Bigram.count(tokens, V, tokens, TOKENIZER)], folder)
    return folder


@pytest.fixture(scope="module")
def gru(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config, random = GRUConfig(V, 1, 6), np.random.default_rng(0)
    weights = {name: random.normal(0, 0.5, shape).astype(np.float32) for name, shape in weight_shapes(config).items()}
    folder = tmp_path_factory.mktemp("models") / "recurrent"
    GRU(config, weights, TOKENIZER, "recurrent").save(folder)
    return with_bigram(folder)


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = GPTConfig(V, block_size=16, n_layer=1, n_head=2, n_embd=8, without=("mask",))
    folder = tmp_path_factory.mktemp("models") / "blind"
    model_folders.save(random_gpt(config, dtype=np.float32, tokenizer=TOKENIZER, name="blind"), folder)
    return with_bigram(folder)


def test_a_gru_writes_on_with_what_it_scores(call: Command, gru: Path) -> None:
    answer = call("generate", TEXT, "--model", gru, "--tokens", 30, "--json")
    assert (answer.code, answer.err) == (0, "")
    steps, model = json.loads(answer.out)["steps"], models.load_any(gru)
    tokens = TOKENIZER.encode(TEXT)
    for step in steps:
        scores = np.exp(model.logits(tokens)[-1].astype(float))
        assert step["p"] == pytest.approx(scores[step["id"]] / scores.sum(), rel=1e-5)
        tokens.append(step["id"])
    assert len(steps) == 30
    beside = call("generate", TEXT, "--model", gru, "--tokens", 5, "--compare")
    assert beside.code == 0 and beside.out.split()[:2] == ["intact", "bigram"]


def test_a_gru_is_held_against_the_bigram_by_its_own_name(call: Command, gru: Path) -> None:
    told = json.loads(call("compare", TEXT, "--model", gru, "--json").out)
    scores = models.load_any(gru).logits(TOKENIZER.encode(TEXT)).astype(float)
    p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    bits = [-np.log2(p[at, token]) for at, token in enumerate(TOKENIZER.encode(TEXT)[1:])]
    assert told["bits"]["gru"] == pytest.approx(sum(bits), rel=1e-5) and set(told["bits"]) == {
        "gru",
        "bigram",
        "unigram",
    }
    assert told["tokens"][3]["won"] == pytest.approx(
        told["tokens"][3]["bits"]["bigram"] - told["tokens"][3]["bits"]["gru"]
    )
    assert "gru" in call("compare", TEXT, "--model", gru).out.splitlines()[0]


def test_what_a_gru_cannot_do_is_one_sentence(call: Command, gru: Path) -> None:
    for argv, says in (
        (("generate", TEXT, "--switch", "mask-off"), "recurrent is a GRU and has no parts to switch"),
        (("compare", TEXT, "--switch", "head-off:0.0"), "recurrent is a GRU and has no parts to switch"),
        (("trace", TEXT), "holds a GRU, a recurrent baseline with no attention to look into"),
        (("play", "--plain", TEXT), "holds a GRU"),
    ):
        answer = call(*argv, "--model", gru)
        assert answer.code == 2 and says in answer.err and answer.err.count("\n") == 1, argv


def test_a_gru_is_described(call: Command, gru: Path) -> None:
    facts = json.loads(call("models", "show", gru, "--json").out)
    assert (facts["kind"], facts["layers"], facts["width"]) == ("gru", 1, 6)
    assert facts["heads"] is None and facts["context"] is None
    assert "kind:        gru\n" in call("models", "show", gru).out


def test_a_model_that_saw_the_future_says_so(call: Command, blind: Path, tiny_folder: Path) -> None:
    assert "its bits are no fair score" in call("compare", TEXT, "--model", blind, "--summary").err
    assert "was built without the causal mask" in call("generate", TEXT, "--model", blind, "--tokens", 3).err
    assert "without:     mask\n" in call("models", "show", blind).out
    assert call("compare", TEXT, "--model", tiny_folder, "--summary").err == ""
