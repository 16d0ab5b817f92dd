"""A stop of the walk in words: shapes, a few of the numbers, and how one of them came about."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from playground.kit.numbers import precise, short_weight

if TYPE_CHECKING:
    from models.lenses.inside.at_stop import Sum, Value

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


def numbers_of(value: Value, most: int) -> str:
    """The first of its numbers, and its length where it is a vector."""
    if value.here is None:
        return ""
    here = value.here.tolist()
    told = [_number(each) for each in here[:most]]
    more = f" … {_number(here[-1])}" if len(here) > most else ""
    length = f"  length {precise(length_of(value))}" if is_vector(value) else ""
    return f"{' '.join(told)}{more}{length}"


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


def counted_sum(sum_: Sum, switched: Sequence[str]) -> str:
    """What it is, and how it came about; or, where the pass had something else, that and who put it there."""
    if sum_.holds:
        return f"{sum_.of}: {spelled(sum_)}"
    who = ", ".join(switched) or "as the pass had it"
    return f"{sum_.of}: {precise(sum_.numbers[-1])}, {who}; not {spelled(sum_, (*sum_.numbers[:-1], sum_.given))}"
