"""Pictures of matrices: where entries lie, what a shade stands for, and that every edge holds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ops import Array
from playground.kit import heatmap
from playground.kit.canvas import Canvas
from playground.kit.heatmap import BROKEN, NOTHING, Axis
from playground.kit.palette import LEVELS
from tests.playground.looking.scenes import GLYPHS, PALETTE

counts = st.integers(1, 70)
rooms = st.integers(1, 50)


@given(counts, rooms, st.integers(0, 69), st.integers(1, 4))
def test_a_window_shows_what_it_is_put_around(count: int, room: int, around: int, size: int) -> None:
    around %= count
    axis = Axis.window(count, room, around, size)
    assert axis.holds(around)
    assert 0 <= axis.start < axis.stop <= count
    assert axis.groups == axis.stop - axis.start == min(count, max(room // size, 1))
    assert axis.length <= max(room, size)


@given(counts, rooms)
def test_a_filling_axis_shows_all_and_stays_inside(count: int, room: int) -> None:
    axis = Axis.filling(count, room)
    assert (axis.start, axis.stop) == (0, count)
    assert axis.length <= room
    assert axis.length > room // 2
    sizes = np.diff([*axis.edges.tolist(), count])
    assert sizes.max() == axis.most <= sizes.min() + 1


@given(counts, rooms, st.integers(1, 3))
def test_pixels_and_entries_find_each_other(count: int, room: int, size: int) -> None:
    filling = Axis.filling(count, room)
    axis = Axis(5, 5 + count, filling.groups, size)
    for entry in range(5, 5 + count):
        assert axis.holds(entry)
        group = axis.group(entry)
        for pixel in (group * size, group * size + size - 1):
            entries = axis.entries(pixel, pixel)
            assert entries.start <= entry < entries.stop
    assert not axis.holds(4)
    assert not axis.holds(5 + count)
    assert axis.entries(0, 10_000) == slice(5, 5 + count)


def blocks(rows: Axis, columns: Axis) -> Iterator[tuple[int, int, slice, slice]]:
    for r in range(rows.groups):
        for c in range(columns.groups):
            y, x = r * rows.size, c * columns.size
            yield y, x, rows.entries(y, y), columns.entries(x, x)


def causal(count: int, seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    visible = np.tril(np.ones((count, count), bool))
    return np.where(visible, rng.random((count, count)) ** 3, 0).astype(np.float32), visible


@pytest.mark.parametrize(("count", "high", "wide"), [(23, 7, 9), (5, 20, 11), (40, 40, 13), (1, 1, 1), (12, 3, 30)])
def test_a_shade_is_the_largest_it_stands_for(count: int, high: int, wide: int) -> None:
    values, visible = causal(count)
    rows, columns = Axis.filling(count, high), Axis.filling(count, wide)
    picture = heatmap.image(values, visible, rows, columns)
    assert picture.shape == (rows.length, columns.length)
    for y, x, r, c in blocks(rows, columns):
        largest = values[r, c].max()
        expected = min(int(np.sqrt(largest) * LEVELS), LEVELS - 1) if visible[r, c].any() else NOTHING
        assert (picture[y : y + rows.size, x : x + columns.size] == expected).all()


def test_a_signed_shade_is_the_largest_by_size_with_its_sign() -> None:
    values, visible = causal(31)
    values = np.where(np.random.default_rng(1).random(values.shape) < 0.6, -values, values)
    rows, columns = Axis.filling(31, 6), Axis.filling(31, 8)
    picture = heatmap.image(values, visible, rows, columns, signed=True)
    signs = set()
    for y, x, r, c in blocks(rows, columns):
        if not visible[r, c].any():
            assert picture[y, x] == NOTHING
            continue
        part = values[r, c].ravel()
        extreme = part[np.argmax(np.abs(part))]
        size = min(int(np.sqrt(abs(extreme)) * LEVELS), LEVELS - 1)
        assert picture[y, x] == LEVELS - 1 + (size if extreme > 0 else -size)
        signs.add(np.sign(extreme))
    assert signs == {-1, 1}


def test_many_heads_at_once_are_as_one_by_one() -> None:
    _, visible = causal(19)
    values = np.stack([causal(19, seed)[0] for seed in range(3)])
    rows, columns = Axis.filling(19, 4), Axis.filling(19, 5)
    together = heatmap.image(values, visible, rows, columns)
    for head in range(3):
        assert (together[head] == heatmap.image(values[head], visible, rows, columns)).all()


def test_hidden_zero_and_not_a_number_differ() -> None:
    values = np.array([[0.0, np.nan, 0.5], [np.inf, 0.0, np.nan]])
    visible = np.array([[True, True, False], [True, False, False]])
    assert heatmap.levels(values, visible).tolist() == [[0, BROKEN, NOTHING], [BROKEN, NOTHING, NOTHING]]
    assert heatmap.levels(values, visible, signed=True)[0, 0] == LEVELS - 1
    whole = heatmap.image(values, visible, Axis(0, 2, 1), Axis(0, 3, 1))
    assert whole.tolist() == [[BROKEN]]


def test_small_weights_can_be_seen() -> None:
    levels = heatmap.levels(np.array([0.0, 0.002, 0.01, 1.0]), np.ones(4, bool)).tolist()
    assert levels == sorted(set(levels))
    assert levels[-1] == LEVELS - 1


def test_halves_carry_two_rows() -> None:
    canvas = Canvas(4, 3, PALETTE)
    heatmap.paint(canvas, 1, 1, np.array([[0, 5], [0, 9], [NOTHING, NOTHING]]))
    assert canvas.chars[1] == [" ", " ", "▀", " "]
    assert canvas.styles[1][1] is PALETTE.pair(0, 0)
    assert canvas.styles[1][2] is PALETTE.pair(5, 9)
    assert canvas.styles[2][1].bgcolor == PALETTE.text.bgcolor
    assert canvas.styles[1][1].bgcolor != PALETTE.text.bgcolor, "a zero is not nothing"


def test_an_odd_last_row_ends_in_nothing() -> None:
    canvas = Canvas(1, 1, PALETTE)
    heatmap.paint(canvas, 0, 0, np.array([[7]]))
    assert canvas.chars[0][0] == "▀"
    assert canvas.styles[0][0] is PALETTE.pair(7, NOTHING)


def test_glyphs_say_size_and_sign_and_what_is_hidden() -> None:
    canvas = Canvas(5, 1, GLYPHS)
    heatmap.paint(canvas, 0, 0, np.array([[NOTHING, 0, LEVELS // 2, LEVELS - 1, BROKEN]]))
    assert "".join(canvas.chars[0]) == " ·▒█?"
    zero = LEVELS - 1
    heatmap.paint(
        canvas, 0, 0, np.array([[zero - LEVELS + 1, zero - 9, zero, zero + 9, zero + LEVELS - 1]]), signed=True
    )
    assert "".join(canvas.chars[0]) == "≡-·░█"


@pytest.mark.parametrize("palette", [PALETTE, GLYPHS])
@pytest.mark.parametrize("corner", [(0, 0), (3, 2), (9, 0), (0, 9), (8, 8)])
def test_what_lies_beyond_the_edge_is_cut(palette: object, corner: tuple[int, int]) -> None:
    canvas = Canvas(8, 5, PALETTE if palette is PALETTE else GLYPHS)
    heatmap.paint(canvas, *corner, np.full((40, 40), 3))
    heatmap.paint(canvas, *corner, np.zeros((0, 4), int))
    assert [len(line) for line in canvas.chars] == [len(line) for line in canvas.styles] == [8] * 5


def test_many_shades_are_as_one_by_one() -> None:
    values = np.array([0.0, 0.3, 0.3, 0.31, 1.0, np.nan])
    assert heatmap.shades(PALETTE, values) == [heatmap.shade(PALETTE, float(value)) for value in values]
    signed = np.array([-0.4, 0.4, 0.0])
    styles = heatmap.shades(PALETTE, signed, signed=True)
    assert len(set(styles)) == 3
    assert styles == [heatmap.shade(PALETTE, float(value), signed=True) for value in signed]
