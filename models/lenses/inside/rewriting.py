"""Rewriting a fact: what an edit of rank one in one MLP does to the fact, to its neighbours and to everything else.

Meng et al. 2022, "Locating and Editing Factual Associations in GPT" (ROME); the edit is `models.switches.rewritten`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from models.corpora.little_world import LINE_END, world
from models.corpora.little_world.parts.facts import SPORT
from models.errors import UserError
from models.gpt import GPT, GPTConfig
from models.lenses.batches import next_logits
from models.lenses.probes.probe import drawn, words_of
from models.lenses.surprises import surprises_of
from models.measures import softmax
from models.switches import Rewritten

SCALES = (1.0, 2.0, 4.0)  # how many times the difference is added
TEXTS, SEED = 200, 20_000  # of the little world that the loss is measured on; no training run begins with that seed
A_TIME = 50  # texts
TENSES = ("{} {} plays", "on sunday {} {} played")


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What is said of all people of the little world, in both tenses; a fact is right as the world has it."""

    person: str  # who the text is about; empty for nobody
    says: tuple[int, ...]  # the token that says what this person plays now, in each of TENSES; empty for nobody
    before: int  # facts of all others that were right
    after: int  # and still are
    asked: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a rewritten fact did."""

    switch: Rewritten
    was: int  # the likeliest token after the text as the model was trained
    wanted: int  # and after the other
    says: int  # the likeliest token after the text now
    p: tuple[float, float]  # the probability of the wanted one after the text, before and after
    neighbours: Neighbours | None  # None for a model that knows no little world
    bits: tuple[float, float]  # a token of held-out text, before and after; NaN while nothing is measured
    tokens: int = 0  # that was measured on

    @property
    def works(self) -> bool:
        """Whether it says what is wanted."""
        return self.says == self.wanted

    @property
    def tenses(self) -> int:
        """In how many of the tenses the person is now said to play what is wanted; 0 where there is no person."""
        return self.neighbours.says.count(self.wanted) if self.neighbours else 0


def choices(config: GPTConfig, text: Sequence[int], other: Sequence[int]) -> tuple[Rewritten, ...]:
    """The other answer written into each layer's MLP where the text ends, once and more strongly; none without MLPs."""
    layers = range(config.n_layer if config.has("mlp") else 0)
    return tuple(Rewritten(layer, tuple(text), tuple(other), scale) for layer in layers for scale in SCALES)


def reports(
    model: GPT, switches: Sequence[Rewritten], texts: Sequence[Sequence[int]] | None = None
) -> Iterator[tuple[Report, ...]]:
    """What each of these does to the model as it was trained: one after the other, and then the loss, as it comes.

    `texts` are such as the model has not learned from, as tokens; without any fresh ones of the little world, where
    the model knows it. The same reports again say that nothing is known that was not. UserError for a switch that the
    model has no place for.
    """
    for switch in switches:
        switch.check(model.config)
    found: tuple[Report, ...] = ()
    for switch in switches:
        found = *found, _report(model, switch)
        yield found
    texts = _fresh(model) if texts is None else texts
    bits, tokens = np.zeros(1 + len(switches)), 0
    for at in range(0, len(texts), A_TIME):
        some = texts[at : at + A_TIME]
        bits[0] += _bits(model, some)
        for number, switch in enumerate(switches, 1):  # a model at a time: together they may need much memory
            bits[number] += _bits(switch.in_weights(model), some)
            yield found
        tokens += sum(len(text) - 1 for text in some)
        before, *after = (bits / tokens).tolist()
        found = tuple(replace(each, bits=(before, own), tokens=tokens) for each, own in zip(found, after, strict=True))
        yield found


def best(found: Sequence[Report]) -> Report | None:
    """The one to keep: it says what is wanted, leaves most other facts right and is the surest."""
    return max(found, key=_worth, default=None)


def _worth(report: Report) -> tuple[bool, int, float]:
    near = report.neighbours
    return report.works, near.after if near else 0, report.p[1]


def _report(model: GPT, switch: Rewritten) -> Report:
    """All but the loss."""
    edited = switch.in_weights(model)
    own, other = next_logits(model, [switch.tokens, switch.other])
    (now,) = next_logits(edited, [switch.tokens])
    wanted = int(other.argmax())
    p = float(softmax(own)[wanted]), float(softmax(now)[wanted])
    kept = neighbours(model, edited, switch.tokens)
    return Report(switch, int(own.argmax()), wanted, int(now.argmax()), p, kept, (math.nan, math.nan))


def _bits(model: GPT, texts: Sequence[Sequence[int]]) -> float:
    """Of all tokens of these texts but the first of each."""
    return sum(float(bits[1:].sum()) for bits in surprises_of(model, texts))


def neighbours(model: GPT, edited: GPT, text: Sequence[int]) -> Neighbours | None:
    """Every person's sport before and after; the text says who is not one of the others."""
    try:
        words = words_of(model)
    except UserError:
        return None
    said = [words.token(token) for token in text]
    mine = next((pair for pair in zip(said, said[1:], strict=False) if pair in SPORT), None)
    asked = [*product(SPORT, TENSES)]
    texts = [words.encode(f"{LINE_END}{tense.format(*person)}") for person, tense in asked]
    right = np.array([words.ids[SPORT[person]] for person, _ in asked])
    before, after = (next_logits(each, texts).argmax(-1) for each in (model, edited))
    others = np.array([person != mine for person, _ in asked])
    was, still = (int((each == right)[others].sum()) for each in (before, after))
    return Neighbours(" ".join(mine or ()), tuple(after[~others].tolist()), was, still, int(others.sum()))


def _fresh(model: GPT) -> Sequence[Sequence[int]]:
    """Texts of the little world; none for a model that does not know it."""
    try:
        return drawn(words_of(model), world("training"), TEXTS, SEED)
    except UserError:
        return ()
