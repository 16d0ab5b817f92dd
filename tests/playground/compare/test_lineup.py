"""Who is compared."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import model_folders
from models.corpora.little_world import world
from models.gpt import GPT, GPTConfig, weight_shapes
from models.tokenizers import Tokenizer
from playground.compare.lineup import contrast, lineup
from playground.looking.vocabularies import knows_the_world
from tests.playground.compare import compare_scenes as scenes
from tests.playground.compare.compare_scenes import counted_of, gpt_of
from tests.playground.looking.scenes import random_gpt

LETTERS, OF_LETTERS = scenes.letters()
WORDS, OF_WORDS = scenes.worldly()

pytestmark = pytest.mark.usefixtures("bundled")


def test_the_truth_stands_first_where_it_is_known() -> None:
    assert list(lineup(gpt_of(WORDS), counted_of(WORDS))) == ["truth", "GPT", "bigram", "5-gram"]
    assert list(lineup(gpt_of(LETTERS), counted_of(LETTERS))) == ["GPT", "bigram", "5-gram"]


def test_no_truth_for_a_tokenizer_without_some_word_of_the_world() -> None:
    assert knows_the_world(OF_WORDS)
    fewer = Tokenizer.of_words(*(word for word in world().vocabulary if word != "river"))
    assert not knows_the_world(fewer) and not knows_the_world(OF_LETTERS)


def test_every_model_goes_by_its_key() -> None:
    for models in (WORDS, LETTERS):
        for name, model in lineup(gpt_of(models), counted_of(models)).items():
            assert model.name == name


def without_attention(tokenizer: Tokenizer) -> GPT:
    config = GPTConfig(tokenizer.vocab_size, 64, 1, 2, 8, without=("attention",))
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(0, 0.2, shape).astype(np.float32) for name, shape in weight_shapes(config).items()}
    return GPT(config, weights, tokenizer, name="contrast")


def test_a_bundled_contrast_of_the_same_tokens_stands_beside(bundled: Path) -> None:
    assert contrast(random_gpt()) is None
    other = Tokenizer.train_char("abcdef")
    model_folders.save(without_attention(other), bundled / "of-other-tokens")
    (bundled / "damaged").mkdir()
    (bundled / "damaged" / "config.json").write_text("{")
    assert contrast(random_gpt()) is None
    model_folders.save(without_attention(OF_LETTERS), bundled / "zero-attention")
    found = lineup(random_gpt(), {})
    assert list(found) == ["GPT", "no attention"]
    beside = found["no attention"]
    assert isinstance(beside, GPT) and beside.config.without == ("attention",)
    assert contrast(without_attention(OF_LETTERS)) is None, "it would stand beside itself"
