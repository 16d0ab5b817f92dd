"""The little Markdown that cards are written in."""

from __future__ import annotations

import textwrap


def table(head: tuple[object, ...], *rows: tuple[object, ...]) -> str:
    """Rows under a header."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def paragraph(*sentences: str) -> str:
    """Sentences in lines of 120 characters."""
    return textwrap.fill(" ".join(sentences), 120, break_long_words=False, break_on_hyphens=False)


def item(*sentences: str) -> str:
    """The same as one of a list."""
    return textwrap.fill(
        " ".join(sentences), 120, initial_indent="- ", subsequent_indent="  ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def printable(text: str) -> str:
    """What cannot be printed, written out."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
