"""What a model of the little world makes of texts unlike all that it learned from: where it is bad, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from models.contract import LanguageModel
from models.corpora.little_world import LINE_END, world
from models.corpora.little_world.words import LISTS
from models.lenses.batches import next_logits
from models.lenses.probes.probe import drawn, words_of
from models.lenses.surprises import surprises
from models.lenses.truth import Truth
from models.measures import softmax
from models.ops import Array
from models.tokenizers import Tokenizer

TEXTS, SEED = 200, 11
LENGTHS = (6, 8, 10, 12)  # of lists to repeat; the world's own have up to six


@dataclass(frozen=True, slots=True)
class Beyond:
    """Bits a word, and shares from 0 to 1."""

    new: float  # bits on texts that hold a combination training never makes
    new_floor: float  # the truth's
    disturbed: float  # bits on the words after one that was replaced by another, drawn from all
    undisturbed: float  # on the same words, where it was not
    sure: float  # probability of its likeliest word after half a text, mean
    sure_of_nothing: float  # the same after those words in any order, where nothing can follow that makes sense
    repeated: tuple[tuple[int, float], ...]  # words in a list; share of its words that are repeated right


def beyond(model: LanguageModel) -> Beyond:
    """All of it, in a second or two; UserError if the model does not know the world's words."""
    words = words_of(model)
    texts, never = drawn(words, world("training"), TEXTS, SEED), drawn(words, world("held-out"), TEXTS, SEED)
    own, truth = (_bits(each, never) for each in (model, Truth(words, world())))
    random = Random(SEED)
    places = [random.randrange(1, len(text) - 2) for text in texts]
    other = [
        [*text[:at], random.randrange(words.vocab_size), *text[at + 1 :]]
        for text, at in zip(texts, places, strict=True)
    ]
    halves = [text[: len(text) // 2] for text in texts]
    mixed = [[half[0], *random.sample(half[1:], len(half) - 1)] for half in halves]
    return Beyond(
        own,
        truth,
        _bits(model, other, places),
        _bits(model, texts, places),
        _sure(model, halves),
        _sure(model, mixed),
        tuple((length, _repeats(model, words, length)) for length in LENGTHS),
    )


def _bits(model: LanguageModel, texts: Sequence[Sequence[int]], places: Sequence[int] | None = None) -> float:
    """Bits a word on what comes after these places, or after the first word."""
    after = places or [0] * len(texts)
    bits = [surprises(model, text)[at + 1 :] for text, at in zip(texts, after, strict=True)]
    return float(np.concatenate(bits).mean())


def _sure(model: LanguageModel, texts: Sequence[Sequence[int]]) -> float:
    return float(softmax(next_logits(model, texts)).max(-1).mean())


def _repeats(model: LanguageModel, words: Tokenizer, length: int) -> float:
    """Asked for one word of each list, after the words before it."""
    random, texts, right = Random(SEED), list[list[str]](), list[int]()
    for _ in range(TEXTS):
        said, at = random.sample(sorted(LISTS["item"]), length), random.randrange(1, length)
        texts.append([LINE_END, *"the parrot heard :".split(), *said, *". it said :".split(), *said[:at]])
        right.append(words.ids[said[at]])
    best: Array = next_logits(model, [[words.ids[word] for word in text] for text in texts]).argmax(-1)
    return float((best == right).mean())
