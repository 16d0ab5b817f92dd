"""Where lessons measure: what a switch costs is the difference of two surprises, with the error of that difference."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.switches import HeadOff, WeightNoise
from models.units import NATS
from playground.learn.bench import Bench
from playground.learn.findings import Measured
from playground.learn.plans import PAGES, unread

NAME = "little-world"


def test_a_cost_is_a_difference_of_surprises_with_its_own_error() -> None:
    bench = Bench()
    texts = bench.held_out(NAME, 4)
    switches = (HeadOff(0, 3), WeightNoise(20.0))
    whole = bench.surprise(NAME, texts)
    for switch, found in zip(switches, bench.costs(NAME, texts, switches), strict=True):
        assert found.value == pytest.approx(bench.surprise(NAME, texts, switch) - whole, abs=1e-6)
        own = [(bench.surprise(NAME, [text], switch) - bench.surprise(NAME, [text]), len(text) - 1) for text in texts]
        cost, words = (np.array(each) for each in zip(*own, strict=True))
        apart = (cost - found.value) * words
        assert found.error == pytest.approx(math.sqrt((apart**2).sum() * 4 / 3) / words.sum(), rel=1e-4)


def test_a_number_with_an_error_is_written_with_it() -> None:
    assert Measured("a", "it costs", 0.5, "bits", error=0.25).written() == "0.50 ± 0.25 bits"
    assert Measured("a", "it costs", 0.5, "bits", error=0.25).written(NATS) == "0.35 ± 0.17 nats"
    assert Measured("a", "it costs", 0.5, "bits").written() == "0.50 bits"


def test_what_no_run_has_read_is_the_last_tenth_of_the_pages() -> None:
    model = Bench().model(NAME)
    assert model.tokenizer is not None
    tokens, pieces = model.tokenizer.encode(PAGES.read_text()), unread(model)
    size, border = model.config.block_size, int(0.9 * len(tokens))
    assert {len(piece) for piece in pieces} == {size + 1} and len(pieces) == (len(tokens) - border - 1) // size > 3
    assert [token for piece in pieces for token in piece[1:]] == tokens[border + 1 : border + 1 + size * len(pieces)]


def test_a_piece_longer_than_the_context_by_a_word_is_scored_whole() -> None:
    bench, texts = Bench(), unread(Bench().model(NAME))[:2]
    shorter = bench.surprise(NAME, [text[:-1] for text in texts])
    last = [-math.log2(bench.after(NAME, text[:-1])[text[-1]]) for text in texts]
    words = sum(map(len, texts)) - len(texts)
    assert bench.surprise(NAME, texts) == pytest.approx((shorter * (words - 2) + sum(last)) / words, rel=1e-5)
