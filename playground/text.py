"""The only door through which foreign text reaches the screen or the terminal.

Prompts, corpora, vocabularies, file names and whatever a model writes may hold escape sequences, direction changes and
characters nobody can see. Here they become marks: `visible` for running text, `token` for one token in one cell line,
`cut` and `fit` for so many cells. What comes out measures the same piece by piece as in one go.
`line_filter.py` is the second door, behind the widgets.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len, get_character_cell_size, set_cell_size

if TYPE_CHECKING:
    from textual.content import Content

# drawn as nothing although their category says letter, mark or symbol: the rest of Unicode's
# Default_Ignorable_Code_Point, and the empty Braille cell
_BLANKS = frozenset(
    chr(code)
    for codes in (
        (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        range(0x180B, 0x1810),
        range(0xFE00, 0xFE10),
        range(0xE0100, 0xE01F0),
    )
    for code in codes
)
DANGEROUS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # categories: what moves a cursor or turns a line around
_UNSEEN = DANGEROUS | {"Cn", "Co"}
_TOKEN = str.maketrans({" ": "·", "\n": "⏎", "\t": "⇥", "\u00a0": "⍽"})
_HOLDER = "◌"  # what Unicode draws under a mark that has nothing to stand on


def visible(text: str, keep: str = "") -> str:
    """The text with every control, direction-changing, zero-width, unassigned or surrogate character made a mark.

    C0 controls become their one-cell pictures (␛), the rest their number (⟨202E⟩). Characters in `keep`, for example a
    newline, pass as they are. Twice is the same as once.
    """
    if text.isascii() and text.isprintable():
        return text
    marks = "".join(char if char in keep else _mark(char) for char in text)
    return _HOLDER + marks if marks and _leans(marks[0]) else marks


def token(text: str) -> str:
    """One token for a one-line cell: spaces, newlines and tabs can be seen as well, and so can the empty token."""
    if not text:
        return "∅"
    shown = visible(text, keep="\n\t\u00a0").translate(_TOKEN)
    return shown if shown.isascii() else "".join(map(_mark_space, shown))


def fit(text: str, cells: int) -> str:
    """The text, made visible, in exactly so many cells: padded with spaces, or cut with an ellipsis at the end."""
    shown = cut(text, cells)
    return shown + " " * (cells - cell_len(shown))


def cut(text: str, cells: int) -> str:
    """The text, made visible, in at most so many cells: an ellipsis stands for an end that does not fit."""
    if cells <= 0:
        return ""
    shown = visible(text)
    return shown if cell_len(shown) <= cells else set_cell_size(shown, cells - 1) + "…"


def content(text: str, keep: str = "") -> Content:
    """The text, made visible, for a Textual widget: never read as markup."""
    from textual.content import Content  # only the app needs it; the command line starts without

    return Content(visible(text, keep))


@lru_cache(maxsize=8192)
def _mark(char: str) -> str:
    """The character itself, or what stands for it."""
    code, category = ord(char), unicodedata.category(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    nothing = get_character_cell_size(char) == 0 and not _leans(char)
    return f"⟨{code:04X}⟩" if category in _UNSEEN or char in _BLANKS or nothing else char


def _mark_space(char: str) -> str:
    return f"⟨{ord(char):04X}⟩" if unicodedata.category(char) == "Zs" else char


@lru_cache(maxsize=8192)
def _leans(char: str) -> bool:
    """Whether it is drawn onto the character before it: a mark, or a Hangul vowel or final consonant."""
    return unicodedata.category(char)[0] == "M" or 0x1160 <= ord(char) <= 0x11FF or 0xD7B0 <= ord(char) <= 0xD7FB
