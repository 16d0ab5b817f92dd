"""A stop of the walk in words: shapes, a few of the numbers, and how one of them came about."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from playground.kit.numbers import precise, short_weight

if TYPE_CHECKING:
    from models.lenses.inside.at_stop import Sum, Value
    from models.lenses.inside.walk import Stop

SHOWN = 6  # numbers of a vector, where there is one line for it


def shape_of(value: Value) -> str:
    """Its letters and what they are: "H T D = 4 × 9 × 24"."""
    return f"{value.letters} = {' × '.join(map(str, value.shape))}"


def length_of(value: Value) -> float:
    """The length of its vector, of the numbers that are any."""
    return math.hypot(*filter(math.isfinite, value.here.tolist()))


def is_vector(value: Value) -> bool:
    """Whether its numbers are one vector, and no list of tokens or places."""
    return value.here is not None and value.letters[-1] in "CDF"


def ways_of(value: Value) -> list[tuple[str, str]]:
    """How it can be told, its shape and its numbers, the longest first.

    A few numbers are told to four digits, and would rather go without the shape than be short; of more the first are.
    With the length where it is a vector.
    """
    shape = shape_of(value)
    if value.here is None:
        return [(shape, "")]
    here = value.here.tolist()
    length = f"  length {precise(length_of(value))}" if is_vector(value) else ""
    full = " ".join(map(_in_full, here))
    few = [(shape, full + length), (shape, full), ("", full)] if len(here) <= SHOWN else []
    return [*few, *((shape, _first_of(here, most) + length) for most in (SHOWN, 4, 2)), (shape, "")]


def _first_of(here: Sequence[float], most: int) -> str:
    """So many numbers, each short, and the last of more."""
    more = f" … {_number(here[-1])}" if len(here) > most else ""
    return " ".join(map(_number, here[:most])) + more


def _in_full(value: float | bool) -> str:
    """To the digits that the arithmetic has; no number of a mask, and no id, has more."""
    return precise(value) if isinstance(value, float) else _number(value)


def _number(value: float | bool) -> str:
    """In few cells: yes and no of a mask, ids as they are."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    return short_weight(value) if abs(value) < 1e3 else "-∞" if value == -math.inf else precise(value)


def spelled(sum_: Sum, numbers: Sequence[float] | None = None) -> str:
    """The arithmetic with its numbers: "-34.35 / 4.899 = -7.012"."""
    told = sum_.form.format(*map(precise, sum_.numbers if numbers is None else numbers))
    return re.sub(r"([+-]) -", lambda found: "- " if found[1] == "+" else "+ ", told)


def switched_in(stop: Stop) -> str:
    """What switches did to what comes out; "" where none did."""
    return f"switched: {', '.join(stop.switched)}" if stop.switched else ""


def counted_sum(sum_: Sum, switched: Sequence[str]) -> str:
    """What it is, and how it came about; or, where the pass had something else, that and who put it there."""
    if sum_.holds:
        return f"{sum_.of}: {spelled(sum_)}"
    who = ", ".join(switched) or "as the pass had it"
    return f"{sum_.of}: {precise(sum_.numbers[-1])}, {who}; not {spelled(sum_, (*sum_.numbers[:-1], sum_.given))}"
