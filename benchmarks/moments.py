"""What nobody should have to wait for: drawing and knowing the little world, opening counts, learning odd texts."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.table import Part, Spread
from models.baselines import NGram
from models.corpora.little_world import World
from models.tokenizers import Tokenizer

TEXTS = 4000
PIECE = 300_000  # characters without a blank: BPE takes the square of such a run's length to learn from it


def run(rounds: int) -> Part:
    """Each in turn; processor time, so that others on the machine do not count."""
    part = Part("moments", "What nobody should have to wait for; processor time, median (least .. most)")
    part.at_least("the little world, words drawn", _each(rounds, _drawn), 100_000, "/s")
    part.at_most("the truth after one more word of it", _each(rounds, _known), 2, "ms")
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder, "counts")
        _five_gram().save(counts)
        part.at_most("a 5-gram of the bundled size, opened", _each(rounds, lambda: _took(NGram.load, counts)), 60, "ms")
    odd = "to be " + "x" * PIECE + "y" + " \n" * 20_000
    for learn in (Tokenizer.train_bpe, Tokenizer.train_word):
        part.at_most(f"{learn.__name__} over {PIECE:,} characters in one piece", _took(learn, odd) / 1e3, 5, "s")
    return part


def _each(rounds: int, measure: Callable[[], float]) -> Spread:
    return Spread.of([measure() for _ in range(rounds)])


def _took(do: Callable[..., object], *arguments: object) -> float:
    """In milliseconds."""
    begun = time.process_time()
    do(*arguments)
    return (time.process_time() - begun) * 1e3


def _drawn() -> float:
    begun, words = time.process_time(), 0
    for text in islice(World("training").texts(1), TEXTS):
        words += len(text.words) + 1
    return words / (time.process_time() - begun)


def _known() -> float:
    world, took = World("training"), list[float]()
    for text in islice(world.texts(2), 20):
        belief = world.start
        for word in text.words:
            took.append(_took(belief.after, word))
            after = belief.after(word)
            assert after is not None, "the world says what it says"
            belief = after
    return statistics.median(took)


def _five_gram() -> NGram:
    """130,000 different runs."""
    return NGram.count(np.minimum(np.random.default_rng(0).geometric(0.2, 210_000), 65) - 1, 65)
