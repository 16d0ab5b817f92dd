"""Random models, and tokens for them, as the lenses' tests need them."""

from __future__ import annotations

import numpy as np

from models.gpt import GPT, GPTConfig
from models.ops import Array
from models.parts import Part
from models.tokenizers import Tokenizer
from tests.conftest import random_gpt

V = 11


def random_world_gpt(words: Tokenizer) -> GPT:
    return random_gpt(GPTConfig(words.vocab_size, 96, 1, 1, 4), tokenizer=words)


def reduced(*without: Part) -> GPT:
    return random_gpt(GPTConfig(V, 16, 2, 2, 8, without=without))


def random_tokens(length: int, seed: int = 3) -> Array:
    return np.random.default_rng(seed).integers(0, V, length)
