"""What is counted is what a pass must multiply."""

from __future__ import annotations

import numpy as np
import pytest

from models.gpt import GPT
from models.lenses.work import counting
from models.tracing import extend, trace
from tests.models.lenses.small_models import random_tokens


def products(model: GPT, rows: int, columns: int) -> int:
    """Of so many new rows that look at so many columns, by hand."""
    config = model.config
    C, F = config.n_embd, config.mlp_width
    of_row = config.n_layer * (3 * C * C + C * C + 2 * C * F) + C * config.vocab_size
    return rows * of_row + config.n_layer * 2 * rows * columns * C


@pytest.mark.parametrize("length", [1, 7])
def test_a_pass_counts_every_product_of_its_matrices(tiny_gpt: GPT, length: int) -> None:
    model, work = counting(tiny_gpt)
    tokens = random_tokens(length)
    counted, took = work.of(lambda: trace(model, tokens))
    assert took == products(tiny_gpt, length, length)
    assert np.array_equal(counted.logits, trace(tiny_gpt, tokens).logits)


def test_a_token_more_counts_its_own_row_alone(tiny_gpt: GPT) -> None:
    model, work = counting(tiny_gpt)
    before = trace(model, random_tokens(7))
    _, took = work.of(lambda: extend(model, before, 1))
    assert took == products(tiny_gpt, 1, 8)
