"""Models token by token: every figure is what the plain formula gives, and what is not known is not said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
import pytest

from models import measures
from models.baselines import Bigram, NGram
from models.contract import LanguageModel
from models.corpora import little_world
from models.gpt import GPT, GPTConfig
from models.lenses.surprises import rows_of
from models.lenses.truth import Truth
from models.lenses.versus import Side, Versus, candidates, versus, won, wrongs
from models.ops import Array
from models.switches import HeadOff
from models.tokenizers import Tokenizer
from models.tracing import trace
from tests.conftest import random_gpt
from tests.models.lenses.small_models import V, random_tokens, random_world_gpt


def check_side(side: Side, logits: Array, tokens: Array, reference: Array | None) -> None:
    """Against the plain formulas, a place at a time."""
    p = measures.softmax(logits)
    assert np.isnan(side.p[0]) and side.rank[0] == 0 and side.best[0] == -1
    for place in range(1, len(tokens) + 1):
        row = p[place - 1]
        assert side.entropy[place] == pytest.approx(measures.entropy(row), abs=1e-9)
        assert (side.best[place], side.best_p[place]) == (row.argmax(), pytest.approx(row.max()))
        if reference is not None:
            assert side.kl[place] == pytest.approx(measures.kl(measures.softmax(reference)[place - 1], row), abs=1e-9)
        if place < len(tokens):
            token = tokens[place]
            assert side.p[place] == pytest.approx(row[token])
            assert side.bits[place] == pytest.approx(-np.log2(row[token]))
            assert side.rank[place] == measures.rank(logits[place - 1], int(token))
    assert np.isnan(side.p[-1]) and np.isnan(side.bits[-1]) and side.rank[-1] == 0
    assert side.total[-1] == pytest.approx(np.nansum(side.bits))
    assert np.allclose(np.diff(side.total[:-1]), side.bits[1:-1])


@pytest.mark.parametrize("cells", [1, 3 * V, 1 << 17])
def test_every_figure_is_the_plain_formula_s(
    tiny_gpt: GPT, counted: tuple[Bigram, NGram], cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.lenses.versus.CELLS", cells)
    tokens = random_tokens(14)
    models: list[LanguageModel] = [counted[0], tiny_gpt, counted[1]]
    found = versus(models, tokens)
    assert found.reference == tiny_gpt.name
    for model, side in zip(models, found.sides, strict=True):
        check_side(side, np.asarray(model.logits(tokens)), tokens, tiny_gpt.logits(tokens.tolist()))
    assert np.all(found[tiny_gpt.name].kl[1:] == 0)
    by_bigram = versus(models, tokens, reference="bigram")
    assert by_bigram["bigram"].kl[1:].max() < 1e-9 < by_bigram[tiny_gpt.name].kl[1:].min()


def test_one_token_and_one_model_are_enough(tiny_gpt: GPT, counted: tuple[Bigram, NGram]) -> None:
    found = versus([tiny_gpt], [3])
    assert found[tiny_gpt.name].entropy[1] > 0 and found[tiny_gpt.name].total.tolist() == [0, 0]
    assert versus(counted, [3]).reference is None
    assert np.isnan(versus(counted, [3])["bigram"].kl).all()
    assert won(found, tiny_gpt.name, tiny_gpt.name).total == 0 and math.isnan(
        won(found, tiny_gpt.name, tiny_gpt.name).share
    )


def test_a_pass_with_switches_is_taken_as_it_is(tiny_gpt: GPT, counted: tuple[Bigram, NGram]) -> None:
    tokens = random_tokens(12).tolist()
    changed = trace(tiny_gpt, tokens, [HeadOff(0, 0)])
    found = versus([tiny_gpt, counted[0]], tokens, {tiny_gpt.name: changed.logits})
    assert np.allclose(found[tiny_gpt.name].bits[1:-1], measures.surprise(changed.logits, tokens)[1:])
    assert not np.allclose(found[tiny_gpt.name].bits[1:-1], measures.surprise(tiny_gpt.logits(tokens), tokens)[1:])


def test_a_text_longer_than_the_context_leaves_a_gpt_s_first_places_open(
    tiny_gpt: GPT, counted: tuple[Bigram, NGram]
) -> None:
    tokens = random_tokens(20)
    found = versus([tiny_gpt, counted[0]], tokens)
    side = found[tiny_gpt.name]
    assert np.isnan(side.bits[:5]).all() and (side.best[:5] == -1).all() and np.isnan(side.total[1:5]).all()
    passed = trace(tiny_gpt, tokens.tolist())
    assert np.allclose(side.bits[5:-1], measures.surprise(passed.logits, passed.tokens)[1:])
    assert side.total[-1] == pytest.approx(side.bits[5:-1].sum())
    assert not np.isnan(found["bigram"].bits[1:-1]).any()
    assert np.isnan(candidates(found, 2).p[0]).all()


def test_padded_vocabularies_are_compared_on_what_all_have(counted: tuple[Bigram, NGram]) -> None:
    padded = random_gpt(GPTConfig(V + 5, 16, 1, 1, 4), name="padded")
    tokens = random_tokens(10)
    found = versus([padded, counted[0]], tokens)
    check_side(found["padded"], padded.logits(tokens.tolist())[:, :V], tokens, None)
    assert np.isfinite(found["bigram"].kl[1:]).all()
    assert candidates(found, 3, n=V + 9).p.shape == (2, V)


class Fixed:
    """A model that says what it is told to."""

    tokenizer = None

    def __init__(self, name: str, logits: Any) -> None:
        self.name, self.table = name, np.asarray(logits, np.float64)

    @property
    def vocab_size(self) -> int:
        return int(self.table.shape[1])

    def logits(self, tokens: Sequence[int]) -> Array:
        return self.table[: len(tokens)]


def test_what_is_ruled_out_costs_infinitely_much_and_hurts_nobody_else() -> None:
    sure = Fixed("sure", [[0, -np.inf, -np.inf], [0, 0, -np.inf], [np.nan] * 3])
    open_ = Fixed("open", np.zeros((3, 3)))
    found = versus([sure, open_], [0, 1, 2], reference="sure")
    assert found["sure"].bits.tolist()[1:3] == [math.inf, math.inf]
    assert found["sure"].entropy[1:3].tolist() == [0, 1]
    assert found["open"].kl[1] == pytest.approx(math.log2(3))
    assert found["open"].kl[2] == pytest.approx(math.log2(3) - 1)
    assert np.isnan(found["open"].kl[3]) and found["open"].entropy[3] == pytest.approx(math.log2(3))
    assert found["sure"].best.tolist() == [-1, 0, 0, -1] and found["sure"].rank.tolist()[1:3] == [2, 3]
    assert versus([sure, open_], [0, 1, 2], reference="open")["sure"].kl[1] == math.inf


def test_candidates_are_aligned_and_hold_the_token_that_came(tiny_gpt: GPT, counted: tuple[Bigram, NGram]) -> None:
    tokens = random_tokens(14)
    found = versus([tiny_gpt, counted[0]], tokens)
    for place in range(1, 15):
        some = candidates(found, place, 3)
        p = [measures.softmax(np.asarray(model.logits(tokens)))[place - 1] for model in (tiny_gpt, counted[0])]
        for row, right in zip(some.p, p, strict=True):
            assert np.allclose(row, right[some.tokens])
            assert set(measures.ranked(right, 3)) <= set(some.tokens)
        assert (some.came is None) == (place == 14)
        assert some.came is None or some.came in some.tokens
        assert np.allclose(some.rest, 1 - some.p.sum(-1))
        assert np.all(np.diff(some.p.max(0)) <= 0)


def test_won_says_where_context_pays(tiny_gpt: GPT, counted: tuple[Bigram, NGram]) -> None:
    tokens = random_tokens(14)
    found = versus([tiny_gpt, *counted], tokens)
    saved = won(found, "5-gram", "bigram")
    assert np.allclose(saved.bits[1:-1], (found["bigram"].bits - found["5-gram"].bits)[1:-1])
    assert saved.total == pytest.approx(found["bigram"].total[-1] - found["5-gram"].total[-1])
    assert saved.share == np.count_nonzero(saved.bits[1:-1] > 0) / 13
    assert np.all(np.diff(saved.bits[saved.places]) <= 0) and (saved.bits[saved.places] > 0).all()


def test_wrongs_are_ranked_by_the_truth_where_it_is_known_and_by_surprise_elsewhere(
    words: Tokenizer, counted: tuple[Bigram, NGram], tiny_gpt: GPT
) -> None:
    texts = [words.encode("\n" + " ".join(text.words)) for text in islice(little_world.world().texts(1), 6)]
    pairs = Bigram.count(np.concatenate(texts), words.vocab_size)
    known = versus([random_world_gpt(words), pairs, Truth(words, little_world.world())], texts[0])
    assert known.reference == "truth" and known["truth"].exact
    found = wrongs(known, "bigram")
    assert found.by == "kl" and np.all(np.diff(found.bits) <= 0)
    assert np.allclose(found.bits, known["bigram"].kl[found.places])
    assert wrongs(known, "truth").by == "surprise"
    unknown = versus([tiny_gpt, counted[0]], random_tokens(14))
    by_surprise = wrongs(unknown, "bigram")
    assert by_surprise.by == "surprise"
    assert sorted(by_surprise.places) == [at for at in range(15) if unknown["bigram"].rank[at] > 1]
    assert np.all(np.diff(by_surprise.bits) <= 0)


def test_rows_of_a_baseline_are_those_of_the_whole_text(counted: tuple[Bigram, NGram]) -> None:
    tokens = random_tokens(30)
    for baseline in counted:
        whole, rows = baseline.logits(tokens), rows_of(baseline, tokens)
        for start, stop in ((0, 1), (0, 30), (7, 9), (29, 30)):
            assert np.allclose(rows(start, stop), whole[start:stop], rtol=0, atol=1e-12)


def test_an_unknown_side_is_a_key_error(tiny_gpt: GPT) -> None:
    found: Versus = versus([tiny_gpt], [1, 2])
    with pytest.raises(KeyError):
        found["bigram"]
