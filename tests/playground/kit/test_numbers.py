"""How numbers are written: the digits that count, what is missing, and what is no number."""

from __future__ import annotations

import math

import pytest

from models.units import NATS
from playground.kit import numbers


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (numbers.bits(1234.567), "1,234.57"),
        (numbers.bits(math.nan), "not a number"),
        (numbers.bits_or_dash(math.nan), "–"),
        (numbers.bits(math.inf), "∞"),
        (numbers.fixed(-math.inf, 3), "-∞"),
        (numbers.fixed(-0.004, 2), "0.00"),
        (numbers.loss(None), "–"),
        (numbers.loss(math.log(2)), "1.000"),
        (numbers.loss(math.log(2), NATS), "0.693"),
        (numbers.loss(math.nan), "not a number"),
        (numbers.bits(1.0), "1.00"),
        (numbers.bits(1.0, NATS), "0.69"),
        (numbers.bits_or_dash(2.0, NATS), "1.39"),
        (numbers.bits_or_dash(math.nan, NATS), "–"),
        (numbers.probability(0.0005), "0.001"),
        (numbers.probability(0.0), "0.000"),
        (numbers.probability(2.84e-5), "2.8e-05"),
        (numbers.weight(-0.0001), "0.000"),
        (numbers.weight(0.25, sign=True), "+0.250"),
        (numbers.weight(math.inf), "not a number"),
        (numbers.short_weight(0.62), ".62"),
        (numbers.short_weight(-0.62, sign=True), "-.62"),
        (numbers.short_weight(1.0), "1.0"),
        (numbers.short_weight(math.nan), "?"),
        (numbers.rough(0.0), "0"),
        (numbers.rough(0.51234), "0.512"),
        (numbers.rough(-51.1495), "-51.1"),
        (numbers.rough(999.9), "1,000"),
        (numbers.rough(1_622_339_205.6), "1,620,000,000"),
        (numbers.rough(math.nan), "not a number"),
        (numbers.magnitude(0.375), "0.375"),
        (numbers.magnitude(0.0017), "1.7e-3"),
        (numbers.magnitude(math.nan), "NaN"),
        (numbers.large(814_000), "814 K"),
        (numbers.large(999_600), "1.00 M"),
        (numbers.large(651e6, "B"), "651 MB"),
        (numbers.large(512, "B"), "512 B"),
        (numbers.large(math.inf), "–"),
        (numbers.file_size(19), "19 bytes"),
        (numbers.file_size(1_115_394), "1.12 MB"),
        (numbers.tick(2_000_000), "2 M"),
        (numbers.tick(1500.5, 1), "1,500.5"),
        (numbers.percent(0.456), "46 %"),
        (numbers.percent(math.nan), "–"),
        (numbers.counted(1, "token"), "1 token"),
        (numbers.counted(1000, "token"), "1,000 tokens"),
        (numbers.clock(42.4), "0:42"),
        (numbers.clock(3753), "1:02:33"),
        (numbers.clock(math.inf), "–"),
    ],
)
def test_numbers_are_written(written: str, expected: str) -> None:
    assert written == expected


@pytest.mark.parametrize("value", [0.0, 1.234, 9.996, 42.0, 99.96, 1000.0, math.inf, math.nan])
def test_a_number_fits_into_four_cells(value: float) -> None:
    assert len(numbers.four_cells(value)) <= 4


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (0.2, "1 s"),
        (59, "59 s"),
        (100, "2 min"),
        (3600, "1 h"),
        (4800, "1 h 20 min"),
        (3e5, "3 days"),
        (math.inf, "a time unknown"),
    ],
)
def test_how_one_says_a_time(seconds: float, says: str) -> None:
    assert numbers.duration(seconds) == says
