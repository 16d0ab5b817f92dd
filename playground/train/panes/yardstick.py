"""In what the losses of several runs can be told so that they may be compared, or why they cannot."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from models.runs.events import Started
from models.units import Unit
from playground.train.record import Record

OTHER_TEXTS = "other texts: not to be compared"
OTHER_TOKENS = "other tokens: not to be compared"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What each run's losses are told in."""

    units: Mapping[str, Unit]  # by the run's name
    words: str  # "bits a character"
    problem: str = ""  # why they cannot be compared


def yardstick(runs: Mapping[str, Record], unit: Unit) -> Yardstick:
    """For the runs shown, the chosen one first.

    A token of one vocabulary says more than one of another, so a loss a token is fair between runs of one vocabulary
    only. Of one text, each run knows how many characters its tokens stand for: a loss a character is fair.
    """
    told = {name: record.started for name, record in runs.items() if record.started}
    thing = next((each.thing for each in told.values()), "token")
    own = dict.fromkeys(runs, unit)
    if len({each.text for each in told.values() if each.text}) > 1:
        return Yardstick(own, f"{unit.name} a {thing}", OTHER_TEXTS)
    if len({(each.vocab_size, each.thing) for each in told.values()}) <= 1:
        return Yardstick(own, f"{unit.name} a {thing}")
    if all(_tells_characters(each) for each in told.values()):
        scaled = {name: replace(unit, nat=unit.nat / each.characters) for name, each in told.items()}
        return Yardstick(own | scaled, f"{unit.name} a character")
    return Yardstick(own, f"{unit.name} a token", OTHER_TOKENS)


def _tells_characters(started: Started) -> bool:
    return bool(started.text) and math.isfinite(started.characters) and started.characters > 0
