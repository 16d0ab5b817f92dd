"""What a person types about words: one, some, a group's name, a sum, a direction; and which tokens that means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.corpora.little_world.words import BOYS, FEMALE, GIRLS, LISTS, MALE, ROLE_PAIRS
from models.errors import UserError
from models.gpt import GPT
from models.lenses.inside.one_token import OTHER, token_of
from models.lenses.probes.analogies import SETS
from models.lenses.probes.probe import knows_words, words_of
from models.ops import Array

EVERY = "all words"


@dataclass(frozen=True)
class Group:
    """Some words, and which of them belong together in pairs."""

    name: str
    tokens: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...] = ()

    @property
    def rows(self) -> Array:
        """The pairs as places among its words: (P 2)."""
        place = {token: row for row, token in enumerate(self.tokens)}
        return np.array([[place[token] for token in pair] for pair in self.pairs], np.intp).reshape(-1, 2)


@dataclass(frozen=True)
class Sum:
    """Some words less others, and the answer that is expected."""

    plus: tuple[int, ...]
    minus: tuple[int, ...]
    answer: int | None = None

    @property
    def given(self) -> tuple[int, ...]:
        """All words of the question."""
        return self.plus + self.minus


@dataclass(frozen=True)
class Axis:
    """A direction: the mean difference of pairs, each from the first to the second."""

    name: str
    pairs: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Word:
    """One."""

    token: int


Question = Group | Sum | Axis | Word


def groups(model: GPT) -> Mapping[str, Group]:
    """The groups of words that the model knows whole, by name: the little world's lists, and its pairs."""
    if not knows_words(model):
        return {}
    ids = words_of(model).ids
    lists: dict[str, Sequence[str]] = {**LISTS, "girls": GIRLS, "boys": BOYS}
    found = {name: Group(name, tuple(ids[word] for word in words)) for name, words in lists.items()}
    gender = list(dict.fromkeys((*ROLE_PAIRS, *zip(MALE.values(), FEMALE.values(), strict=True))))
    sets = {**SETS, "gender": gender}
    return found | {name: _paired(name, [(ids[a], ids[b]) for a, b in pairs]) for name, pairs in sets.items()}


def _paired(name: str, pairs: Iterable[tuple[int, int]]) -> Group:
    pairs = tuple(pairs)
    return Group(name, tuple(dict.fromkeys(token for pair in pairs for token in pair)), pairs)


def every(model: GPT) -> Group:
    """All tokens."""
    return Group(EVERY, tuple(range(model.vocab_size)))


def read(model: GPT, typed: str, *, direction: bool = False) -> Question:
    """What was typed: `japan`, `king, queen`, a group's name, `king - man + woman = queen`, `she - he, her - his`.

    A group of pairs is a direction where one is asked for. UserError for a word that is no token of the model, or for
    nothing.
    """
    said = " ".join(typed.split())
    if not said:
        raise UserError("there are no words", "type a word, a list of words, or king - man + woman")
    group = every(model) if said == EVERY else groups(model).get(said)
    if group is not None:
        return Axis(group.name, group.pairs) if direction and group.pairs else group
    signs = {piece for piece in said.split(" ") if piece in ("+", "-", "=")}
    if signs & {"+", "="}:
        return _sum(model, said)
    if "-" in signs:
        return _axis(model, said)
    words = [word for word in said.replace(", ", " ").split(" ") if word]
    tokens = tuple(dict.fromkeys(_token(model, word) for word in words))
    return Group(said, tokens) if len(tokens) > 1 else Word(tokens[0])


def _sum(model: GPT, said: str) -> Sum:
    """From "a - b + c = d"."""
    question, equals, answer = said.partition(" = ")
    sides: dict[str, list[int]] = {"+": [], "-": []}
    sign: str | None = "+"
    for piece in question.split():
        if sign is None and piece in sides:
            sign = piece
        elif sign is not None and piece not in sides:
            sides[sign].append(_token(model, piece))
            sign = None
        else:
            sign = "stray"
            break
    if sign is not None or not sides["+"] or (equals and not answer):
        raise UserError(f"'{said}' is no sum of words", "write king - man + woman, or king - man + woman = queen")
    return Sum(tuple(sides["+"]), tuple(sides["-"]), _token(model, answer.strip()) if equals else None)


def _axis(model: GPT, said: str) -> Axis:
    """From "she - he, her - his"."""
    pairs = []
    for piece in said.split(", "):
        end, _, start = (part.strip() for part in piece.partition(" - "))
        if not end or not start or " " in end + start:
            raise UserError(f"'{piece}' is no difference of two words", "write she - he, or she - he, her - his")
        pairs.append((_token(model, start), _token(model, end)))
    return Axis(said, tuple(pairs))


def _token(model: GPT, word: str) -> int:
    """The one token of a word; who types one that is none is told the groups there are."""
    try:
        return token_of(model, word)
    except UserError as error:
        named = ", ".join(groups(model)) if error.do == OTHER else ""
        raise UserError(error.what, f"{OTHER}, or the name of a group: {named}" if named else error.do) from None
