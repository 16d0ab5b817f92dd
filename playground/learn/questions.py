"""What a lesson asks before it shows anything: one of several, a number, or a token; and how that is judged."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from models.errors import UserError
from models.units import BITS, Unit
from playground import text
from playground.learn.findings import Findings

LETTERS = "abcdefgh"


@dataclass(frozen=True)
class Question(ABC):
    """A question, and what is made of the answer."""

    words: str

    @property
    def options(self) -> tuple[str, ...]:
        """What can be chosen; nothing where it is typed."""
        return ()

    @abstractmethod
    def read(self, typed: str) -> str:
        """The prediction that was typed, as it is kept; UserError says what is asked for."""

    @abstractmethod
    def measured(self, found: Findings, unit: Unit = BITS) -> str:
        """The answer that this machine has measured."""

    @abstractmethod
    def is_right(self, predicted: str, found: Findings) -> bool:
        """Whether the prediction is that."""


@dataclass(frozen=True)
class Choice(Question):
    """One of several; `right` says which of them the measured numbers bear out, from 0."""

    among: tuple[str, ...]
    right: Callable[[Findings], int]

    @property
    def options(self) -> tuple[str, ...]:
        """Each has a letter."""
        return self.among

    def read(self, typed: str) -> str:
        """A letter, or the words."""
        at = LETTERS.find(typed.strip().lower()) if len(typed.strip()) == 1 else -1
        if typed.strip() in self.among:
            return typed.strip()
        if not 0 <= at < len(self.among):
            raise UserError(f"{typed!r} is none of them", f"choose a letter from a to {LETTERS[len(self.among) - 1]}")
        return self.among[at]

    def measured(self, found: Findings, unit: Unit = BITS) -> str:
        """The one that holds."""
        return self.among[self.right(found)]

    def is_right(self, predicted: str, found: Findings) -> bool:
        """The same one."""
        return predicted == self.measured(found)


@dataclass(frozen=True)
class Number(Question):
    """A number: that measured under the name `of`, give or take `within`."""

    of: str
    within: float = 0.0

    def read(self, typed: str) -> str:
        """As it was typed, if it is one."""
        number = typed.strip().replace(",", "")
        try:
            finite = math.isfinite(float(number))
        except ValueError:
            finite = False
        if not finite:
            raise UserError(f"{typed!r} is not a number", "write one, for example 4 or 0.5")
        return number

    def measured(self, found: Findings, unit: Unit = BITS) -> str:
        """As it is written everywhere."""
        return found[self.of].written(unit)

    def is_right(self, predicted: str, found: Findings) -> bool:
        """Near enough."""
        return abs(float(predicted) - found[self.of].value) <= self.within


@dataclass(frozen=True)
class Token(Question):
    """A word or a character: that of the number measured under the name `of`."""

    of: str

    def read(self, typed: str) -> str:
        """Anything that is something."""
        if not typed.strip():
            raise UserError("that is no word", "write the token you expect")
        return typed.strip()

    def measured(self, found: Findings, unit: Unit = BITS) -> str:
        """The token and its number."""
        return found[self.of].written(unit)

    def is_right(self, predicted: str, found: Findings) -> bool:
        """The same but for spaces around it."""
        return text.visible(predicted) == text.visible(found[self.of].token.strip())
