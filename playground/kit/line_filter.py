"""The second door: no control character leaves the app even where a widget forgot `text.py`."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from playground.text import DANGEROUS


class SafeText(LineFilter):
    """Takes controls, direction changes and surrogates out of every line, and leaves the columns where they were.

    An app returns it, last, from `get_line_filters`.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments where all is well."""
        if all(segment.text.isprintable() and segment.control is None for segment in segments):
            return segments
        return [Segment("".join(map(_tame, segment.text)), segment.style) for segment in segments]


@lru_cache(maxsize=8192)
def _tame(char: str) -> str:
    """As many replacement characters as the layout has given it cells."""
    return "\ufffd" * get_character_cell_size(char) if unicodedata.category(char) in DANGEROUS else char
