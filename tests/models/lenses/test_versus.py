"""Models side by side: every figure is what the plain formula gives, and what is not known is not said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import measures
from models.baselines import Bigram, NGram
from models.contract import LanguageModel
from models.corpora import little_world
from models.gpt import GPT, GPTConfig
from models.lenses.context_use import context_use, lengths_up_to
from models.lenses.paths import Branch, paths
from models.lenses.scoreboard import scoreboard, scoreboards
from models.lenses.surprises import log_sum, surprises, windows
from models.lenses.truth import Truth
from models.lenses.versus import Side, Versus, candidates, rows_of, versus, won, wrongs
from models.ops import Array
from models.switches import HeadOff
from models.tokenizers import Tokenizer
from models.tracing import trace
from tests.conftest import random_gpt

V = 11


@pytest.fixture(scope="module")
def counted() -> tuple[Bigram, NGram]:
    """A bigram and a 5-gram of random tokens with some order in them."""
    rng = np.random.default_rng(0)
    tokens = (np.cumsum(rng.integers(0, 3, 2000)) + rng.integers(0, 2, 2000)) % V
    return Bigram.count(tokens, V, tokens[:200]), NGram.count(tokens, V)


@pytest.fixture
def gpt(tiny_gpt: GPT) -> GPT:
    """V 11, T 16, float64."""
    return tiny_gpt


@pytest.fixture(scope="module")
def world_words() -> Tokenizer:
    return Tokenizer.train_word("\n".join(little_world.world().vocabulary), lowercase=True)


def random_world_gpt(words: Tokenizer) -> GPT:
    return random_gpt(GPTConfig(words.vocab_size, 96, 1, 1, 4), tokenizer=words)


def random_tokens(length: int, seed: int = 3) -> Array:
    return np.random.default_rng(seed).integers(0, V, length)


# ---- surprise over long texts


@given(st.integers(1, 300), st.integers(2, 40))
def test_every_token_but_the_first_is_predicted_once(length: int, context: int) -> None:
    predicted: list[int] = []
    for start, first, stop in windows(length, context):
        assert 0 <= start < first < stop <= min(length, start + context)
        assert start == 0 or first - start >= context // 2
        predicted += range(first, stop)
    assert predicted == list(range(1, length))


@pytest.mark.parametrize("length", [1, 2, 15, 16, 17, 100])
def test_surprise_is_that_of_passes_over_windows(gpt: GPT, counted: tuple[Bigram, NGram], length: int) -> None:
    tokens = random_tokens(length)
    found = surprises(gpt, tokens)
    assert len(found) == length and np.isnan(found[0])
    for start, first, stop in windows(length, 16):
        seen = tokens[start:stop]
        right = measures.surprise(trace(gpt, seen.tolist()).logits, seen)
        assert np.allclose(found[first:stop], right[first - start :], rtol=0, atol=1e-10)
    for baseline in counted:
        right = measures.surprise(baseline.logits(tokens), tokens)
        assert np.allclose(surprises(baseline, tokens), right, rtol=0, atol=1e-10, equal_nan=True)


def test_counting_a_piece_at_a_time_changes_nothing(
    counted: tuple[Bigram, NGram], monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = random_tokens(100)
    for baseline in counted:
        whole = surprises(baseline, tokens)
        monkeypatch.setattr("models.lenses.surprises.CELLS", 7 * V)
        assert np.allclose(surprises(baseline, tokens), whole, rtol=0, atol=1e-12, equal_nan=True)


def test_the_truth_s_surprise_ends_where_its_world_ends(world_words: Tokenizer) -> None:
    truth = Truth(world_words, little_world.world())
    tokens = world_words.encode("michael jordan plays basketball. yuki stone plays lamp. who")
    bits = surprises(truth, tokens)
    right = measures.surprise(truth.logits(tokens), tokens)
    assert np.allclose(bits, right, equal_nan=True)
    lamp = tokens.index(world_words.ids["lamp"])
    assert bits[3] == 0 and bits[lamp] == math.inf and np.isnan(bits[lamp + 1 :]).all()


def test_the_sum_of_exponentials_does_not_overflow() -> None:
    rows = np.array([[1000.0, 1000.0], [-np.inf, 2.0], [-np.inf, -np.inf]])
    assert np.allclose(log_sum(rows), [1000 + math.log(2), 2, np.nan], equal_nan=True)


# ---- the scoreboard


def test_the_scoreboard_adds_up(gpt: GPT, counted: tuple[Bigram, NGram]) -> None:
    texts = [random_tokens(length, length) for length in (40, 1, 12, 30)]
    models: list[LanguageModel] = [gpt, *counted]
    board = scoreboard(models, texts)
    assert (board.texts, board.tokens, board.known) == (4, 39 + 11 + 29, 0)
    assert math.isnan(board.floor)
    for model, score in zip(models, board.scores, strict=True):
        bits = [surprises(model, text)[1:].sum() for text in texts]
        assert score.bits == pytest.approx(sum(bits) / board.tokens)
        assert score.perplexity == pytest.approx(2**score.bits)
        assert score.error > 0 and math.isnan(score.above) and not score.looks_ahead
    steps = list(scoreboards(models, texts))
    assert [step.tokens for step in steps] == [39, 39, 50, 79]
    assert steps[-1] == board or np.allclose(steps[-1].scores[0].bits, board.scores[0].bits)
    assert math.isnan(scoreboard(models, []).scores[0].bits)


def test_the_truth_is_the_floor_and_only_where_it_is_known(world_words: Tokenizer) -> None:
    truth = Truth(world_words, little_world.world())
    texts = [world_words.encode("\n" + " ".join(text.words)) for text in islice(little_world.world().texts(1), 6)]
    pairs = Bigram.count(np.concatenate(texts), world_words.vocab_size)
    board = scoreboard([pairs, truth], texts)
    assert board.known == board.tokens
    assert board.floor == pytest.approx(board.scores[1].bits) and board.scores[1].above == 0
    assert board.scores[0].above == pytest.approx(board.scores[0].bits - board.floor) and board.scores[0].above > 0
    foreign = world_words.encode("\nthe lamp lamp lamp")
    with_foreign = scoreboard([pairs, truth], [*texts, foreign])
    assert with_foreign.known == board.known + 1  # "the" could come
    assert math.isnan(with_foreign.scores[1].bits) and not math.isnan(with_foreign.floor)


def test_the_error_of_a_few_texts_is_that_of_a_small_sample(counted: tuple[Bigram, NGram]) -> None:
    texts = [random_tokens(21, seed) for seed in range(3)]
    means = [surprises(counted[0], text)[1:].mean() for text in texts]
    assert scoreboard([counted[0]], texts).scores[0].error == pytest.approx(np.std(means, ddof=1) / math.sqrt(3))
    assert math.isnan(scoreboard([counted[0]], texts[:1]).scores[0].error)


def test_the_error_of_the_mean_is_what_repeating_the_draw_shows(counted: tuple[Bigram, NGram]) -> None:
    boards = [scoreboard([counted[0]], [random_tokens(20, 100 * at + i) for i in range(30)]) for at in range(40)]
    spread = np.std([board.scores[0].bits for board in boards])
    assert np.mean([board.scores[0].error for board in boards]) == pytest.approx(spread, rel=0.4)


def test_a_model_that_looks_ahead_is_marked(counted: tuple[Bigram, NGram]) -> None:
    blind = random_gpt(GPTConfig(V, 16, 1, 1, 4, without=("mask",)), name="blind")
    board = scoreboard([blind, counted[0]], [random_tokens(10)])
    assert [score.looks_ahead for score in board.scores] == [True, False]
    sides = versus([blind, counted[0]], random_tokens(10)).sides
    assert [side.looks_ahead for side in sides] == [True, False]


# ---- token by token


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
    gpt: GPT, counted: tuple[Bigram, NGram], cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.lenses.versus.CELLS", cells)
    tokens = random_tokens(14)
    models: list[LanguageModel] = [counted[0], gpt, counted[1]]
    found = versus(models, tokens)
    assert found.reference == gpt.name
    for model, side in zip(models, found.sides, strict=True):
        check_side(side, np.asarray(model.logits(tokens)), tokens, gpt.logits(tokens.tolist()))
    assert np.all(found[gpt.name].kl[1:] == 0)
    by_bigram = versus(models, tokens, reference="bigram")
    assert by_bigram["bigram"].kl[1:].max() < 1e-9 < by_bigram[gpt.name].kl[1:].min()


def test_one_token_and_one_model_are_enough(gpt: GPT, counted: tuple[Bigram, NGram]) -> None:
    found = versus([gpt], [3])
    assert found[gpt.name].entropy[1] > 0 and found[gpt.name].total.tolist() == [0, 0]
    assert versus(counted, [3]).reference is None
    assert np.isnan(versus(counted, [3])["bigram"].kl).all()
    assert won(found, gpt.name, gpt.name).total == 0 and math.isnan(won(found, gpt.name, gpt.name).share)


def test_a_pass_with_switches_is_taken_as_it_is(gpt: GPT, counted: tuple[Bigram, NGram]) -> None:
    tokens = random_tokens(12).tolist()
    changed = trace(gpt, tokens, [HeadOff(0, 0)])
    found = versus([gpt, counted[0]], tokens, {gpt.name: changed.logits})
    assert np.allclose(found[gpt.name].bits[1:-1], measures.surprise(changed.logits, tokens)[1:])
    assert not np.allclose(found[gpt.name].bits[1:-1], measures.surprise(gpt.logits(tokens), tokens)[1:])


def test_a_text_longer_than_the_context_leaves_a_gpt_s_first_places_open(
    gpt: GPT, counted: tuple[Bigram, NGram]
) -> None:
    tokens = random_tokens(20)
    found = versus([gpt, counted[0]], tokens)
    side = found[gpt.name]
    assert np.isnan(side.bits[:5]).all() and (side.best[:5] == -1).all() and np.isnan(side.total[1:5]).all()
    passed = trace(gpt, tokens.tolist())
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


def test_candidates_are_aligned_and_hold_the_token_that_came(gpt: GPT, counted: tuple[Bigram, NGram]) -> None:
    tokens = random_tokens(14)
    found = versus([gpt, counted[0]], tokens)
    for place in range(1, 15):
        some = candidates(found, place, 3)
        p = [measures.softmax(np.asarray(model.logits(tokens)))[place - 1] for model in (gpt, counted[0])]
        for row, right in zip(some.p, p, strict=True):
            assert np.allclose(row, right[some.tokens])
            assert set(measures.ranked(right, 3)) <= set(some.tokens)
        assert (some.came is None) == (place == 14)
        assert some.came is None or some.came in some.tokens
        assert np.allclose(some.rest, 1 - some.p.sum(-1))
        assert np.all(np.diff(some.p.max(0)) <= 0)


def test_won_says_where_context_pays(gpt: GPT, counted: tuple[Bigram, NGram]) -> None:
    tokens = random_tokens(14)
    found = versus([gpt, *counted], tokens)
    saved = won(found, "5-gram", "bigram")
    assert np.allclose(saved.bits[1:-1], (found["bigram"].bits - found["5-gram"].bits)[1:-1])
    assert saved.total == pytest.approx(found["bigram"].total[-1] - found["5-gram"].total[-1])
    assert saved.share == np.count_nonzero(saved.bits[1:-1] > 0) / 13
    assert np.all(np.diff(saved.bits[saved.places]) <= 0) and (saved.bits[saved.places] > 0).all()


def test_wrongs_are_ranked_by_the_truth_where_it_is_known_and_by_surprise_elsewhere(
    world_words: Tokenizer, counted: tuple[Bigram, NGram], gpt: GPT
) -> None:
    texts = [world_words.encode("\n" + " ".join(text.words)) for text in islice(little_world.world().texts(1), 6)]
    pairs = Bigram.count(np.concatenate(texts), world_words.vocab_size)
    known = versus([random_world_gpt(world_words), pairs, Truth(world_words, little_world.world())], texts[0])
    assert known.reference == "truth" and known["truth"].exact
    found = wrongs(known, "bigram")
    assert found.by == "kl" and np.all(np.diff(found.bits) <= 0)
    assert np.allclose(found.bits, known["bigram"].kl[found.places])
    assert wrongs(known, "truth").by == "surprise"
    unknown = versus([gpt, counted[0]], random_tokens(14))
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


def test_an_unknown_side_is_a_key_error(gpt: GPT) -> None:
    found: Versus = versus([gpt], [1, 2])
    with pytest.raises(KeyError):
        found["bigram"]


# ---- how much context is used


def test_lengths_double_up_to_the_longest() -> None:
    assert lengths_up_to(1).tolist() == [1]
    assert lengths_up_to(8).tolist() == [1, 2, 4, 8]
    assert lengths_up_to(96).tolist() == [1, 2, 4, 8, 16, 32, 64, 96]


def test_the_curves_are_those_of_texts_cut_short(gpt: GPT, counted: tuple[Bigram, NGram]) -> None:
    texts = [random_tokens(40), random_tokens(10), random_tokens(30, 5)]
    models: list[LanguageModel] = [gpt, *counted]
    *_, last = context_use(models, texts, most=10_000)
    assert last.lengths.tolist() == [1, 2, 4, 8, 16]
    assert last.tokens == (40 - 16) + (30 - 16)
    for row, model in enumerate(models):
        for column, length in enumerate(last.lengths):
            bits = [
                -measures.log_softmax(np.asarray(model.logits(text[at - length : at]))[-1])[text[at]] / math.log(2)
                for text in texts
                for at in range(16, len(text))
            ]
            assert last.bits[row, column] == pytest.approx(np.mean(bits))
            assert last.error[row, column] == pytest.approx(np.std(bits, ddof=1) / math.sqrt(len(bits)))
    assert np.ptp(last.bits[1]) == 0  # the bigram looks at one token
    assert np.ptp(last.bits[2, 2:]) == 0 and last.bits[2, 0] != last.bits[2, 1]  # the 5-gram at four


def test_the_curves_grow_and_can_be_left(gpt: GPT, counted: tuple[Bigram, NGram]) -> None:
    texts = [random_tokens(200)]
    looks = list(context_use([gpt, counted[0]], texts, longest=4, most=80))
    assert [look.tokens for look in looks] == [32, 64, 80]
    assert all(look.lengths.tolist() == [1, 2, 4] for look in looks)
    again = list(context_use([gpt, counted[0]], texts, longest=4, most=80))
    assert np.array_equal(looks[-1].bits, again[-1].bits)
    assert list(context_use([gpt], [[1], []])) == []
    assert math.isnan(looks[-1].floor)


def test_the_floor_is_the_truth_s_on_the_same_tokens(world_words: Tokenizer) -> None:
    rows = little_world.world().rows(3, 30, world_words.ids, Random(1))
    truth = Truth(world_words, little_world.world())
    pairs = Bigram.count(rows.ravel(), world_words.vocab_size)
    *_, last = context_use([pairs], [*rows], longest=8, most=10_000, truth=truth)
    right = np.mean([surprises(truth, row)[8:] for row in rows])
    assert last.floor == pytest.approx(right)


# ---- the paths of a bigram


def flat(branch: Branch) -> list[Branch]:
    return [branch, *(each for after in branch.after for each in flat(after))]


def test_paths_are_the_likeliest_there_are(counted: tuple[Bigram, NGram]) -> None:
    bigram = counted[0]
    tree = paths(bigram, 4, depth=2, width=V, most=10_000, least=0)
    assert len(tree) == 1 + V + V * V == len(flat(tree))
    table = bigram.table()
    for first in tree.after:
        assert first.p == pytest.approx(table[4, first.token]) == first.path
        for second in first.after:
            assert second.p == pytest.approx(table[first.token, second.token])
            assert second.path == pytest.approx(first.p * second.p)
            assert second.depth == 2 and second.after == ()
        assert [each.p for each in first.after] == sorted((each.p for each in first.after), reverse=True)
        assert first.rest == pytest.approx(0, abs=1e-12)


def test_paths_keep_their_limits(counted: tuple[Bigram, NGram]) -> None:
    small = paths(counted[0], 0, depth=3, width=2, most=9, least=0.02)
    each = flat(small)
    assert 1 < len(each) <= 9
    assert all(len(branch.after) <= 2 and branch.depth <= 3 and branch.path >= 0.02 for branch in each)
    assert small.rest == pytest.approx(1 - sum(after.p for after in small.after))
    assert len(paths(counted[0], 0, depth=0)) == 1 and paths(counted[0], 0, depth=0).rest == 1
    assert len(paths(counted[0], 0, least=1.1)) == 1


def test_the_likeliest_path_is_followed_first(counted: tuple[Bigram, NGram]) -> None:
    each = flat(paths(counted[0], 0, depth=9, width=3, most=16, least=0))
    expanded = [branch.path for branch in each if branch.after]
    assert max(branch.path for branch in each if not branch.after) <= min(expanded)
    assert max(branch.depth for branch in each) > 2


def test_a_token_there_is_not_is_our_own_mistake(counted: tuple[Bigram, NGram]) -> None:
    with pytest.raises(AssertionError, match="no token 11"):
        paths(counted[0], V)
