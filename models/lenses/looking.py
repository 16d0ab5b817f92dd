"""Where heads look: how a model comes to say again what followed a word before.

Induction takes two steps (Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits"): a head of an early
layer looks from each word at the one before it and writes down what that was, and a head of a later layer looks from a
word for a place where it is written. Layer 0 alone cannot: what it looks at knows its own word and place and nothing
of its neighbours. A head of layer 0 that looks from a made-up forename at its surname looks at what is a surname, and
if there are two it takes the newest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.gpt import GPT
from models.lenses.batches import batches, last_scores
from models.lenses.probes import Case
from models.lenses.probes.few_shot import FewShot
from models.lenses.probes.induction import Induction
from models.lenses.probes.probe import tokens_of
from models.ops import Array
from models.switches import HeadOff, Switch
from models.switches.edits import Watch

LOOKS = 0.3  # of its attention: a head that gives so much to a place looks there


@dataclass(frozen=True, eq=False, slots=True)
class Chain:
    """The two steps of induction, by head: shares of attention, a mean over the cases, and what hangs on them."""

    cases: int
    back: Array  # L H, from what followed a word the first time, to that word
    ahead: Array  # L H, from the word said again, to what followed it
    ahead_without: Array  # L H, the same with the heads off that look back
    score: float  # of the probe
    score_without_back: float  # with the heads off that look back
    score_without_ahead: float  # with those off that look ahead

    def as_dict(self) -> dict[str, Any]:
        """For JSON; a head is "layer.head"."""
        tables = {"back": self.back, "ahead": self.ahead, "ahead_without": self.ahead_without}
        scores = (self.score, self.score_without_back, self.score_without_ahead)
        named = dict(zip(("score", "score_without_back", "score_without_ahead"), scores, strict=True))
        return {"cases": self.cases} | {name: dict(by_head(table)) for name, table in tables.items()} | named


def chain(model: GPT) -> Chain:
    """Which heads take the two steps, and what is left without them; UserError as `induction` raises it."""
    probe = Induction()
    cases = probe.cases()
    back, ahead = looking_back(model, cases), induction(model, cases)
    after = _looking(ahead)
    last = max((switch.layer for switch in after), default=0)
    before = [switch for switch in _looking(back) if switch.layer < last]
    return Chain(
        len(cases),
        back,
        ahead,
        induction(model, cases, before),
        probe.measure(model).score,
        probe.measure(model, before).score,
        probe.measure(model, after).score,
    )


def by_head(table: Array) -> Iterator[tuple[str, float]]:
    """Each head of (L H) as "layer.head" and its share, the largest first."""
    for at in np.argsort(-table, axis=None, kind="stable"):
        layer, head = np.unravel_index(at, table.shape)
        yield f"{layer}.{head}", float(table[layer, head])


def attention_to(
    model: GPT, texts: Sequence[Sequence[int]], places: Sequence[Collection[int]], switches: Iterable[Switch] = ()
) -> Array:
    """How much of its attention each head gives, from each text's last token, to these places of it: (L H), a mean.

    Places are positions from 0; what the context cuts off gets nothing.
    """
    config, switches = model.config, tuple(switches)
    found = np.zeros((config.n_layer, config.n_head))
    for numbers, tokens in batches(model, texts):
        watch = Watch("pattern", position=-1)
        last_scores(model, tokens, switches, watch=watch)
        for (_, layer), pattern in watch.kept.items():  # B H S
            for number, rows in zip(numbers, pattern, strict=True):
                gone = len(texts[number]) - tokens.shape[1]
                seen = [place - gone for place in places[number] if place >= gone]
                found[layer or 0] += rows[:, seen].sum(-1)
    return found / max(len(texts), 1)


def induction(model: GPT, cases: Sequence[Case] | None = None, switches: Iterable[Switch] = ()) -> Array:
    """From a word said again, how much each head looks at what followed it the first time: (L H).

    Olsson et al. 2022, "In-context Learning and Induction Heads". UserError if the model does not know the little
    world's words.
    """
    cases = Induction().cases() if cases is None else cases
    places = [(_followed(case),) for case in cases]
    return attention_to(model, tokens_of(model, cases), places, switches)


def looking_back(model: GPT, cases: Sequence[Case] | None = None, switches: Iterable[Switch] = ()) -> Array:
    """From what followed a word the first time, how much each head looks at that word, just before it: (L H)."""
    cases = Induction().cases() if cases is None else cases
    texts = [text[: _followed(case) + 1] for text, case in zip(tokens_of(model, cases), cases, strict=True)]
    return attention_to(model, texts, [(len(text) - 2,) for text in texts], switches)


def at_examples(model: GPT) -> Array:
    """From where a list's last answer is to come, how much each head looks at the answers before: (L H).

    UserError if the model does not know the little world's words.
    """
    cases = FewShot().cases()
    places = [[at + 1 for at, word in enumerate(case.words[:-1]) if word == ":"] for case in cases]
    return attention_to(model, tokens_of(model, cases), places)


def strongest(table: Array) -> HeadOff:
    """The head with the largest share of (L H), to be switched off."""
    layer, head = np.unravel_index(int(table.argmax()), table.shape)
    return HeadOff(int(layer), int(head))


def _followed(case: Case) -> int:
    """Where that stands which followed the last word the first time."""
    return case.words.index(case.words[-1]) + 1


def _looking(table: Array) -> list[HeadOff]:
    """The heads of (L H) that look there, off."""
    return [HeadOff(int(layer), int(head)) for layer, head in zip(*np.nonzero(table >= LOOKS), strict=True)]
