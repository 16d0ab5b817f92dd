"""The little Markdown that cards are written in."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable


def table(head: tuple[object, ...], *rows: tuple[object, ...]) -> str:
    """Rows under a header."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def paragraph(*sentences: str, mark: str = "") -> str:
    """Sentences, as far as there is something in them, in lines of 120 characters behind a mark such as a list's."""
    text, rest = " ".join(filter(None, sentences)), " " * len(mark)
    return textwrap.fill(
        text, 120, initial_indent=mark, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def items(texts: Iterable[str]) -> str:
    """A list."""
    return "\n".join(paragraph(text, mark="- ") for text in texts)
