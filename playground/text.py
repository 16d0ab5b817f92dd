"""The only door through which foreign text reaches the screen or the terminal.

Prompts, corpora, vocabularies, file names and whatever a model writes may hold escape sequences, direction changes and
characters nobody can see. Here they become marks: `visible` for running text, `running` while it comes, `token` for one
token in one cell line, `cut` and `fit` for so many cells. What comes out measures the same piece by piece as in one go.
`line_filter.py` is the second door, behind the widgets.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from playground.cells import HOLDER, cell_len, clusters, crop, hidden, leans, settled

if TYPE_CHECKING:
    from textual.content import Content

_PICTURES = {chr(code): chr(0x2400 + code) for code in range(0x20)} | {"\x7f": "␡"}
_TOKEN = str.maketrans({" ": "·", "\n": "⏎", "\t": "⇥", "\u00a0": "⍽"})


def visible(text: str, keep: str = "") -> str:
    """The text with every control, direction-changing, zero-width, unassigned or surrogate character made a mark.

    C0 controls become their one-cell pictures (␛), the rest their number (⟨202E⟩), and a mark of a script that has no
    letter before it stands on ◌. A joiner or a variation stays only where it belongs to the character before it.
    Characters in `keep`, for example a newline, pass as they are. Twice is the same as once.
    """
    if text.isascii() and text.isprintable():
        return text
    return _joined(clusters(text), keep)


def running(pieces: Iterable[str], keep: str = "") -> Iterator[str]:
    """One text in pieces, made visible as they come; its last character waits for the marks that the next may bring."""
    waiting = ""
    for piece in pieces:
        whole, waiting = settled(waiting + piece)
        yield _joined(whole, keep)
    yield visible(waiting, keep)


def in_place(text: str) -> str:
    """The text, made visible in as many characters as it has, for what counts them: a picture, or U+FFFD."""
    return "".join(map(_pictured, clusters(text)))


def token(text: str) -> str:
    """One token for a one-line cell: spaces, newlines and tabs can be seen as well, and so can the empty token."""
    if not text:
        return "∅"
    shown = visible(text, keep="\n\t").translate(_TOKEN)
    return shown if shown.isascii() else "".join(map(_mark_space, shown))


def fit(text: str, cells: int) -> str:
    """The text, made visible, in exactly so many cells: padded with spaces, or cut with an ellipsis at the end."""
    return crop(cut(text, cells), max(cells, 0))


def cut(text: str, cells: int) -> str:
    """The text, made visible, in at most so many cells: an ellipsis stands for an end that does not fit."""
    if cells <= 0:
        return ""
    shown = visible(text)
    return shown if cell_len(shown) <= cells else crop(shown, cells - 1) + "…"


def content(text: str, keep: str = "") -> Content:
    """The text, made visible, for a Textual widget: never read as markup."""
    from textual.content import Content  # only the app needs it; the command line starts without

    return Content(visible(text, keep))


def _joined(parts: Iterable[str], keep: str) -> str:
    return "".join(part if part in keep else _shown(part) for part in parts)


@lru_cache(maxsize=8192)
def _shown(cluster: str) -> str:
    """The cluster itself, or what stands for it."""
    if leans(cluster[0]):
        return HOLDER + cluster
    if len(cluster) > 1 or not hidden(cluster):
        return cluster
    return _PICTURES.get(cluster, f"⟨{ord(cluster):04X}⟩")


def _pictured(cluster: str) -> str:
    if leans(cluster[0]):
        return HOLDER + cluster[1:]
    return cluster if len(cluster) > 1 or not hidden(cluster) else _PICTURES.get(cluster, "\ufffd")


def _mark_space(char: str) -> str:
    return f"⟨{ord(char):04X}⟩" if unicodedata.category(char) == "Zs" else char
