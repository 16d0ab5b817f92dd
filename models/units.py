"""What surprise is told in: bits, or nats for who reckons with natural logarithms. Knows no NumPy."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of information. Distributions are reckoned in bits here, losses in nats: either becomes this unit."""

    name: str  # in the plural
    bit: float  # how many of it are a bit
    nat: float  # and a nat

    @property
    def a_bit(self) -> str:
        """What one bit is called in it: "1 bit", "0.69 nats"."""
        return "1 bit" if self.bit == 1 else f"{self.bit:.2f} {self.name}"


BITS = Unit("bits", 1.0, 1 / math.log(2))
NATS = Unit("nats", math.log(2), 1.0)
UNITS = {each.name: each for each in (BITS, NATS)}
