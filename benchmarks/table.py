"""What a part of the benchmark found, and how it is printed."""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Spread:
    """Median, least and most of some measurements."""

    median: float
    least: float
    most: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of these."""
        return cls(statistics.median(values), min(values), max(values), len(values))

    def __str__(self) -> str:
        return f"{_short(self.median)}  ({_short(self.least)} .. {_short(self.most)})"


@dataclass(frozen=True)
class Row:
    """One line: what, how much, and, where something was promised, the promise."""

    what: str
    value: Spread | float | str
    unit: str = ""
    promise: str = ""
    kept: bool | None = None


@dataclass
class Part:
    """One table."""

    name: str
    title: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, what: str, value: Spread | float | str, unit: str = "") -> None:
        """A line without a promise."""
        self.rows.append(Row(what, value, unit))

    def at_least(self, what: str, value: Spread, least: float, unit: str = "x") -> None:
        """A line that promises a median of at least so much."""
        self.rows.append(Row(what, value, unit, f"at least {least:g}", value.median >= least))

    def at_most(self, what: str, value: Spread | float, most: float, unit: str = "x") -> None:
        """A line that promises a median of at most so much."""
        number = value.median if isinstance(value, Spread) else value
        self.rows.append(Row(what, value, unit, f"at most {most:g}", number <= most))

    def print(self, write: Callable[[str], object] = print) -> None:
        """For people."""
        width = max(len(row.what) for row in self.rows)
        write(f"\n{self.title}")
        for row in self.rows:
            value = _short(row.value) if isinstance(row.value, float) else str(row.value)
            verdict = "" if row.kept is None else f"   {row.promise}: {'yes' if row.kept else 'NO'}"
            write(f"  {row.what:<{width}}  {value} {row.unit}{verdict}".rstrip())
        for note in self.notes:
            write(f"  * {note}")

    def as_data(self) -> dict[str, Any]:
        """For programs."""
        return dataclasses.asdict(self)


def _short(number: float) -> str:
    return f"{number:.3g}" if abs(number) < 1000 else f"{number:.0f}"
