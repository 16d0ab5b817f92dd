"""A picture of greys on a canvas, in half blocks, as large as its place allows and never out of proportion.

Two pixels a line where there are shades, as a cell is twice as high as it is wide; where a shade is a glyph, one, two
cells wide. Where there is no room for all, neighbours share a pixel, which is as dark as the darkest of them.
"""

from __future__ import annotations

import numpy as np

from models.ops import Array
from playground.kit.canvas import Canvas
from playground.kit.heatmap import Axis, Frame, image, paint, pixels_a_line
from playground.kit.palette import Palette


def framed(palette: Palette, shape: tuple[int, int], x: int, y: int, width: int, height: int) -> Frame:
    """How a picture of so many rows and columns lies in this place, its upper left corner in (x, y)."""
    a_line = pixels_a_line(palette)
    wide = 2 // a_line  # cells of a pixel
    rows, columns = shape
    times = min(height * a_line // rows, width // (columns * wide))
    if times:
        return Frame(x, y, Axis(0, rows, rows, times), Axis(0, columns, columns, times * wide), a_line)
    shared = max(-(-rows // max(height * a_line, 1)), -(-columns // max(width // wide, 1)))
    down, across = (Axis(0, count, -(-count // shared), size) for count, size in ((rows, 1), (columns, wide)))
    return Frame(x, y, down, across, a_line)


def put(canvas: Canvas, frame: Frame, greys: Array, *, even: bool = True, signed: bool = False) -> None:
    """Draw greys (R C) from 0 to 1, NaN for what is not there, in their frame.

    Equal steps of grey are equal steps on screen, unless they are weights, not `even`: then small ones can be seen.
    """
    values = np.nan_to_num(greys) ** 2 if even else np.nan_to_num(greys)
    picture = image(values, np.isfinite(greys), frame.rows, frame.columns, signed=signed)
    paint(canvas, frame.x, frame.y, picture[: (canvas.height - frame.y) * frame.a_line], signed=signed)
