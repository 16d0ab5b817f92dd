"""What the pane of words asks, and what is found for it: a map, neighbours, a sum, a direction, angles."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.gpt import GPT
from models.lenses.inside import words
from models.lenses.inside.word_groups import EVERY, Axis, Group, Sum, Word, groups, read
from models.lenses.inside.words import Angles, Direction, Flat, Near
from models.lenses.probes.probe import knows_words
from models.lenses.vectors import embedding
from models.measures import ranked
from models.ops import Array
from playground import text
from playground.inside.panes.pane_kinds import Refused
from playground.inside.scene import Subject

MAP, NEAR, SUM, DIRECTION, ANGLES = VIEWS = ("map", "neighbours", "sum", "direction", "angles")
LISTED = 60  # words of a list
SUGGESTED = {MAP: "capital", SUM: "king - man + woman = queen", DIRECTION: "gender"}
TYPE = {
    SUM: "f types a sum of words, such as king - man + woman",
    DIRECTION: "f types two words, such as she - he, or several pairs",
}


@dataclass(frozen=True)
class WordsLook:
    """Where the person looks among words, and what they typed."""

    shows: str = MAP
    some: str = ""  # what the map is of
    sum: str = ""
    axis: str = ""
    word: int | None = None  # the chosen one: a token, or at a depth a position
    line: int = 0  # the cursor of a list
    zoom: int = 0  # doublings
    depth: int | None = None  # of the stream; None for the embedding

    @property
    def typed(self) -> str:
        """For what is shown."""
        return {MAP: self.some, SUM: self.sum, DIRECTION: self.axis}.get(self.shows, "")


@dataclass(frozen=True)
class Asked:
    """What must be found."""

    shows: str
    typed: str
    word: int | None = None
    depth: int | None = None


@dataclass(frozen=True, eq=False)
class OnMap:
    """Some vectors laid flat: `keys` are tokens, or at a depth positions."""

    name: str
    keys: tuple[int, ...]
    labels: tuple[str, ...]
    pairs: Array  # P 2, rows
    flat: Flat
    alike: Array  # P, the cosine of each arrow with the mean one
    things: str  # what one of them is called: word or token

    def row(self, key: int | None) -> int:
        """Where a word stands in it; the one nearest to the middle where it has no such word."""
        return self.keys.index(key) if key in self.keys else int((self.flat.places**2).sum(1).argmin())


@dataclass(frozen=True)
class Listed:
    """A word of a list, and its number."""

    key: int
    label: str
    value: float
    marked: bool = False


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The nearest to a word."""

    word: str
    where: str
    listed: tuple[Listed, ...]


@dataclass(frozen=True, eq=False)
class OfSum:
    """The nearest to a sum, the words given left out and left in."""

    said: str
    answer: str  # the one expected, if one was
    without: Near
    within: Near
    listed: tuple[Listed, ...]  # left out
    all_listed: tuple[Listed, ...]


@dataclass(frozen=True, eq=False)
class OfDirection:
    """Where all words fall on a direction, and where those of each group do."""

    name: str
    pairs: int
    found: Direction
    far: int  # words of no pair that lie as far out as half of the pairs' words do
    high: tuple[Listed, ...]
    low: tuple[Listed, ...]
    groups: tuple[tuple[str, int, int], ...]  # name, above the middle, in all


@dataclass(frozen=True, eq=False)
class OfAngles:
    """The angles of random pairs."""

    where: str
    found: Angles


Found = OnMap | Neighbours | OfSum | OfDirection | OfAngles | Refused


def suggested(model: GPT, shows: str) -> str:
    """What is looked at while nothing was typed; empty where nothing can be suggested."""
    return SUGGESTED.get(shows, "") if knows_words(model) else EVERY if shows == MAP else ""


def find(subject: Subject, asked: Asked) -> Found:
    """UserError for words that the model does not have."""
    if asked.shows in TYPE and not asked.typed:
        return Refused(TYPE[asked.shows])
    return _FINDERS[asked.shows](subject, asked)


def where(depth: int | None) -> str:
    """Which vectors are looked at."""
    if depth is None:
        return "wte"
    return f"the text, after layer {depth - 1}" if depth else "the text, before the layers"


def _label(model: GPT, token: int) -> str:
    return text.token(model.tokenizer.token(token) if model.tokenizer is not None else str(token))


def _vectors(subject: Subject, depth: int | None) -> tuple[Array, Callable[[int], str]]:
    """All vectors there are, and what each is called."""
    model = subject.model
    if depth is None:
        return embedding(model), lambda token: _label(model, token)
    return words.at_depth(subject.now, depth), subject.results.labels.__getitem__


