"""What a model of the little world can do: every probe's score, what it is held against, and the parts it needs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any, NamedTuple

from models.baselines import Bigram
from models.contract import LanguageModel
from models.corpora import little_world
from models.gpt import GPT
from models.lenses.probes import CaseProbe, Finding, Probe
from models.lenses.probes.probe import text_of, words_of
from models.lenses.sweep import Cut, Switches, sweep
from models.switches import LayerSwitch, Switch
from models.tokenizers import Tokenizer

WORDS, SEED = 200_000, 3  # of training texts, for a bigram
ALONE = 0.05  # a part whose loss costs less than this is not what the ability hangs on


class Example(NamedTuple):
    """A text that is asked about, as one would type it, and every word that can come."""

    text: str
    right: tuple[str, ...]

    def __str__(self) -> str:
        return spelled(self.text, self.right)


@dataclass(frozen=True, slots=True)
class Ability:
    """One probe, answered."""

    probe: Probe
    bigram: Finding | None  # of a model that counts pairs of words; None where only a GPT can be asked
    found: Finding | None  # None where the probe looks inside a GPT, and the model is none
    seconds: float  # asking the model took, once the cases were known
    cuts: tuple[Cut, ...] = ()  # what hurts most first; () where none was made
    example: Example | None = None  # None where no text is asked about

    def single(self, *kinds: type[Switch], first: int = 0) -> Cut | None:
        """The one part of these kinds whose loss hurts most, of the layers from `first` on; None if none was cut."""
        alone = (cut for cut in self.cuts if len(cut.switches) == 1 and isinstance(cut.switches[0], kinds))
        return min((cut for cut in alone if _layer(cut) >= first), key=lambda cut: cut.score, default=None)

    def hangs_on(self, cut: Cut) -> bool:
        """Whether it breaks without that."""
        return self.found is not None and cut.score <= self.found.score - ALONE

    def as_dict(self) -> dict[str, Any]:
        """For JSON: name, title, asks, example, and what was found; the scores under the cuts by name.

        That is bigram, score, chance, newest and cases, and kinds with the cases of each.
        """
        probe, found = self.probe, self.found
        told: dict[str, Any] = {"name": probe.slug, "title": probe.title, "asks": probe.asks}
        told["example"] = {"text": self.example.text, "right": list(self.example.right)} if self.example else None
        told[Bigram.slug] = self.bigram.score if self.bigram else None
        if found is None:
            return told | {"score": None}
        told |= {"score": found.score, "chance": found.chance, "newest": found.newest, "cases": found.cases}
        told |= {"kinds": dict(found.parts), "cases_of_kinds": dict(found.sizes)}
        return told | ({"cuts": {cut.name: cut.score for cut in self.cuts}} if self.cuts else {})


def spelled(text: str, right: Iterable[str]) -> str:
    """An example as it is printed everywhere: the text in quotation marks, and what can come."""
    return f'"{text}" - {" or ".join(right)}'


def ask(probe: Probe, model: LanguageModel, bigram: LanguageModel) -> Ability:
    """The probe's score and what it is held against; UserError for a model without the little world's words."""
    against = _measured(probe, bigram)  # finds the cases, too
    started = time.perf_counter()
    found = _measured(probe, model)
    seconds = time.perf_counter() - started
    return Ability(probe, against, found, seconds, example=example(probe, words_of(model)))


def dissect(ability: Ability, model: GPT, cuts: Mapping[str, Switches] | None = None) -> Ability:
    """The same with the scores under these cuts, or every one there is; see `sweep`."""
    return replace(ability, cuts=sweep(model, ability.probe, None if cuts is None else cuts.items()))


def counted(words: Tokenizer) -> Bigram:
    """A bigram of training texts, for where none is beside the model."""
    length = 500
    drawn = little_world.world("training").rows(WORDS // length, length, words.ids, Random(SEED)).ravel()
    border = len(drawn) * 9 // 10
    return Bigram.count(drawn[:border], words.vocab_size, drawn[border:], words)


def example(probe: Probe, words: Tokenizer) -> Example | None:
    """The shortest of its cases; None where no text is asked about."""
    if not isinstance(probe, CaseProbe):
        return None
    case = probe.example()
    return Example(text_of(case, words), tuple(sorted(case.right)))


def _measured(probe: Probe, model: LanguageModel) -> Finding | None:
    return None if probe.gpt_only and not isinstance(model, GPT) else probe.measure(model)


def _layer(cut: Cut) -> int:
    one = cut.switches[0]
    return one.layer if isinstance(one, LayerSwitch) else 0
