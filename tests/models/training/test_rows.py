"""Rows to learn from: the same ones for the same seed, and the very next one after a stop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from models.corpora import little_world
from models.corpora.little_world import LINE_END
from models.errors import UserError
from models.tokenizers import Tokenizer
from models.training.rows import Lines, Source, Windows, WorldRows, packed


def windows(seed: int = 3) -> Source:
    return Windows(np.arange(500, dtype=np.uint16), 8, 4, seed)


def world_rows(seed: int = 3) -> Source:
    return WorldRows(little_world.world("training"), little_world.tokenizer(), 24, 4, seed)


def lines(seed: int = 3) -> Source:
    tokens = np.arange(500, dtype=np.uint16)
    tokens[9::10] = 999
    return Lines(tokens, 999, 8, 4, seed)


SOURCES: dict[str, Callable[[int], Source]] = {"windows": windows, "world": world_rows, "lines": lines}


@pytest.mark.parametrize("make", SOURCES.values(), ids=SOURCES)
def test_targets_are_the_inputs_one_place_on(make: Callable[[int], Source]) -> None:
    inputs, targets = make(0).draw()
    assert inputs.shape == targets.shape and inputs.dtype == targets.dtype == np.int64
    assert (inputs[:, 1:] == targets[:, :-1]).all()


@pytest.mark.parametrize("make", SOURCES.values(), ids=SOURCES)
def test_a_source_goes_on_with_the_very_next_batch(make: Callable[[int], Source]) -> None:
    through = make(3)
    batches = [through.draw()[0] for _ in range(6)]
    assert len({batch.tobytes() for batch in batches}) == 6
    stopped = make(3)
    for _ in range(3):
        stopped.draw()
    again = make(3)
    again.drawn = stopped.drawn
    for expected in batches[3:]:
        np.testing.assert_array_equal(again.draw()[0], expected)
    assert again.drawn == through.drawn != stopped.drawn
    assert not np.array_equal(make(4).draw()[0], batches[0])


def test_every_window_is_drawn_about_as_often() -> None:
    source = Windows(np.arange(11), 1, 1000, seed=0)
    found = np.bincount(np.concatenate([source.draw()[0][:, 0] for _ in range(20)]), minlength=10)
    assert len(found) == 10
    expected = 2000
    assert ((found - expected) ** 2 / expected).sum() < 27.9  # chi-square, 9 degrees of freedom, 1 in 1,000


def test_windows_may_lie_on_disk(tmp_path: Path) -> None:
    np.arange(500, dtype=np.uint16).tofile(tmp_path / "it")
    source = Windows(np.memmap(tmp_path / "it", np.uint16, "r"), 8, 4, 3)
    for _ in range(3):
        np.testing.assert_array_equal(source.draw()[0], windows().draw()[0])
        source = Windows(source.tokens, 8, 4, 3)
    assert np.shares_memory(packed(source.tokens, 500), source.tokens)


def test_rows_of_the_world_never_hold_what_is_held_out() -> None:
    tokenizer, training = little_world.tokenizer(), little_world.world("training")
    for row in world_rows().draw()[0]:
        words = [tokenizer.token(token) for token in row.tolist()]
        assert words[0] == LINE_END
        training.truth(words)  # raises where a word cannot stand


def test_the_world_needs_a_tokenizer_of_its_words() -> None:
    with pytest.raises(UserError, match="the tokenizer has no token for '.+', a word of the little world - "):
        WorldRows(little_world.world(), Tokenizer.train_word("the king"), 8, 4, 0)
