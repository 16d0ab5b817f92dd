"""What is asked beyond all that was learned: induction made by hand answers it, and nobody who only guesses."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from models.corpora.little_world import world
from models.gpt import GPT
from models.lenses.beyond import Beyond, beyond
from models.lenses.estimates import Estimate
from models.lenses.probes.probe import drawn
from models.lenses.surprises import surprises
from models.lenses.truth import Truth
from models.tokenizers import Tokenizer
from tests.models.lenses.small_models import inducer


def test_induction_repeats_skips_and_keeps_two_people_apart(words: Tokenizer) -> None:
    """What followed a word before is right for lists of any length, for any words, and for either person."""
    found = beyond(inducer(words), texts=10, asked=100)
    assert (found.texts, found.asked) == (10, 100)
    assert [length for length, _ in found.repeated] == [6, 8, 10, 12]
    assert min(share for _, share in found.repeated) >= 0.98
    assert found.skipped >= 0.98 and found.in_no_list >= 0.98
    assert found.earlier >= 0.98 and found.confused <= 0.02


def test_who_has_learned_nothing_knows_nothing(guesser: GPT) -> None:
    found = beyond(guesser, texts=40, asked=50)
    assert found.new.value > found.new_floor.value + 3 and found.sure.value < 0.2
    assert 0.8 < found.new_floor.value < 1.1
    shares = (*(share for _, share in found.repeated), found.skipped, found.in_no_list, found.earlier, found.confused)
    assert max(shares) < 0.15
    errors = [value.error for each in fields(Beyond) if isinstance(value := getattr(found, each.name), Estimate)]
    assert len(errors) == 7 and all(0 < error < 1 for error in errors)


def test_bits_are_those_of_the_texts_and_the_difference_is_taken_text_by_text(guesser: GPT, words: Tokenizer) -> None:
    found, texts = beyond(guesser, texts=12, asked=1, seed=5), drawn(words, world("held-out"), 12, 5)
    own, truth = ([surprises(each, text)[1:] for text in texts] for each in (guesser, Truth(words, world())))
    assert found.new.value == pytest.approx(np.concatenate(own).mean())
    assert found.new_above.value == pytest.approx(found.new.value - found.new_floor.value)
    lengths = np.array([len(bits) for bits in own])
    sums = np.array([bits.sum() - best.sum() for bits, best in zip(own, truth, strict=True)])
    apart = sums - found.new_above.value * lengths
    assert found.new_above.error == pytest.approx(np.sqrt((apart**2).sum() * 12 / 11) / lengths.sum())
