"""A model of single bytes that always says the last byte of 🤖, and a text ending otherwise after the first three."""

from __future__ import annotations

from functools import cache

import numpy as np

from models.baselines import Bigram
from models.gpt import GPT, GPTConfig, weight_shapes
from models.tokenizers import Tokenizer

TEXT, WHOLE = "a🤗", "🤖"  # of the same first three bytes
BYTES = Tokenizer.train_bpe("ab", vocab_size=256)
*BEGIN, LAST = BYTES.encode(WHOLE)


@cache
def model() -> GPT:
    """Whatever comes before."""
    config = GPTConfig(256, 16, 2, 2, 8)
    rng = np.random.default_rng(1)
    weights = {name: rng.normal(0, 0.1, shape).astype(np.float32) for name, shape in weight_shapes(config).items()}
    weights["ln_f.bias"] = np.eye(8, dtype=np.float32)[0] * 99
    weights["wte.weight"][LAST, 0] = 2
    return GPT(config, weights, BYTES, name="bytes")


@cache
def bigram() -> Bigram:
    """Of a text that knows but that one character."""
    return Bigram.count([np.asarray(BYTES.encode(f"a{WHOLE}" * 50))], 256)
