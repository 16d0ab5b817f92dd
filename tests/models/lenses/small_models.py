"""Random models, and one made by hand, and tokens for them, as the lenses' tests need them."""

from __future__ import annotations

import numpy as np

from models.gpt import GPT, GPTConfig, weight_shapes
from models.ops import Array
from models.parts import Part
from models.tokenizers import Tokenizer
from tests.conftest import random_gpt

V = 11


def random_world_gpt(words: Tokenizer) -> GPT:
    return random_gpt(GPTConfig(words.vocab_size, 96, 1, 1, 4), tokenizer=words)


def reduced(*without: Part) -> GPT:
    return random_gpt(GPTConfig(V, 16, 2, 2, 8, without=without))


def inducer(words: Tokenizer, context: int = 96) -> GPT:
    """Induction and nothing else, made by hand: two layers of one head, no MLP, no norm.

    The stream has four blocks: the word, the word before it, what is to come, and the position. Head 0.0 finds the
    position before by its number, and writes down the word there; head 1.0 looks for the place where its own word is
    written down, and says the word that stands there.
    """
    code, sharp = 64, 1000.0
    width = 3 * code + context
    word, before, after, place = (slice(at * code, min(at * code + code, width)) for at in range(4))
    place = slice(3 * code, width)
    config = GPTConfig(words.vocab_size, context, 2, 1, width, tied=False, bias=False, without=("scale", "norm", "mlp"))
    w = {name: np.zeros(shape, np.float32) for name, shape in weight_shapes(config).items()}
    codes = np.random.default_rng(0).normal(size=(words.vocab_size, code))
    codes /= np.linalg.norm(codes, axis=1, keepdims=True)
    w["wte.weight"][:, word] = w["lm_head.weight"][:, after] = codes
    w["wpe.weight"][:, place] = np.eye(context)
    one, later = np.eye(code), np.eye(context, k=1)

    def made(third: int, part: slice) -> slice:
        """Where c_attn writes a block of the queries, keys or values."""
        return slice(third * width + part.start, third * width + part.stop)

    back, ahead, (q, k, v) = w["h.0.attn.c_attn.weight"], w["h.1.attn.c_attn.weight"], range(3)
    back[place, made(q, place)], back[place, made(k, place)] = sharp * np.eye(context), later
    back[word, made(v, word)] = one
    w["h.0.attn.c_proj.weight"][word, before] = one
    ahead[word, made(q, word)], ahead[before, made(k, word)], ahead[word, made(v, word)] = sharp * one, one, one
    w["h.1.attn.c_proj.weight"][word, after] = one
    return GPT(config, w, words, "inducer")


def random_tokens(length: int, seed: int = 3) -> Array:
    return np.random.default_rng(seed).integers(0, V, length)
