"""A part's loss is that of its texts."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from models.baselines import Bigram
from models.corpora import little_world
from models.lenses.by_part import losses_by_part
from models.lenses.surprises import surprises
from models.lenses.truth import Truth
from models.tokenizers import Tokenizer


def test_the_truth_loses_nothing_on_any_part(words: Tokenizer) -> None:
    found = list(losses_by_part(Truth(words, little_world.world("training")), texts=8))
    assert [each.part for each in found] == [part.name for part in little_world.ALL]
    assert all(each.bits == each.floor and each.bits.value > 0 for each in found)
    assert all(each.above.value == each.above.error == 0 for each in found)


def test_a_part_s_loss_is_that_of_its_texts(words: Tokenizer) -> None:
    drawn = [text.words for text in islice(little_world.world("training").texts(1), 40)]
    tokens = np.array([words.ids[word] for said in drawn for word in ("\n", *said)])
    pairs = Bigram.count(tokens, words.vocab_size, tokenizer=words)
    found = next(iter(losses_by_part(pairs, texts=5, seed=2)))
    alone = little_world.World("training", [part for part in little_world.ALL if part.name == "story"])
    texts = [("\n", *text.words, "\n") for text in islice(alone.texts(2), 5)]
    bits = [surprises(pairs, [words.ids[word] for word in text])[1:] for text in texts]
    assert found.words == sum(map(len, bits)) and found.bits.value == pytest.approx(np.concatenate(bits).mean())
    assert found.above.value == pytest.approx(found.bits.value - found.floor.value) and found.above.value > 0