def _map(subject: Subject, asked: Asked) -> OnMap:
    vectors, label = _vectors(subject, asked.depth)
    group = Group(where(asked.depth), tuple(range(len(vectors))))
    if asked.depth is None:
        question = read(subject.model, asked.typed)
        group = question if isinstance(question, Group) else group
        vectors = vectors[[*group.tokens]] if len(group.tokens) < len(vectors) else vectors
    found, rows = words.flat(vectors), group.rows
    alike = words.parallel(found.places, rows) if len(rows) else np.zeros(0)
    tokenizer = subject.model.tokenizer
    things = "word" if tokenizer is not None and tokenizer.kind == "word" else "token"
    return OnMap(text.visible(group.name), group.tokens, tuple(map(label, group.tokens)), rows, found, alike, things)


def _neighbours(subject: Subject, asked: Asked) -> Neighbours:
    vectors, label = _vectors(subject, asked.depth)
    word = asked.word or 0
    found = words.near(vectors[word], vectors, (word,), LISTED)
    return Neighbours(label(word), where(asked.depth), _listed(found.nearest, found.cosines, label))


def _sum(subject: Subject, asked: Asked) -> OfSum | Refused:
    question, (vectors, label) = read(subject.model, asked.typed), _vectors(subject, None)
    if not isinstance(question, Sum):
        return Refused(TYPE[SUM])
    wanted = words.summed(vectors, question.plus, question.minus)
    without, within = (words.near(wanted, vectors, given, LISTED, question.answer) for given in (question.given, ()))
    lists = (_listed(each.nearest, each.cosines, label, question.given) for each in (without, within))
    answer = "" if question.answer is None else label(question.answer)
    return OfSum(text.visible(asked.typed.partition(" =")[0]), answer, without, within, *lists)


def _direction(subject: Subject, asked: Asked) -> OfDirection | Refused:
    question, (vectors, label) = read(subject.model, asked.typed, direction=True), _vectors(subject, None)
    if not isinstance(question, Axis):
        return Refused(TYPE[DIRECTION])
    found = words.direction(vectors, np.array(question.pairs))
    within = {token for pair in question.pairs for token in pair}
    ends = (ranked(falls, LISTED) for falls in (found.falls, -found.falls))
    high, low = (_listed(end, found.falls[end], label, within) for end in ends)
    sides = tuple(
        (group.name, int((found.falls[[*group.tokens]] > 0).sum()), len(group.tokens))
        for group in groups(subject.model).values()
        if not group.pairs
    )
    outside = np.abs(found.falls) >= np.median(np.abs(found.sides))
    far = int(outside.sum() - outside[[*within]].sum())
    return OfDirection(text.visible(question.name), len(question.pairs), found, far, high, low, _one_sided(sides))


def _one_sided(sides: Sequence[tuple[str, int, int]]) -> tuple[tuple[str, int, int], ...]:
    """The groups that lie most on one side first."""
    return tuple(sorted(sides, key=lambda side: (-abs(side[1] / side[2] - 0.5), -side[2])))


def _angles(subject: Subject, asked: Asked) -> OfAngles:
    return OfAngles(where(asked.depth), words.angles(_vectors(subject, asked.depth)[0]))


def _listed(
    keys: Array, values: Array, label: Callable[[int], str], marked: Collection[int] = ()
) -> tuple[Listed, ...]:
    told = zip(keys.tolist(), values.tolist(), strict=True)
    return tuple(Listed(key, label(key), value, key in marked) for key, value in told)


_FINDERS: Mapping[str, Callable[[Subject, Asked], Found]] = {
    MAP: _map, NEAR: _neighbours, SUM: _sum, DIRECTION: _direction, ANGLES: _angles,
}  # fmt: skip


def told(model: GPT, look: WordsLook, typed: str) -> WordsLook:
    """The look after words were typed; UserError for words that cannot be meant."""
    said = " ".join(typed.split())
    if said == "wte":
        return replace(look, depth=None, word=None)
    head, _, number = said.partition(" ")
    if head == "depth" and number.isascii() and number.isdigit():
        return replace(look, shows=MAP, depth=min(int(number[:6]), model.config.n_layer), word=None, zoom=0)
    question = read(model, said, direction=look.shows == DIRECTION)
    if isinstance(question, Sum):
        return replace(look, shows=SUM, sum=said, line=0)
    if isinstance(question, Axis):
        return replace(look, shows=DIRECTION, axis=said, line=0)
    if isinstance(question, Word):
        return replace(look, shows=NEAR, word=question.token, line=0, depth=None)
    return replace(look, shows=MAP, some=said, word=None, zoom=0, depth=None)
