"""Handwritten digits as a text: a line is a label, then the pixels of its picture. README.md says where they are from.

>>> from models.corpora import digits
>>> digits.learned()[0][:9]
'0..:++...'
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from models.corpora.pictures import Pictures
from models.corpora.text import read_text
from models.corpora.token_files import FRACTION

PATH = Path(__file__).parent / "digits.txt"
PICTURES = Pictures(width=8, height=8, shades=".:+#", labels="0123456789")


def lines() -> tuple[str, ...]:
    """All of them."""
    return tuple(_halves()[0].splitlines())


def learned() -> tuple[str, ...]:
    """The lines that a run on them learns from, as far as they are whole."""
    text, border = _halves()
    return tuple(text[:border].split("\n")[:-1])


def held_out() -> tuple[str, ...]:
    """The lines of which a run learns nothing, not even a pixel."""
    text, border = _halves()
    return tuple(text[border:].split("\n")[1:-1])


@lru_cache
def _halves() -> tuple[str, int]:
    """The text, and where the part that is held out begins: in the middle of a line, which is in neither."""
    text = read_text(PATH)
    return text, int(len(text) * FRACTION)
