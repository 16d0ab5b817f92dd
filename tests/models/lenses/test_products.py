"""Products by the sizes of a layer, those that a pass makes, and that both are the same."""

from __future__ import annotations

import numpy as np
import pytest

from models.gpt import GPT, GPTConfig, weight_shapes
from models.lenses.products import by_attention, by_linear_attention, by_weights, counting
from models.tracing import extend, trace
from tests.conftest import random_gpt
from tests.models.lenses.small_models import random_tokens

CONFIG = GPTConfig(vocab_size=11, block_size=16, n_layer=1, n_head=2, n_embd=8)


def test_they_are_those_of_a_pass() -> None:
    block = trace(random_gpt(CONFIG), range(9)).blocks[0]
    D = CONFIG.head_width
    assert by_attention(CONFIG, 9) == block.scores.size * D + block.pattern.size * D
    shapes = [shape for name, shape in weight_shapes(CONFIG).items() if name.startswith("h.0") and len(shape) == 2]
    assert by_weights(CONFIG, 9) == sum(9 * rows * columns for rows, columns in shapes)
    assert by_attention(CONFIG, 9, seen=4) == by_attention(CONFIG, 9) * 4 // 9
    assert by_attention(CONFIG, 9, seen=40) == by_attention(CONFIG, 9)


def test_linear_attention_grows_as_the_text_does() -> None:
    # 1, four numbers, ten products of two: 15 features of a head, each with four sums and one alone
    assert by_linear_attention(CONFIG, 1) == 2 * 2 * 15 * 5
    assert by_linear_attention(CONFIG, 300) == 300 * by_linear_attention(CONFIG, 1)


@pytest.mark.parametrize("length", [1, 7])
def test_a_pass_counts_every_product_of_its_matrices(tiny_gpt: GPT, length: int) -> None:
    model, work = counting(tiny_gpt)
    tokens, config = random_tokens(length), tiny_gpt.config
    counted, took = work.of(lambda: trace(model, tokens))
    layers = config.n_layer * (by_weights(config, length) + by_attention(config, length))
    assert took == layers + length * config.n_embd * config.vocab_size
    assert np.array_equal(counted.logits, trace(tiny_gpt, tokens).logits)


def test_a_token_more_counts_its_own_row_alone(tiny_gpt: GPT) -> None:
    model, work = counting(tiny_gpt)
    before, config = trace(model, random_tokens(7)), tiny_gpt.config
    _, took = work.of(lambda: extend(model, before, 1))
    row = by_weights(config, 1) + 2 * 8 * config.n_embd  # itself and the seven before it: a score and a share each
    assert took == config.n_layer * row + config.n_embd * config.vocab_size
