"""What the tests of several lenses look at: counts, the little world's words, and models that learned nothing."""

from __future__ import annotations

import numpy as np
import pytest

from models.baselines import Bigram, NGram
from models.corpora import little_world
from models.gpt import GPT, GPTConfig
from models.tokenizers import Tokenizer
from tests.conftest import random_gpt
from tests.models.lenses.small_models import V


@pytest.fixture(scope="session")
def counted() -> tuple[Bigram, NGram]:
    """A bigram and a 5-gram of random tokens with some order in them."""
    rng = np.random.default_rng(0)
    tokens = (np.cumsum(rng.integers(0, 3, 2000)) + rng.integers(0, 2, 2000)) % V
    return Bigram.count(tokens, V, tokens[:200]), NGram.count(tokens, V)


@pytest.fixture(scope="session")
def words() -> Tokenizer:
    """The little world's."""
    return Tokenizer.of_words(*little_world.world().vocabulary)


@pytest.fixture(scope="session")
def guesser(words: Tokenizer) -> GPT:
    """A GPT that has learned nothing, with the little world's words."""
    config = GPTConfig(words.vocab_size, block_size=96, n_layer=2, n_head=2, n_embd=8)
    return random_gpt(config, tokenizer=words, name="guesser")
