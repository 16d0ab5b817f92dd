"""The second door: no control character leaves the app even where a widget forgot `text.py`."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import islice

from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from playground.cells import DANGEROUS, clusters


class SafeText(LineFilter):
    """Takes controls, direction changes and surrogates out of every line, and leaves the columns where they were.

    An app returns it, last, from `get_line_filters`.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments where all is well."""
        if all(segment.text.isprintable() and segment.control is None for segment in segments):
            return segments
        line = "".join(segment.text for segment in segments)
        safe = iter([part for cluster in clusters(line) for part in _tamed(cluster)])
        return [Segment("".join(islice(safe, len(segment.text))), segment.style) for segment in segments]


@lru_cache(maxsize=8192)
def _tamed(cluster: str) -> tuple[str, ...]:
    """Its characters, or for one that stands alone and must not, as many marks as the layout has given it cells."""
    if len(cluster) == 1 and unicodedata.category(cluster) in DANGEROUS:
        return ("\ufffd" * get_character_cell_size(cluster),)
    return tuple(cluster)
