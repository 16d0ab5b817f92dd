"""A probe: one claim about what a model of the little world can do, measured. How to add one: see `__init__.py`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from random import Random
from typing import ClassVar

import numpy as np

from models.contract import LanguageModel
from models.corpora.little_world import ALL, LINE_END, Edition, World, world
from models.errors import UserError
from models.lenses.batches import next_logits
from models.measures import ranked, softmax
from models.switches import Switch
from models.tokenizers import Tokenizer

CASES, SEED = 200, 1
TRIES = 20_000  # texts looked at before a probe has to do with the cases it has


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe found: the score, what a guess would score, and where it comes from."""

    score: float  # share right, 0 to 1
    chance: float
    cases: int
    parts: Mapping[str, float] = field(default_factory=dict)  # the score by kind, where there are kinds
    sizes: Mapping[str, int] = field(default_factory=dict)  # the cases of each kind
    newest: float | None = None  # what a rule scores that says the newest of the choices; None where nothing is read


@dataclass(frozen=True, slots=True)
class Case:
    """A text broken off where the world knows what comes, after something training never combined."""

    words: tuple[str, ...]  # a line end first
    right: frozenset[str]  # every word that can come
    choices: frozenset[str]  # what a guess would be among
    kind: str = ""

    @property
    def newest(self) -> str | None:
        """The last of the choices that was said; None if none was."""
        return next((word for word in reversed(self.words) if word in self.choices), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model says to a case."""

    case: Case
    said: tuple[tuple[str, float], ...]  # its likeliest words and their probabilities, likeliest first
    right: bool  # whether the first of them can come


class Probe(ABC):
    """One claim, measured on any model that knows the little world's words."""

    slug: ClassVar[str]
    title: ClassVar[str]
    asks: ClassVar[str]  # one line: what a good score means
    of_weights: ClassVar[bool] = False  # True: no pass is made, so no switch changes it
    gpt_only: ClassVar[bool] = False  # True: it looks inside, so a model that only counts has no score

    @abstractmethod
    def measure(self, model: LanguageModel, switches: Iterable[Switch] = ()) -> Finding:
        """The model's score with these switches on; UserError if it does not know the world's words."""


class CaseProbe(Probe):
    """Asks for one word in many texts; right is a case whose likeliest word of all can come there."""

    part: ClassVar[str]  # the part of the world whose texts are drawn

    @abstractmethod
    def asked(self, said: Sequence[str], at: int) -> Collection[str]:
        """If the word at this place is asked for: what a guess would be among; else nothing."""

    def kind(self, said: Sequence[str], at: int) -> str:
        """Which sort of case it is, where a probe tells sorts apart."""
        return ""

    def texts(self, seed: int) -> Iterator[Sequence[str]]:
        """Texts to break off, without end."""
        return (text.words for text in alone(self.part, "held-out").texts(seed))

    def cases(self, count: int = CASES, seed: int = SEED) -> Sequence[Case]:
        """The first so many cases, each of another text, so that a share of them has the error of so many draws.

        Every one holds a combination that training never makes, before the asked word.
        """
        return _cases(type(self), count, seed)

    def example(self) -> Case:
        """The shortest of those that `measure` asks."""
        return min(self.cases(), key=lambda case: len(case.words))

    def measure(self, model: LanguageModel, switches: Iterable[Switch] = ()) -> Finding:
        """The share of cases answered right."""
        cases, vocabulary = self.cases(), words_of(model).vocab
        logits = next_logits(model, tokens_of(model, cases), switches)
        right = np.array([vocabulary[best] in case.right for best, case in zip(logits.argmax(-1), cases, strict=True)])
        kinds = np.array([case.kind for case in cases])
        by_kind = {str(kind): right[kinds == kind] for kind in np.unique(kinds) if kind}
        parts = {kind: float(some.mean()) for kind, some in by_kind.items()}
        chance = float(np.mean([len(case.right) / len(case.choices) for case in cases]))
        newest = float(np.mean([case.newest in case.right for case in cases]))
        sizes = {kind: len(some) for kind, some in by_kind.items()}
        return Finding(float(right.mean()), chance, len(cases), parts, sizes, newest)

    def answers(self, model: LanguageModel, count: int, words: int = 3) -> tuple[Answer, ...]:
        """Some of the cases that `measure` asks, to look at: wrong answers first, up to half, then right ones."""
        cases, vocabulary = self.cases(), words_of(model).vocab
        found = []
        for case, row in zip(cases, softmax(next_logits(model, tokens_of(model, cases))), strict=True):
            said = tuple((vocabulary[token], float(row[token])) for token in ranked(row, words))
            found.append(Answer(case, said, said[0][0] in case.right))
        wrong = [each for each in found if not each.right]
        right = [each for each in found if each.right]
        some = wrong[: max(count // 2, count - len(right))]
        return tuple(some + right[: count - len(some)])


def words_of(model: LanguageModel) -> Tokenizer:
    """The model's tokenizer; UserError if it does not hold every word of the little world."""
    tokenizer, missing = model.tokenizer, _missing(model)
    if tokenizer is None or missing:
        one = max(sorted(missing), key=len)
        what = f"{model.name} does not know {len(missing):,} words of the little world, '{one}' for one"
        raise UserError(what, "probe a model that was trained on it")
    return tokenizer


def knows_words(model: LanguageModel) -> bool:
    """Whether its tokenizer holds every word of the little world."""
    return not _missing(model)


def _missing(model: LanguageModel) -> set[str]:
    known = model.tokenizer.ids if model.tokenizer is not None else {}
    return {word for word in world().vocabulary if word not in known}


def tokens_of(model: LanguageModel, cases: Iterable[Case]) -> list[list[int]]:
    """The texts of these cases in the model's tokens; UserError as `words_of` raises it."""
    ids = words_of(model).ids
    return [[ids[word] for word in case.words] for case in cases]


def text_of(case: Case, tokenizer: Tokenizer) -> str:
    """The case as one would type it."""
    return tokenizer.decode([tokenizer.ids[word] for word in case.words]).strip()


def drawn(words: Tokenizer, world: World, count: int, seed: int) -> list[list[int]]:
    """So many texts of a world in these tokens, a line end on either side."""
    texts = ((LINE_END, *text.words, LINE_END) for text in islice(world.texts(seed), count))
    return [[words.ids[word] for word in text] for text in texts]


@lru_cache
def alone(name: str, edition: Edition) -> World:
    """The world as it would be with this part only."""
    return World(edition, [part for part in ALL if part.name == name])


@lru_cache
def _cases(kind: type[CaseProbe], count: int, seed: int) -> Sequence[Case]:
    probe, random = kind(), Random(seed)
    every = (tuple(_broken_off(probe, said)) for said in islice(probe.texts(seed), TRIES))
    return tuple(islice((random.choice(some) for some in every if some), count))


def _broken_off(probe: CaseProbe, said: Sequence[str]) -> Iterator[Case]:
    """The cases of one text."""
    places = {at: choices for at in range(len(said)) if (choices := frozenset(probe.asked(said, at)))}
    last = max(places, default=0)
    knowing = zip(world().beliefs(said[:last]), world("training").beliefs(said[:last]), strict=True)
    for at, (belief, trained) in enumerate(knowing, 1):
        assert belief is not None, "a text of the world"
        if at in places and trained is None:  # something training never combined has been said
            right = frozenset(belief.p)
            assert right < places[at], (said, at)
            yield Case((LINE_END, *said[:at]), right, places[at], probe.kind(said, at))
