"""What a model of the little world makes of texts unlike all that it learned from: where it is bad, in numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random

from models.contract import LanguageModel
from models.corpora.little_world import LINE_END, world
from models.corpora.little_world.parts.story import FORENAMES
from models.corpora.little_world.words import LISTS
from models.lenses.batches import next_logits
from models.lenses.estimates import Estimate, a_word, of_mean
from models.lenses.probes.probe import alone, drawn, words_of
from models.lenses.surprises import surprises_of
from models.lenses.truth import Truth
from models.measures import softmax
from models.ops import Array
from models.tokenizers import Tokenizer

TEXTS, SEED = 1000, 11
ASKED = 400  # texts that a share is of
LENGTHS = (6, 8, 10, 12)  # of lists to repeat; the world's own have up to six
STRANGE = 6  # words that are in no list, said again
NEAR = 96  # words: two stories that a model can see at once

Asked = tuple[list[str], str]  # words, and the one that is to come


@dataclass(frozen=True, slots=True)
class Beyond:
    """Bits a word and probabilities of so many texts with their standard errors, and shares of so many asked."""

    texts: int
    new: Estimate  # bits on texts that hold a combination training never makes
    new_floor: Estimate  # the truth's
    new_above: Estimate  # what it needs more than the truth, text by text
    disturbed: Estimate  # bits on the words after one that was replaced by another, drawn from all
    undisturbed: Estimate  # on the same words, where it was not
    sure: Estimate  # probability of its likeliest word after half a text
    sure_of_nothing: Estimate  # the same after those words in any order, where nothing can follow that makes sense
    asked: int
    repeated: tuple[tuple[int, float], ...]  # words in a list; share of lists whose asked word is right
    skipped: float  # the parrot leaves out a word: share that goes on after the word that was said
    in_no_list: float  # words that are in no list of the world, said again: share right
    earlier: float  # the forename of the made-up person of the text before: share whose surname comes
    confused: float  # the same: share with the surname of the newest


def beyond(model: LanguageModel, texts: int = TEXTS, asked: int = ASKED, seed: int = SEED) -> Beyond:
    """All of it, in some seconds; UserError if the model does not know the world's words."""
    words = words_of(model)

    def share(cases: Iterator[Asked]) -> float:
        return _share(model, words, list(islice(cases, asked)))

    never = drawn(words, world("held-out"), texts, seed)
    own, truth = (_bits(each, never) for each in (model, Truth(words, world())))
    usual, random = drawn(words, world("training"), texts, seed), Random(seed)
    places = [random.randrange(1, len(text) - 2) for text in usual]
    other = [
        [*text[:at], random.randrange(words.vocab_size), *text[at + 1 :]]
        for text, at in zip(usual, places, strict=True)
    ]
    halves = [text[: len(text) // 2] for text in usual]
    mixed = [[half[0], *random.sample(half[1:], len(half) - 1)] for half in halves]
    return Beyond(
        texts=texts,
        new=a_word(own),
        new_floor=a_word(truth),
        new_above=a_word([bits - best for bits, best in zip(own, truth, strict=True)]),
        disturbed=a_word(_bits(model, other, places)),
        undisturbed=a_word(_bits(model, usual, places)),
        sure=_sure(model, halves),
        sure_of_nothing=_sure(model, mixed),
        asked=asked,
        repeated=tuple((length, share(_lists(length, seed))) for length in LENGTHS),
        skipped=share(_skipping(seed)),
        in_no_list=share(_in_no_list(seed)),
        earlier=share(_two_people(seed, newest=False)),
        confused=share(_two_people(seed, newest=True)),
    )


def _bits(model: LanguageModel, texts: Sequence[Sequence[int]], places: Sequence[int] | None = None) -> list[Array]:
    """Bits of the words after these places, or after the first word, of each text."""
    after = places or [0] * len(texts)
    return [bits[at + 1 :] for bits, at in zip(surprises_of(model, texts), after, strict=True)]


def _sure(model: LanguageModel, texts: Sequence[Sequence[int]]) -> Estimate:
    return of_mean(softmax(next_logits(model, texts)).max(-1))


def _share(model: LanguageModel, words: Tokenizer, cases: Sequence[Asked]) -> float:
    """Of the cases whose likeliest word is the one that is to come."""
    texts = [[words.ids[word] for word in (LINE_END, *said)] for said, _ in cases]
    best: Array = next_logits(model, texts).argmax(-1)
    return float((best == [words.ids[wanted] for _, wanted in cases]).mean())


def _heard(said: Sequence[str], again: Sequence[str]) -> list[str]:
    return [*"the parrot heard :".split(), *said, *". it said :".split(), *again]


def _lists(length: int, seed: int) -> Iterator[Asked]:
    """One word of each list, after the words before it."""
    random, items = Random(seed), sorted(LISTS["item"])
    while True:
        said, at = random.sample(items, length), random.randrange(1, length)
        yield _heard(said, said[:at]), said[at]


def _skipping(seed: int) -> Iterator[Asked]:
    """A word is left out: does it go on after the one that was said, or by their number?"""
    random, items = Random(seed), sorted(LISTS["item"])
    while True:
        said = random.sample(items, random.choice((4, 5, 6)))
        left_out = random.randrange(1, len(said) - 2)
        yield _heard(said, [*said[:left_out], said[left_out + 1]]), said[left_out + 2]


def _in_no_list(seed: int) -> Iterator[Asked]:
    """Words that training never put in a list, said again."""
    random, items = Random(seed), LISTS["item"]
    strange = sorted(word for word in world().vocabulary if word.isalpha() and word not in items)
    while True:
        said, at = random.sample(strange, STRANGE), random.randrange(1, STRANGE)
        yield [*said, *said[:at]], said[at]


def _two_people(seed: int, newest: bool) -> Iterator[Asked]:
    """Two stories of made-up people; where the second is named again, the first is named instead."""
    texts = (text.words for text in alone("story", "held-out").texts(seed) if text.words[3] in FORENAMES)
    while True:
        first, second = next(texts), next(texts)
        (one, own), (two, other) = first[3:5], second[3:5]
        if one == two or own == other or two not in second[4:]:
            continue
        said = [*first, LINE_END, *second[: second.index(two, 4)], one]
        if len(said) < NEAR:
            yield said, other if newest else own
