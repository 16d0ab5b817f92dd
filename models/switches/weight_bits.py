"""Weights of few bits: what is left of a model whose numbers are rounded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from models.errors import UserError
from models.gpt import GPTConfig
from models.ops import Array
from models.switches.of_weights import WeightSwitch
from models.switches.switch import index

LEAST, MOST = 2, 16


@dataclass(frozen=True, order=True)
class WeightBits(WeightSwitch):
    """Each weight the nearest of so many evenly spaced numbers, from minus to plus the largest of its column.

    That is rounding to integers with a scale a column, 0 among them (Dettmers et al. 2022, "LLM.int8()", section 2).
    """

    slug = "weight-bits"
    title = "fine weights"
    says = "Every weight is rounded to so many bits, sign and all: 8 have 255 steps, 3 have 7, 2 have 3."
    bits: int

    def changed(self, name: str, matrix: Array) -> Array:
        """On the steps of each column."""
        top = np.abs(matrix).max(0, keepdims=True)
        step = np.where(top == 0, 1, top) / (2 ** (self.bits - 1) - 1)
        return (np.round(matrix / step) * step).astype(matrix.dtype)

    @property
    def told(self) -> str:
        """How few."""
        return f"weights of {self.bits} bits"

    @property
    def label(self) -> str:
        """The same."""
        return self.told

    @property
    def where(self) -> str:
        """How many."""
        return str(self.bits)

    @classmethod
    def at(cls, where: str) -> Self:
        """From "4"."""
        return cls(index(where, "number of bits"))

    def check(self, config: GPTConfig) -> None:
        """UserError for a number of bits that leaves no step, or all of them."""
        if not LEAST <= self.bits <= MOST:
            raise UserError(f"a weight cannot have {self.bits} bits", f"give {LEAST} to {MOST}", where=str(self))

    @classmethod
    def everywhere(cls, config: GPTConfig) -> Iterable[Self]:
        """Few enough to be seen."""
        yield cls(3)
