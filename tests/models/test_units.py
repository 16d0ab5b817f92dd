"""Bits and nats are the same amounts."""

from __future__ import annotations

import math

from models.units import BITS, NATS, UNITS


def test_a_bit_and_a_nat_are_the_same_amount_in_both() -> None:
    assert (BITS.bit, NATS.nat) == (1, 1) and UNITS == {"bits": BITS, "nats": NATS}
    assert BITS.nat * math.log(2) == 1 and NATS.bit == math.log(2)  # a coin toss is 0.693 nats
    assert (BITS.a_bit, NATS.a_bit) == ("1 bit", "0.69 nats")
