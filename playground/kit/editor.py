"""Editing a text with a caret: a key in, the new text and caret out. The caret counts characters."""

from __future__ import annotations

from collections.abc import Callable

Edit = tuple[str, int]


def edit(text: str, caret: int, key: str, character: str | None) -> Edit | None:
    """What a key, by Textual's name, makes of the text; None if it is no editing key.

    A `character` that can be printed is inserted. The text is kept as it is: what is odd in it becomes visible where
    it is drawn.
    """
    caret = max(0, min(caret, len(text)))
    if key in _KEYS:
        return _KEYS[key](text, caret)
    if character and character.isprintable():
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


def _up(text: str, caret: int) -> Edit:
    """The same place in the line above; from the first line, the start."""
    start, _ = _line(text, caret)
    if start == 0:
        return text, 0
    above, end = _line(text, start - 1)
    return text, min(above + caret - start, end)


def _down(text: str, caret: int) -> Edit:
    """The same place in the line below; from the last line, the end."""
    start, stop = _line(text, caret)
    if stop == len(text):
        return text, stop
    _, end = _line(text, stop + 1)
    return text, min(stop + 1 + caret - start, end)


_KEYS: dict[str, Callable[[str, int], Edit]] = {
    "left": lambda text, caret: (text, max(0, caret - 1)),
    "right": lambda text, caret: (text, min(len(text), caret + 1)),
    "home": lambda text, caret: (text, _line(text, caret)[0]),
    "end": lambda text, caret: (text, _line(text, caret)[1]),
    "up": _up,
    "down": _down,
    "backspace": lambda text, caret: _erase(text, max(0, caret - 1), caret),
    "delete": lambda text, caret: _erase(text, caret, caret + 1),
    "ctrl+w": lambda text, caret: _erase(text, _word_back(text, caret), caret),
    "ctrl+u": lambda text, caret: _erase(text, _line(text, caret)[0], caret),
    "ctrl+n": lambda text, caret: insert(text, caret, "\n"),
}
