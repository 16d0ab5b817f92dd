"""Editing a text with a caret: a key in, the new text and caret out.

The caret counts characters, and stops where a cell begins: not between a letter and its marks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from itertools import accumulate

from playground.cells import cell_len, clusters
from playground.text import token

Edit = tuple[str, int]
Pieces = Callable[[str], Sequence[str]]  # a line in pieces, before each of which the caret can stop


def edit(text: str, caret: int, key: str, character: str | None, *, apart: bool = False) -> Edit | None:
    """What a key, by Textual's name, makes of the text; None if it is no editing key.

    A `character` that can be printed is inserted, and one that joins others. The text is kept as it is: what is odd in
    it becomes visible where it is drawn; with `apart`, every character in a cell of its own.
    """
    caret = max(0, min(caret, len(text)))
    if key in _KEYS:
        return _KEYS[key](text, caret, list if apart else clusters)
    if character and (character.isprintable() or unicodedata.category(character) == "Cf"):
        return insert(text, caret, character)
    return None


def insert(text: str, caret: int, inserted: str) -> Edit:
    """Whatever it holds, and the caret behind it."""
    return text[:caret] + inserted + text[caret:], caret + len(inserted)


def _erase(text: str, start: int, stop: int) -> Edit:
    return text[:start] + text[stop:], start


def _line(text: str, caret: int) -> tuple[int, int]:
    """Where the caret's line starts and ends."""
    stop = text.find("\n", caret)
    return text.rfind("\n", 0, caret) + 1, len(text) if stop < 0 else stop


def _word_back(text: str, caret: int) -> int:
    """Where the word before the caret starts, any space after it skipped."""
    while caret and text[caret - 1].isspace():
        caret -= 1
    while caret and not text[caret - 1].isspace():
        caret -= 1
    return caret


def _left(text: str, caret: int, pieces: Pieces) -> int:
    """The stop before the caret, at the end of the line above where there is none in its own."""
    start, stop = _line(text, caret)
    stops = accumulate(map(len, pieces(text[start:stop])), initial=start)
    return max((place for place in stops if place < caret), default=max(caret - 1, 0))


def _right(text: str, caret: int, pieces: Pieces) -> int:
    """The stop after the caret."""
    start, stop = _line(text, caret)
    stops = accumulate(map(len, pieces(text[start:stop])), initial=start)
    return next((place for place in stops if place > caret), min(caret + 1, len(text)))


def _below(line: str, above: str, pieces: Pieces) -> int:
    """How many characters of a line stand to the left of where a text as wide as the one `above` ends."""
    room = sum(cell_len(token(piece)) for piece in pieces(above))
    place = 0
    for piece in pieces(line):
        room -= cell_len(token(piece))
        if room < 0:
            break
        place += len(piece)
    return place


def _up(text: str, caret: int, pieces: Pieces) -> Edit:
    """The same place in the line above; from the first line, the start."""
    start, _ = _line(text, caret)
    if start == 0:
        return text, 0
    above, end = _line(text, start - 1)
    return text, above + _below(text[above:end], text[start:caret], pieces)


def _down(text: str, caret: int, pieces: Pieces) -> Edit:
    """The same place in the line below; from the last line, the end."""
    start, stop = _line(text, caret)
    if stop == len(text):
        return text, stop
    _, end = _line(text, stop + 1)
    return text, stop + 1 + _below(text[stop + 1 : end], text[start:caret], pieces)


_KEYS: dict[str, Callable[[str, int, Pieces], Edit]] = {
    "left": lambda text, caret, pieces: (text, _left(text, caret, pieces)),
    "right": lambda text, caret, pieces: (text, _right(text, caret, pieces)),
    "home": lambda text, caret, _: (text, _line(text, caret)[0]),
    "end": lambda text, caret, _: (text, _line(text, caret)[1]),
    "up": _up,
    "down": _down,
    "backspace": lambda text, caret, _: _erase(text, max(0, caret - 1), caret),  # a mark, before the letter under it
    "delete": lambda text, caret, pieces: _erase(text, caret, _right(text, caret, pieces)),
    "ctrl+w": lambda text, caret, _: _erase(text, _word_back(text, caret), caret),
    "ctrl+u": lambda text, caret, _: _erase(text, min(_line(text, caret)[0], max(0, caret - 1)), caret),
    "ctrl+n": lambda text, caret, _: insert(text, caret, "\n"),
}
