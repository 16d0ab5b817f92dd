"""Products counted by formula, against the sizes of what a real pass multiplies."""

from __future__ import annotations

from models.gpt import GPTConfig, weight_shapes
from models.lenses.products import by_attention, by_linear_attention, by_weights
from models.tracing import trace
from tests.conftest import random_gpt

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
