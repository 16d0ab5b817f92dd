"""The scoreboard adds up, and its error is what drawing again shows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
import pytest

from models.baselines import Bigram, NGram
from models.contract import LanguageModel
from models.corpora import little_world
from models.gpt import GPT, GPTConfig
from models.lenses.scoreboard import Scoreboard, scoreboards
from models.lenses.surprises import surprises
from models.lenses.truth import Truth
from models.lenses.versus import versus
from models.tokenizers import Tokenizer
from tests.conftest import random_gpt
from tests.models.lenses.small_models import V, random_tokens


def scoreboard(models: Sequence[LanguageModel], texts: Iterable[Sequence[int]]) -> Scoreboard:
    *_, last = scoreboards(models, texts)
    return last


def test_the_scoreboard_adds_up(tiny_gpt: GPT, counted: tuple[Bigram, NGram]) -> None:
    texts = [random_tokens(length, length) for length in (40, 1, 12, 30)]
    models: list[LanguageModel] = [tiny_gpt, *counted]
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
    assert math.isnan(steps[0].scores[0].error) and math.isnan(scoreboard(models, [[3]]).scores[0].bits)


def test_the_truth_is_the_floor_and_only_where_it_is_known(words: Tokenizer) -> None:
    truth = Truth(words, little_world.world())
    texts = [words.encode("\n" + " ".join(text.words)) for text in islice(little_world.world().texts(1), 6)]
    pairs = Bigram.count(np.concatenate(texts), words.vocab_size)
    board = scoreboard([pairs, truth], texts)
    assert board.known == board.tokens
    assert board.floor == pytest.approx(board.scores[1].bits) and board.scores[1].above == 0
    apart = np.array([(surprises(pairs, text) - surprises(truth, text))[1:].sum() for text in texts])
    lengths = np.array([len(text) - 1 for text in texts])
    resampled = np.random.default_rng(1).integers(0, len(texts), (20_000, len(texts)))
    spread = (apart[resampled].sum(-1) / lengths[resampled].sum(-1)).std() * math.sqrt(len(texts) / (len(texts) - 1))
    assert board.scores[0].above_error == pytest.approx(spread, rel=0.1), "as texts drawn again and again say"
    assert board.scores[1].above_error == 0
    assert board.scores[0].above == pytest.approx(board.scores[0].bits - board.floor) and board.scores[0].above > 0
    foreign = words.encode("\nthe lamp lamp lamp")
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
