"""What is lost without each part: every head and every MLP is switched off in turn.

Michel et al. 2019, "Are Sixteen Heads Really Better than One?"; here over one text, and told by what follows it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from models.gpt import GPTConfig
from models.measures import Effect, effect
from models.ops import Array
from models.passes import in_pieces
from models.switches import AttentionOff, HeadOff, MLPOff, Switch
from models.tracing import Trace, prefix

Part = HeadOff | MLPOff
Off = TypeVar("Off", bound=Switch)


@dataclass(frozen=True, slots=True)
class Lost:
    """A part, as the switch that takes it away, and what that does to the next token."""

    part: Part
    effect: Effect

    @property
    def name(self) -> str:
        """Of the part: "L0H3", "L1 MLP"."""
        layer, part = f"L{self.part.layer}", self.part
        return f"{layer}H{part.head}" if isinstance(part, HeadOff) else f"{layer} MLP"


def parts(config: GPTConfig) -> tuple[Part, ...]:
    """Every head and every MLP that the model has, layer by layer."""
    every: list[Part] = [*HeadOff.everywhere(config), *MLPOff.everywhere(config)]
    return tuple(sorted((each for each in every if not each.idle_in(config)), key=lambda each: each.layer))


def is_off(trace: Trace, part: Switch) -> bool:
    """Whether the part is switched off already, alone or with its whole layer."""
    return part in trace.switches or (isinstance(part, HeadOff) and AttentionOff(part.layer) in trace.switches)


def sweeping(trace: Trace, row: int = -1, among: Iterable[Part] | None = None) -> Iterator[tuple[Lost, ...]]:
    """What each part does to the token after a row, under the switches of the trace: a few at a time, as they come.

    All parts, or those `among` them; one that is off already is left out. Nothing is yielded, as well, wherever it may
    be left. Costs what `passes.coming` costs: 4 ms for the 15 parts of little-world at T = 15.
    """
    row += len(trace) if row < 0 else 0
    intact = prefix(trace, row + 1)
    every = parts(intact.tape.model.config) if among is None else among
    for some in switching_off(intact, every, row):
        yield tuple(Lost(part, effect(intact.logits[-1], after)) for part, after in some)


def switching_off(intact: Trace, offs: Iterable[Off], row: int) -> Iterator[tuple[tuple[Off, Array], ...]]:
    """The scores after a row (V,) under each of the switches in turn: a few at a time, as they come.

    One that is on already is left out. Nothing is yielded, as well, wherever it may be left.
    """
    left = [off for off in offs if not is_off(intact, off)]
    for piece in in_pieces(intact, [(off,) for off in left], len(intact) - row):
        numbers, scores = piece if piece is not None else ([], ())
        yield tuple((left[number], after[0]) for number, after in zip(numbers, scores, strict=True))


def one_by_one(intact: Trace, switches: Iterable[Switch], row: int) -> Iterator[tuple[tuple[Switch, Effect], ...]]:
    """What each of the switches does by itself to the token after a row, `intact` having none: as they come.

    Nothing is yielded, as well, wherever it may be left.
    """
    assert not intact.switches
    switches = tuple(switches)
    of = prefix(intact, row + 1) if all(switch.keeps_past for switch in switches) else intact
    for some in switching_off(of, switches, row):
        yield tuple((switch, effect(intact.logits[row], after)) for switch, after in some)


def sweep(trace: Trace, row: int = -1) -> tuple[Lost, ...]:
    """All of it, what mattered most first."""
    return ranked(lost for some in sweeping(trace, row) for lost in some)


def ranked(found: Iterable[Lost]) -> tuple[Lost, ...]:
    """The largest effect first, equal ones by their place, what became no number last."""
    return tuple(sorted(found, key=_order))


def _order(lost: Lost) -> tuple[bool, float, int, bool, int]:
    bits, part = lost.effect.kl, lost.part
    return math.isnan(bits), -bits, part.layer, isinstance(part, MLPOff), getattr(part, "head", 0)
