"""What a model of the little world can do: every probe's score, what it is held against, and the parts it needs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from models.baselines import Bigram
from models.contract import LanguageModel
from models.corpora import little_world
from models.gpt import GPT
from models.lenses.probes import Finding, Probe
from models.lenses.sweep import Cut, Switches, sweep
from models.switches import LayerSwitch, Switch
from models.tokenizers import Tokenizer

WORDS, SEED = 200_000, 3  # of training texts, for a bigram
ALONE = 0.05  # a part whose loss costs less than this is not what the ability hangs on


@dataclass(frozen=True, slots=True)
class Ability:
    """One probe, answered."""

    probe: Probe
    bigram: Finding | None  # of a model that counts pairs of words; None where only a GPT can be asked
    found: Finding | None  # None where the probe looks inside a GPT, and the model is none
    seconds: float  # asking the model took, once the cases were known
    cuts: tuple[Cut, ...] = ()  # what hurts most first; () where none was made

    def single(self, *kinds: type[Switch], first: int = 0) -> Cut | None:
        """The one part of these kinds whose loss hurts most, of the layers from `first` on; None if none was cut."""
        alone = (cut for cut in self.cuts if len(cut.switches) == 1 and isinstance(cut.switches[0], kinds))
        return min((cut for cut in alone if _layer(cut) >= first), key=lambda cut: cut.score, default=None)

    def hangs_on(self, cut: Cut) -> bool:
        """Whether it breaks without that."""
        return self.found is not None and cut.score <= self.found.score - ALONE

    def as_dict(self) -> dict[str, Any]:
        """For JSON: name, title, asks, bigram, score, chance, cases, kinds, and the scores under the cuts by name."""
        probe, found = self.probe, self.found
        told: dict[str, Any] = {"name": probe.slug, "title": probe.title, "asks": probe.asks}
        told[Bigram.slug] = self.bigram.score if self.bigram else None
        if found is None:
            return told | {"score": None}
        told |= {"score": found.score, "chance": found.chance, "cases": found.cases, "kinds": dict(found.parts)}
        return told | ({"cuts": {cut.name: cut.score for cut in self.cuts}} if self.cuts else {})


def ask(probe: Probe, model: LanguageModel, bigram: LanguageModel) -> Ability:
    """The probe's score and what it is held against; UserError for a model without the little world's words."""
    against = _measured(probe, bigram)  # finds the cases, too
    started = time.perf_counter()
    return Ability(probe, against, _measured(probe, model), time.perf_counter() - started)


def dissect(ability: Ability, model: GPT, cuts: Mapping[str, Switches] | None = None) -> Ability:
    """The same with the scores under these cuts, or every one there is; see `sweep`."""
    return replace(ability, cuts=sweep(model, ability.probe, None if cuts is None else cuts.items()))


def counted(words: Tokenizer) -> Bigram:
    """A bigram of training texts, for where none is beside the model."""
    length = 500
    drawn = little_world.world("training").rows(WORDS // length, length, words.ids, Random(SEED)).ravel()
    border = len(drawn) * 9 // 10
    return Bigram.count(drawn[:border], words.vocab_size, drawn[border:], words)


def _measured(probe: Probe, model: LanguageModel) -> Finding | None:
    return None if probe.gpt_only and not isinstance(model, GPT) else probe.measure(model)


def _layer(cut: Cut) -> int:
    one = cut.switches[0]
    return one.layer if isinstance(one, LayerSwitch) else 0
