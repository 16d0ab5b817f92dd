"""The worked example: every step of the book, to its four decimals, as our GPT computes it; and the bundled models."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

import models
from models.gpt import GPT, sight
from models.ops import NUMPY, Array
from models.switches import Input, MaskOff, ScaleOff, Switch
from models.tracing import BlockTrace, trace
from tests.models import worked_examples as example
from tests.models.worked_examples import INPUTS, WORDS, checkpoint, matrix

TEXT = " ".join(WORDS)
PLAIN, OPEN, MASKED = "worked-example", "worked-example-qkv", "worked-example-masked"
BUILT = {PLAIN: example.plain, OPEN: example.with_qkv, MASKED: example.with_mask}
WITHIN = 5.1e-5  # half of the last decimal, and what float32 rounds
JOURNEY = 1
# the two blocks of numbers that are multiplied head by head
BATCHED = np.array(
    [
        [[0.2745, 0.6584, 0.2775, 0.8573], [0.8993, 0.0390, 0.9268, 0.7388], [0.7179, 0.7058, 0.9156, 0.4340]],
        [[0.0772, 0.3565, 0.1479, 0.5331], [0.4066, 0.2318, 0.4545, 0.9737], [0.4606, 0.5159, 0.4220, 0.5786]],
    ]
)
# what torch's generator keeps of 6 x 6 numbers at seed 123 and a share of a half; ours draws otherwise
KEPT = np.array(
    [
        [1, 1, 0, 1, 1, 0],
        [0, 0, 0, 1, 0, 1],
        [1, 1, 1, 1, 0, 1],
        [0, 1, 1, 0, 0, 1],
        [0, 1, 0, 1, 0, 1],
        [0, 1, 1, 1, 1, 0],
    ]
)


@cache
def passed(name: str, *switches: Switch) -> BlockTrace:
    """The one layer of a bundled model, over the six words."""
    return trace(models.load(name), TEXT, switches).blocks[0]


@cache
def built(make: Callable[[], GPT]) -> BlockTrace:
    """The one layer of a model that is made for the test."""
    return trace(make(), TEXT).blocks[0]


def part(block: BlockTrace, of: str, head: int = 0) -> Array:
    """The columns of a pass's matrix that make a head's query, key or value: (in out)."""
    config = block.trace.tape.model.config
    at = ("qkv".index(of) * config.n_head + head) * config.head_width
    weight: Array = block.trace.tape.model.weights["h.0.attn.c_attn.weight"]
    return weight[:, at : at + config.head_width]


def weight(block: BlockTrace, name: str) -> Array:
    return block.trace.tape.model.weights[f"h.0.attn.c_proj.{name}"]


def side_by_side(block: BlockTrace) -> Array:
    return np.hstack(list(block.z))


def dropped(pattern: Array) -> Array:
    """What is left of it, as much larger as less is left."""
    return pattern * KEPT / (1 - 0.5)


def after_softmax(block: BlockTrace) -> Array:
    """The pattern of a pass without a mask, what comes later put to zero."""
    places = np.arange(6)
    return block.pattern[0] * sight(models.load(MASKED), places, places)


def of_all(weights: Array) -> Array:
    return weights / weights.sum(-1, keepdims=True)


two, narrow = example.with_two_heads, example.with_output
STEPS: dict[str, Callable[[], Array]] = {
    "1a scores of query 2": lambda: passed(PLAIN).scores[0, JOURNEY],
    "1b sum-normalised": lambda: of_all(passed(PLAIN).scores[0, JOURNEY]),
    "1c softmax": lambda: passed(PLAIN).pattern[0, JOURNEY],
    "1d context vector 2": lambda: passed(PLAIN).z[0, JOURNEY],
    "1e all scores": lambda: passed(PLAIN).scores[0],
    "1f all weights": lambda: passed(PLAIN).pattern[0],
    "1g all context vectors": lambda: passed(PLAIN).resid_post,
    "2a W_query": lambda: part(passed(OPEN), "q"),
    "2a W_key": lambda: part(passed(OPEN), "k"),
    "2a W_value": lambda: part(passed(OPEN), "v"),
    "2b query 2": lambda: passed(OPEN).q[0, JOURNEY],
    "2b keys": lambda: passed(OPEN).k[0],
    "2b values": lambda: passed(OPEN).v[0],
    "2c score 22": lambda: passed(OPEN, ScaleOff()).scores[0, JOURNEY, JOURNEY],
    "2d scores of query 2": lambda: passed(OPEN, ScaleOff()).scores[0, JOURNEY],
    "2e weights of query 2": lambda: passed(OPEN).pattern[0, JOURNEY],
    "2f context vector 2": lambda: passed(OPEN).z[0, JOURNEY],
    "2g all weights": lambda: passed(OPEN).pattern[0],
    "2h all context vectors (SelfAttention_v1)": lambda: passed(OPEN).resid_post[:, :2],
    "2i same, without the 1/sqrt(d) (ours)": lambda: passed(OPEN, ScaleOff()).z[0],
    "3a W_query (Linear, 2x3)": lambda: part(passed(MASKED), "q").T,
    "3a W_key (Linear, 2x3)": lambda: part(passed(MASKED), "k").T,
    "3a W_value (Linear, 2x3)": lambda: part(passed(MASKED), "v").T,
    "3b context vectors (SelfAttention_v2)": lambda: passed(MASKED, MaskOff()).z[0],
    "3c weights": lambda: passed(MASKED, MaskOff()).pattern[0],
    "4a masked after softmax": lambda: after_softmax(passed(MASKED, MaskOff())),
    "4b renormalised": lambda: of_all(after_softmax(passed(MASKED, MaskOff()))),
    "4c scores with -inf": lambda: passed(MASKED, ScaleOff()).scores[0],
    "4d softmax of that (equals 4b)": lambda: passed(MASKED).pattern[0],
    "4e causal context vectors of the seed-789 weights (ours)": lambda: passed(MASKED).z[0],
    "5a dropout of ones, seed 123": lambda: dropped(np.ones((6, 6))),
    "5b dropout of 4d, seed 123": lambda: dropped(passed(MASKED).pattern[0]),
    "6 head 1 W_query (2x3)": lambda: part(built(two), "q", 0).T,
    "6 head 1 W_key (2x3)": lambda: part(built(two), "k", 0).T,
    "6 head 1 W_value (2x3)": lambda: part(built(two), "v", 0).T,
    "6 head 2 W_query (2x3)": lambda: part(built(two), "q", 1).T,
    "6 head 2 W_key (2x3)": lambda: part(built(two), "k", 1).T,
    "6 head 2 W_value (2x3)": lambda: part(built(two), "v", 1).T,
    "6a CausalAttention, seed 123": lambda: built(two).z[0],
    "6b MultiHeadAttentionWrapper, 2 heads, seed 123": lambda: side_by_side(built(two)),
    "7 out_proj weight": lambda: weight(built(narrow), "weight")[:, :2].T,
    "7 out_proj bias": lambda: weight(built(narrow), "bias")[:2],
    "7a concatenated heads before out_proj (ours)": lambda: side_by_side(built(narrow)),
    "7b MultiHeadAttention, 2 heads of 1, out_proj, seed 123": lambda: built(narrow).attn_out[:, :2],
    "8 batched head products": lambda: NUMPY.scores(BATCHED, BATCHED, None, 1.0),
}


@pytest.mark.parametrize("name", STEPS)
def test_every_step_has_the_numbers_of_the_book(name: str) -> None:
    found, expected = np.asarray(STEPS[name](), float), checkpoint(name)
    assert found.shape == expected.shape
    np.testing.assert_array_equal(found == -np.inf, expected == -np.inf)
    np.testing.assert_allclose(found, expected, rtol=0, atol=WITHIN)


def test_no_step_is_left_out() -> None:
    assert list(STEPS) == list(example.example()["checkpoints"]) and len(STEPS) == 45


@pytest.mark.parametrize("name", BUILT)
def test_the_bundled_model_is_the_one_of_these_numbers(name: str) -> None:
    bundled, made, folder = models.load(name), BUILT[name](), models.folder(name)
    assert bundled.config == made.config and bundled.weights.keys() == made.weights.keys()
    for each, expected in made.weights.items():
        np.testing.assert_array_equal(bundled.weights[each], expected)
    assert bundled.tokenizer is not None and bundled.tokenizer.vocab == ("<unk>", *WORDS)
    assert bundled.tokenizer.decode(bundled.tokenizer.encode(TEXT)) == TEXT
    digests = json.loads((folder / "training.json").read_text())["sha256"]
    assert digests == {file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in digests}
    assert sum(path.stat().st_size for path in folder.iterdir()) < 5000
    said = (folder / "README.md").read_text()
    context = trace(bundled, TEXT).blocks[0].z[0, JOURNEY]
    assert name == MASKED or " ".join(f"{number:.4f}" for number in context) in " ".join(said.split())


def test_other_numbers_for_a_word_go_through_every_step() -> None:
    """Of the example's own words: who has the numbers of another is looked at, and looks, as that one."""
    copied = passed(PLAIN, Input(4, tuple(INPUTS[JOURNEY].tolist())))
    np.testing.assert_array_equal(copied.resid_pre[4], INPUTS[JOURNEY])
    np.testing.assert_allclose(copied.z[0, 4], copied.z[0, JOURNEY], atol=1e-7)
    np.testing.assert_allclose(copied.pattern[0, :, 4], copied.pattern[0, :, JOURNEY], atol=1e-7)
    scores = copied.scores[0, JOURNEY, [0, 1, 2, 3, 5]]
    np.testing.assert_allclose(scores, checkpoint("1a scores of query 2")[[0, 1, 2, 3, 5]], atol=WITHIN)


def test_the_matrices_are_the_books_to_the_last_bit() -> None:
    for of in "qkv":
        np.testing.assert_array_equal(part(passed(OPEN), of), matrix(f"v1_W{of}"))
        np.testing.assert_array_equal(part(passed(MASKED), of), matrix(f"v2_W{of}"))
