"""Counts of runs of tokens are those of a dictionary, however they are counted."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.baselines import NGram, counts
from models.baselines.counts import largest_order, tally
from models.errors import UserError

TOKENS = hnp.arrays(np.int64, st.integers(0, 60), elements=st.integers(0, 4))


# counting


@given(TOKENS, st.integers(1, 5))
def test_counts_are_those_of_a_dictionary(tokens: Any, order: int) -> None:
    found = tally(tokens, order, 5)
    expected = Counter(tuple(tokens[i : i + order].tolist()) for i in range(len(tokens) - order + 1))
    assert {spelled(run, order, 5): n for run, n in zip(found.runs, found.counts, strict=True)} == expected
    assert (np.diff(found.runs) > 0).all() and found.runs.dtype == found.counts.dtype == np.int64
    assert found.head.tolist() == tokens[: order - 1].tolist()


def spelled(run: int, order: int, vocab_size: int) -> tuple[int, ...]:
    return tuple(int(run) // vocab_size**place % vocab_size for place in reversed(range(order)))


@given(TOKENS, st.integers(1, 5), st.lists(st.integers(0, 60), max_size=8), st.sampled_from([1, 3, 1 << 20]))
def test_chunks_do_not_matter(tokens: Any, order: int, cuts: list[int], piece: int) -> None:
    whole = tally(tokens, order, 5)
    before, counts.PIECE = counts.PIECE, piece  # small pieces are merged over and over
    try:
        parts = tally((part for part in np.split(tokens, sorted(cuts))), order, 5)
    finally:
        counts.PIECE = before
    for name in ("runs", "counts", "head"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))


def test_a_text_is_never_in_memory_whole() -> None:
    tokens = np.zeros(20 * counts.PIECE, np.uint16)
    tracemalloc.start()
    try:
        found = tally(tokens, 2, 5)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.counts.sum() == tokens.size - 1
    assert most < 6 * counts.PIECE * 8, "a few pieces, as the 64-bit numbers that are counted"


@pytest.mark.parametrize("vocab_size", [3, 300, 50_257])
def test_the_table_and_the_sort_agree(vocab_size: int) -> None:
    tokens = np.random.default_rng(0).integers(0, vocab_size, 20_000)
    found = tally(tokens, 2, vocab_size)
    runs, n = np.unique(tokens[:-1] * vocab_size + tokens[1:], return_counts=True)
    np.testing.assert_array_equal(found.runs, runs)
    np.testing.assert_array_equal(found.counts, n)


@pytest.mark.parametrize(("vocab_size", "order"), [(65, 5), (6208, 5), (6209, 4), (50_257, 4), (2**31 - 1, 2)])
def test_how_long_a_run_can_be(vocab_size: int, order: int) -> None:
    assert largest_order(vocab_size) == order
    last = [vocab_size - 1] * (order + 1)
    model = NGram.count(np.array(last), vocab_size)  # the largest number there is
    assert model.runs.runs.tolist() == [vocab_size**order - 1] and model.runs.counts.tolist() == [2]
    with pytest.raises(UserError, match=f"choose an order from 1 to {order}$"):
        NGram.count(np.array(last), vocab_size, order=order + 1)
