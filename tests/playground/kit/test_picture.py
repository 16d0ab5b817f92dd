"""Pictures of greys: in proportion at any size, every step of grey another shade, and nothing where nothing is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.ops import Array
from playground.kit import picture
from playground.kit.canvas import Canvas
from playground.kit.palette import Palette
from tests.playground.looking.scenes import GLYPHS, PALETTE

NAN = float("nan")
CORNER = np.array([[0, 0, 0, 1], [0, 0, 1, NAN], [0, 1 / 3, NAN, NAN], [2 / 3, NAN, NAN, NAN]])


def drawn(greys: Array, width: int, height: int, palette: Palette = PALETTE) -> Canvas:
    canvas = Canvas(width, height, palette)
    shape = greys.shape[0], greys.shape[1]
    picture.put(canvas, picture.framed(palette, shape, 0, 0, width, height), greys)
    return canvas


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 60), st.integers(1, 30), st.sampled_from((1, 2)))
def test_it_fits_its_place_and_a_pixel_is_as_wide_as_it_is_high(
    rows: int, columns: int, width: int, height: int, a_line: int
) -> None:
    palette = PALETTE if a_line == 2 else GLYPHS
    frame = picture.framed(palette, (rows, columns), 0, 0, width, height)
    assert frame.a_line == a_line and frame.columns.size * a_line == 2 * frame.rows.size
    assert frame.height <= height and frame.columns.length <= max(width, 2 // a_line)
    if rows == columns:
        assert frame.rows.groups == frame.columns.groups, "neither way more pixels share one"
    greys = np.linspace(0, 1, rows * columns).reshape(rows, columns)
    assert len(drawn(greys, width, height, palette).plain().splitlines()) <= height


def test_glyphs_say_paper_greys_and_ink_where_there_are_no_shades() -> None:
    assert drawn(CORNER, 8, 4, GLYPHS).plain() == "······██\n····██\n··░░\n▓▓"
    assert drawn(CORNER, 4, 4, GLYPHS).plain().rstrip() == "··██\n▓▓", "as dark as the darkest of four"


def test_two_pixels_a_line_where_there_are_shades() -> None:
    canvas = drawn(CORNER, 4, 2)
    shade = {0.0: 0, 1 / 3: 8, 2 / 3: 16, 1.0: 23, NAN: -1}
    for y in range(2):
        for x in range(4):
            top, bottom = (next((shade[s] for s in shade if s == grey), -1) for grey in CORNER[2 * y : 2 * y + 2, x])
            assert canvas.styles[y][x] is PALETTE.pair(top, bottom), (x, y)


@pytest.mark.parametrize(
    ("size", "times", "left"), [((8, 4), 0.5, 4), ((16, 8), 1, 8), ((47, 30), 2, 8), ((1, 9), 0.5, 1)]
)
def test_it_is_larger_by_whole_numbers_and_smaller_where_it_must_be(
    size: tuple[int, int], times: float, left: int
) -> None:
    greys = np.eye(8)
    frame = picture.framed(GLYPHS, (8, 8), 0, 0, *size)
    assert frame.rows.groups == left and (times < 1 or frame.rows.size == times)
    lines = drawn(greys, *size, GLYPHS).plain().splitlines()
    assert [line.find("█") for line in lines if "█" in line] == [
        pixel * frame.columns.size for pixel in range(left) for _ in range(frame.rows.size)
    ]
