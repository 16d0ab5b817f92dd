"""Lines in braille, round numbers, and labels that stand apart."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ops import Array
from playground.kit.canvas import Canvas
from playground.kit.chart import Chart, Ruler, apart, put_labels
from tests.playground.looking.scenes import PALETTE


def dots(canvas: Canvas) -> Array:
    """The dots of a canvas of braille as a picture."""
    bits = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
    codes: Array = np.array([[max(ord(c) - 0x2800, 0) if c != " " else 0 for c in row] for row in canvas.chars])
    return ((codes[:, None, :, None] & bits[None, :, None, :]) > 0).reshape(4 * canvas.height, 2 * canvas.width)


def chart(wide: int, high: int, x: Ruler, y: Ruler) -> Chart:
    return Chart(Canvas(wide, high, PALETTE), 0, 0, wide, high, x, y)


def test_a_line_goes_from_corner_to_corner() -> None:
    of = chart(10, 5, Ruler(0, 1), Ruler(0, 1))
    of.line(np.array([0.0, 1.0]), np.array([0.0, 1.0]), PALETTE.text)
    picture = dots(of.canvas)
    assert picture[-1, 0] and picture[0, -1] and picture.any(0).all() and picture.any(1).all()
    assert picture.sum() <= 40


def test_of_many_points_the_highest_and_the_lowest_are_seen() -> None:
    ys = np.full(100_000, 0.5)
    ys[50_123], ys[70_456] = 0.99, 0.01
    of = chart(20, 5, Ruler(0, 1), Ruler(0, 1))
    of.line(np.linspace(0, 1, 100_000), ys, PALETTE.text)
    picture = dots(of.canvas)
    assert picture[0].nonzero()[0].tolist() == [20] and picture[-1].nonzero()[0].tolist() == [28]


def test_a_line_has_a_gap_where_there_is_no_number_and_leaves_at_the_top() -> None:
    of = chart(10, 2, Ruler(0, 10), Ruler(0, 1))
    of.line(np.arange(11.0), np.array([0.5] * 4 + [math.nan] + [0.5] * 2 + [9.0] * 4), PALETTE.text)
    seen = dots(of.canvas).any(0)
    assert seen[:6].all() and not seen[7:9].any() and seen[10:13].all() and not seen[14:].any()


def test_a_single_point_and_times_out_of_order_are_drawn() -> None:
    of = chart(10, 2, Ruler(0, 10), Ruler(0, 1))
    of.line(np.array([5.2]), np.array([0.5]), PALETTE.text)
    assert dots(of.canvas).sum() == 1
    of.line(np.array([9.0, math.nan, 1.0]), np.array([0.1, 0.2, 0.3]), PALETTE.text)
    assert dots(of.canvas).any(0)[2:18].all()


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(1, 12))
def test_ticks_are_round_and_few(low: float, length: float, most: int) -> None:
    ruler = Ruler(low, low + length)
    ticks = ruler.ticks(most)
    assert len(ticks) <= most + 1
    assert all(ruler.low - 1e-6 * length <= tick <= ruler.high + 1e-6 * length for tick in ticks)
    if len(ticks) > 1:
        size = (ticks[-1] - ticks[0]) / (len(ticks) - 1)
        assert min(abs(size / 10.0**power / by - 1) for power in range(-9, 9) for by in (1, 2, 5)) < 1e-3


def test_ticks_of_times_and_of_powers() -> None:
    assert Ruler(0, 150).second_ticks(5) == [0, 30, 60, 90, 120, 150]
    assert Ruler(0, 4000).second_ticks(4) == [0, 1200, 2400, 3600]
    assert Ruler(0.9, 4.5, log=True).ticks(5) == [1, 1.5, 2, 3]
    assert Ruler(1e-3, 10, log=True).ticks(5) == pytest.approx([1e-3, 1e-2, 1e-1, 1, 10])


@given(st.lists(st.integers(3, 20), max_size=18))
def test_labels_stand_apart_and_in_order(rows: list[int]) -> None:
    placed = apart(sorted(rows), 3, 20)
    assert len(set(placed)) == len(rows) and placed == sorted(placed) and all(3 <= row <= 20 for row in placed)
    if len(set(rows)) == len(rows):
        assert placed == sorted(rows)


def test_a_label_that_would_touch_an_earlier_one_is_left_out() -> None:
    canvas = Canvas(20, 1, PALETTE)
    columns = ((19, "last"), (0, "first"), (None, "outside"), (6, "near"), (9, "mid"))
    put_labels(canvas, 0, ((x, word, PALETTE.text) for x, word in columns), range(20))
    assert canvas.plain() == "first   mid     last"


def test_labels_stay_within_their_span() -> None:
    canvas = Canvas(20, 1, PALETTE)
    put_labels(canvas, 0, [(3, "left", PALETTE.text), (17, "right", PALETTE.text)], range(3, 15), gap=1)
    assert canvas.plain() == "   left   right"
