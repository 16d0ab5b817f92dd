"""Texts whose lines are pictures: which characters are pixels, and how they lie. A property of what a model learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.errors import UserError
from models.formats import records
from models.ops import Array

KEY = "pictures"  # among what training.json says of a corpus
LARGEST = 1 << 10  # pixels along a side


@dataclass(frozen=True, slots=True)
class Pictures:
    """A line is a label, then the pixels row by row; `shades` are what a pixel can be, from paper to ink.

    Raises UserError for sizes that no picture has, and characters with two meanings.
    """

    width: int
    height: int
    shades: str
    labels: str

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        for name in ("width", "height"):
            if not 1 <= getattr(self, name) <= LARGEST:
                raise UserError(f"is {getattr(self, name)}", f"it must be from 1 to {LARGEST:,}", setting=name)
        if len(self.shades) < 2 or len({*self.shades, *self.labels}) < len(self.shades) + len(self.labels):
            raise UserError("are not distinct, or fewer than two", "the file is damaged", setting="shades")

    @classmethod
    def of(cls, training: Mapping[str, Any]) -> Pictures | None:
        """What a model's training.json says of its texts; None where they are no pictures, or it makes no sense."""
        corpus = training.get("corpus")
        if not isinstance(corpus, dict) or KEY not in corpus:
            return None
        try:
            return records.read(cls, corpus[KEY])
        except UserError:  # a foreign folder may hold anything
            return None

    @property
    def size(self) -> int:
        """How many pixels a picture has."""
        return self.width * self.height

    def image(self, pixels: str) -> Array:
        """Grey of each pixel, from 0 (paper) to 1 (ink), NaN where there is none yet: (height width)."""
        found = np.full(self.size, np.nan)
        grey = {shade: at / (len(self.shades) - 1) for at, shade in enumerate(self.shades)}
        greys = [grey[pixel] for pixel in pixels[: self.size]]
        found[: len(greys)] = greys
        return found.reshape(self.height, self.width)

    def is_whole(self, line: str) -> bool:
        """Whether it is a label and just so many pixels."""
        label, pixels = line[:1], line[1:]
        return bool(label) and label in self.labels and len(pixels) == self.size and set(pixels) <= set(self.shades)
