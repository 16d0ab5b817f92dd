"""What a lesson measures: named numbers with their units, and how they are written."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from models.switches import HeadOff
from models.units import BITS, Unit
from playground import text
from playground.kit import numbers

Of = Literal["bits", "probability", "share", "count", "number", "about"]  # what a number is one of
Findings = Mapping[str, "Measured"]  # by their names


@dataclass(frozen=True, slots=True)
class Measured:
    """One number: its name among those of the lesson, and what it is in words.

    It may be about a `token`, and surprise may have a standard `error`, in bits.
    """

    name: str
    words: str
    value: float
    of: Of = "number"
    token: str = ""
    error: float = math.nan

    def written(self, unit: Unit = BITS) -> str:
        """The number as it is read, after its token."""
        shown = f'"{text.visible(self.token)}" ' if self.token else ""
        return shown + written(self.value, self.of, unit, self.error)


def written(value: float, of: Of, unit: Unit = BITS, error: float = math.nan) -> str:
    """A number of that sort; surprise in the unit that is chosen, and with its error where that is known."""
    doubt = f" ± {numbers.bits(error, unit)}" if math.isfinite(error) else ""
    ways: Mapping[Of, Callable[[float], str]] = {
        "bits": lambda bits: f"{numbers.bits(bits, unit)}{doubt} {unit.name}",
        "probability": lambda p: numbers.probability(p) if not 0 < p < 0.0005 else _plain(p),
        "share": numbers.percent,
        "count": lambda count: f"{count:,.0f}",
        "number": lambda number: f"{number:,.0f}" if number == int(number) else _plain(number),
        "about": numbers.rough,
    }
    return ways[of](value)


def _plain(value: float) -> str:
    """To four decimals, or where that is nothing to two digits that count: without a power of ten."""
    decimals = 4 if abs(value) >= 1e-4 else 1 - math.floor(math.log10(abs(value)))
    return numbers.fixed(value, decimals, numbers.BROKEN)


def by_name(found: Iterable[Measured]) -> Findings:
    """All that a lesson measured; each name stands for one number."""
    all_of_it = list(found)
    findings = {each.name: each for each in all_of_it}
    assert len(findings) == len(all_of_it), "two numbers of one name"
    return findings


def called(head: HeadOff) -> str:
    """What a head is called on the screens."""
    return f"L{head.layer} H{head.head}"
