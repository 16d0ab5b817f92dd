"""What a model of the little world loses on each part of it, above what nobody can know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.contract import LanguageModel
from models.corpora.little_world import ALL, world
from models.lenses.estimates import Estimate, a_word
from models.lenses.probes.probe import alone, drawn, words_of
from models.lenses.surprises import surprises_of
from models.lenses.truth import Truth

TEXTS, SEED = 60, 5


@dataclass(frozen=True, slots=True)
class PartLoss:
    """A part of the world: bits a word, each text taken as one draw."""

    part: str
    bits: Estimate
    floor: Estimate  # the truth's, who does not know either which part a text will be
    above: Estimate  # what the model needs more, text by text
    words: int  # line ends included


def losses_by_part(model: LanguageModel, texts: int = TEXTS, seed: int = SEED) -> Iterator[PartLoss]:
    """One part after the other, over fresh texts of each; UserError if the model does not know the world's words.

    The edition is the one the model was trained on, so that the floor is what it could have learned.
    """
    words = words_of(model)
    truth = Truth(words, world("training"))
    for part in ALL:
        said = drawn(words, alone(part.name, "training"), texts, seed)
        own, best = ([bits[1:] for bits in surprises_of(each, said)] for each in (model, truth))
        apart = [bits - least for bits, least in zip(own, best, strict=True)]
        yield PartLoss(part.name, a_word(own), a_word(best), a_word(apart), sum(map(len, own)))
