"""How much context is used: the curves are those of texts cut short."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest

from models import measures
from models.baselines import Bigram, NGram
from models.contract import LanguageModel
from models.corpora import little_world
from models.gpt import GPT
from models.lenses.context_use import context_use, lengths_up_to
from models.lenses.surprises import surprises
from models.lenses.truth import Truth
from models.tokenizers import Tokenizer
from tests.models.lenses.small_models import random_tokens


def test_lengths_double_up_to_the_longest() -> None:
    assert lengths_up_to(1).tolist() == [1]
    assert lengths_up_to(8).tolist() == [1, 2, 4, 8]
    assert lengths_up_to(96).tolist() == [1, 2, 4, 8, 16, 32, 64, 96]


def test_the_curves_are_those_of_texts_cut_short(tiny_gpt: GPT, counted: tuple[Bigram, NGram]) -> None:
    texts = [random_tokens(40), random_tokens(10), random_tokens(30, 5)]
    models: list[LanguageModel] = [tiny_gpt, *counted]
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


def test_the_curves_grow_and_can_be_left(tiny_gpt: GPT, counted: tuple[Bigram, NGram]) -> None:
    texts = [random_tokens(200)]
    looks = list(context_use([tiny_gpt, counted[0]], texts, longest=4, most=80))
    assert [look.tokens for look in looks] == [32, 64, 80]
    assert all(look.lengths.tolist() == [1, 2, 4] for look in looks)
    again = list(context_use([tiny_gpt, counted[0]], texts, longest=4, most=80))
    assert np.array_equal(looks[-1].bits, again[-1].bits)
    assert list(context_use([tiny_gpt], [[1], []])) == []
    assert math.isnan(looks[-1].floor)


def test_the_floor_is_the_truth_s_on_the_same_tokens(words: Tokenizer) -> None:
    rows = little_world.world().rows(3, 30, words.ids, Random(1))
    truth = Truth(words, little_world.world())
    pairs = Bigram.count(rows.ravel(), words.vocab_size)
    *_, last = context_use([pairs], [*rows], longest=8, most=10_000, truth=truth)
    right = np.mean([surprises(truth, row)[8:] for row in rows])
    assert last.floor == pytest.approx(right)
