"""Noisy weights: what is left of a model whose numbers are only about right, as on an analog computer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from zlib import crc32

import numpy as np

from models.errors import UserError
from models.gpt import GPTConfig
from models.ops import Array
from models.switches.of_weights import WeightSwitch
from models.switches.switch import index, number, value_of

MOST = 1000.0  # percent


@dataclass(frozen=True, order=True)
class WeightNoise(WeightSwitch):
    """Each weight w becomes w (1 + e), e drawn once from a normal distribution of so many percent.

    That is how numbers are held as the conductance of analog memory (Joshi et al. 2020, "Accurate deep neural network
    inference using computational phase-change memory"). The same seed draws the same, whatever else is switched.
    """

    slug = "weight-noise"
    title = "exact weights"
    says = "Every weight is off by so many percent, at random: 20 at first, 20/2 for another draw of the dice."
    percent: float
    seed: int = 1

    def changed(self, name: str, matrix: Array) -> Array:
        """Each number off by its own error; every matrix has its own dice."""
        dice = np.random.Generator(np.random.Philox(key=[self.seed, crc32(name.encode())]))
        noise = dice.standard_normal(matrix.shape, np.float32)
        return (matrix * (1 + self.percent / 100 * noise)).astype(matrix.dtype)

    @property
    def told(self) -> str:
        """How much."""
        return f"weights {number(self.percent)} % off"

    @property
    def label(self) -> str:
        """The same."""
        return self.told

    @property
    def where(self) -> str:
        """How much, and the draw where it is not the first."""
        return number(self.percent) + (f"/{self.seed}" if self.seed != 1 else "")

    @classmethod
    def at(cls, where: str) -> Self:
        """From "20", or "20/2" with a seed."""
        percent, slash, seed = where.partition("/")
        return cls(value_of(percent), index(seed, "seed") if slash else 1)

    def check(self, config: GPTConfig) -> None:
        """UserError for no noise at all, or too much to be any."""
        if not 0 < self.percent <= MOST:
            do = f"give more than 0, at most {MOST:g} percent"
            raise UserError(f"{number(self.percent)} is no noise", do, where=str(self))

    @classmethod
    def everywhere(cls, config: GPTConfig) -> Iterable[Self]:
        """Enough to be seen."""
        yield cls(20.0)
