"""The text as a picture, where the texts of a model are pictures, and beside it where the chosen head looks in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from models.corpora.pictures import Pictures
from models.ops import Array
from playground.kit import picture
from playground.kit.canvas import Act, Canvas
from playground.kit.flow import first_that_fits
from playground.kit.heatmap import Frame
from playground.looking.panes.attending import seen
from playground.looking.scene import Scene
from playground.looking.session import look_at

TALL = 9  # lines of a pane that shows an 8 x 8 picture at twice its size
GAP = 2  # cells beside a picture
MOST = 0.5  # of the pane's width, for pictures


@dataclass(frozen=True, eq=False)
class Pixels:
    """The picture of the line that is looked at: what kind it is, and which token each pixel is that is there."""

    kind: Pictures
    greys: Array  # height width
    places: tuple[int, ...]

    @classmethod
    def of(cls, scene: Scene) -> Pixels | None:
        """None where the model's texts are no pictures."""
        kind = Pictures.of(scene.model.training)
        if kind is None:
            return None
        tokens = [scene.tokenizer.token(token) for token in scene.session.tokens]
        places = [at for at in _line(tokens, scene.session.row) if tokens[at] in kind.shades][: kind.size]
        return cls(kind, kind.image("".join(tokens[at] for at in places)), tuple(places))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.kind.height, self.kind.width

    def on_pixels(self, values: Array, start: int) -> Array:
        """Values of positions from `start` on (T), each on its pixel, NaN where there is none: (height width)."""
        found = np.full(self.kind.size, np.nan)
        for pixel, at in enumerate(self.places):
            if 0 <= at - start < len(values):
                found[pixel] = values[at - start]
        return found.reshape(self.shape)


def draw(scene: Scene, pixels: Pixels, canvas: Canvas) -> int:
    """The pictures, at the right edge; how many cells are left of them."""
    weights, words = _weights(scene, pixels)
    pictures = [(["picture"], pixels.greys, True), *([] if weights is None else [(words, weights, False)])]
    said = 1 if 2 * (canvas.height - 1) >= pixels.kind.height else 0  # a line of words above, where there is room
    frames = [picture.framed(canvas.palette, pixels.shape, 0, said, canvas.width // 4, canvas.height - said)]
    wide = frames[0].columns.length + GAP
    left = canvas.width - wide * len(pictures)
    for number, (words, values, even) in enumerate(pictures):
        frame = Frame(left + number * wide + GAP, said, frames[0].rows, frames[0].columns, frames[0].a_line)
        signed = not even and scene.differs
        picture.put(canvas, frame, values, even=even, signed=signed)
        if said:
            canvas.put(frame.x, 0, first_that_fits(words, wide - GAP), canvas.palette.muted)
        _live(scene, pixels, canvas, frame)
        _mark(scene, pixels, canvas, frame, values, signed=signed)
    return left


def _weights(scene: Scene, pixels: Pixels) -> tuple[Array | None, list[str]]:
    """What the chosen head looks at from the row looked at, pixel by pixel; None while that is not known."""
    view = scene.session.view
    if scene.results is None or not scene.model.config.has("attention"):
        return None, []
    head = f"L{view.layer} H{view.head}"
    values = seen(scene, view.layer, view.head, scene.row).values
    return pixels.on_pixels(values[: scene.row + 1], scene.dropped), [f"{head} looks", head]


def _live(scene: Scene, pixels: Pixels, canvas: Canvas, frame: Frame) -> None:
    """A click looks at a pixel's token."""

    def click(dx: int, dy: int) -> Act:
        rows, columns = frame.entries(dx, dy)
        at = rows.start * pixels.kind.width + columns.start
        return partial(look_at, row=pixels.places[at] if at < len(pixels.places) else len(scene.session.tokens))

    canvas.grid_hit(frame.x, frame.y, frame.columns.length, frame.height, click)


def _mark(scene: Scene, pixels: Pixels, canvas: Canvas, frame: Frame, values: Array, *, signed: bool) -> None:
    """The pixel looked at, unless it is the newest."""
    if scene.session.view.row is not None and scene.session.row in pixels.places:
        cell = divmod(pixels.places.index(scene.session.row), pixels.kind.width)
        frame.mark(canvas, cell, float(values[cell]), "", signed=signed)


def _line(tokens: list[str], row: int) -> Iterator[int]:
    """The places of the line that holds a token, or ends with it, up to its end."""
    start = row
    while start > 0 and tokens[start - 1] != "\n":
        start -= 1
    for at in range(max(start, 0), len(tokens)):
        if tokens[at] == "\n" and at > start:
            return
        yield at
