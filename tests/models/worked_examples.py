"""The worked example of Raschka 2024, "Build a Large Language Model (From Scratch)", chapter 3, as models of ours.

Six words of three numbers each. Its steps, and its matrices to the last bit of float32, are in
`tests/data/worked-example.json`.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np

from models.gpt import GPT, GPTConfig
from models.ops import Array
from models.tokenizers import Tokenizer
from tests.conftest import DATA

WORDS = "your", "journey", "starts", "with", "one", "step"
INPUTS = np.array(
    [
        [0.43, 0.15, 0.89],
        [0.55, 0.87, 0.66],
        [0.57, 0.85, 0.64],
        [0.22, 0.58, 0.33],
        [0.77, 0.25, 0.10],
        [0.05, 0.80, 0.55],
    ],
    np.float32,
)
PLAIN = GPTConfig(7, 16, 1, 1, 3, "none", bias=False, without=("mask", "scale", "norm", "residual", "mlp"))
OPEN = GPTConfig(7, 16, 1, 1, 3, "none", bias=False, without=("mask", "norm", "residual", "mlp"), head_dim=2)
MASKED = GPTConfig(7, 16, 1, 1, 3, "none", bias=False, without=("norm", "residual", "mlp"), head_dim=2)
TWO_HEADS = GPTConfig(7, 16, 1, 2, 3, "none", bias=False, without=("norm", "residual", "mlp"), head_dim=2)
NARROW = GPTConfig(
    7, 16, 1, 2, 3, "none", bias=("attn.c_proj",), without=("norm", "residual", "mlp"), head_dim=1
)  # fmt: skip


@cache
def example() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / "worked-example.json").read_text())
    return found


def checkpoint(name: str) -> Array:
    return np.array(example()["checkpoints"][name])


def matrix(name: str) -> Array:
    """One of its matrices, (in out)."""
    found = np.array(example()["weights_float32"][name], np.float32)
    return found if found.shape == (3, 2) else found.T


def plain() -> GPT:
    """A word asks as itself, is found as itself and hands on itself."""
    return _gpt("worked-example", PLAIN, [np.eye(3)] * 3, np.eye(3))


def with_qkv() -> GPT:
    """Three matrices, of random numbers."""
    return _gpt("worked-example-qkv", OPEN, _parts("v1"), np.eye(2, 3))


def with_mask() -> GPT:
    """Three other matrices, and the causal mask."""
    return _gpt("worked-example-masked", MASKED, _parts("v2"), np.eye(2, 3))


def with_two_heads() -> GPT:
    """Two such heads beside each other; the example has no output matrix here."""
    parts = [np.hstack([one, other]) for one, other in zip(_parts("h1"), _parts("h2"), strict=True)]
    return _gpt("two heads", TWO_HEADS, parts, np.eye(4, 3))


def with_output() -> GPT:
    """The matrices of the first of them cut into two heads of one number, and an output matrix with its bias."""
    out, bias = matrix("mha_out_W"), np.array(example()["weights_float32"]["mha_out_b"][0], np.float32)
    model = _gpt("two narrow heads", NARROW, _parts("h1"), np.hstack([out, np.zeros((2, 1))]))
    weights = {**model.weights, "h.0.attn.c_proj.bias": np.append(bias, np.float32(0))}
    return GPT(model.config, weights, model.tokenizer, model.name)


def _parts(head: str) -> list[Array]:
    return [matrix(f"{head}_W{part}") for part in "qkv"]


def _gpt(name: str, config: GPTConfig, qkv: list[Array], output: Array) -> GPT:
    weights = {
        "wte.weight": np.vstack([np.zeros((1, 3)), INPUTS]),  # a word that it does not know is nothing
        "h.0.attn.c_attn.weight": np.hstack(qkv),
        "h.0.attn.c_proj.weight": output,
    }
    weights = {name: weight.astype(np.float32) for name, weight in weights.items()}
    return GPT(config, weights, Tokenizer.of_words(*WORDS), name)
