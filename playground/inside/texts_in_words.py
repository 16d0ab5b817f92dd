"""Pages and a question as a person types them, and what is said of how vectors rank the pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import UserError
from playground.kit import paths

if TYPE_CHECKING:
    from models.lenses.inside.texts import Ranking

BAR = "|"  # between the pages and the question, where all of them are typed in one line
MOST = 1 << 20  # bytes of a file of pages


def joined(pages: Sequence[str], question: str) -> str:
    """One text of them, a line each; UserError for one of several lines."""
    lines = [page.strip("\n") for page in (*pages, question)]
    for number, line in enumerate(lines, 1):
        if "\n" in line:
            name = f"page {number}" if number < len(lines) else "the question"
            raise UserError(f"{name} has several lines", "give each line as a page of its own")
    return "\n".join(lines)


def lines_of(path: Path) -> list[str]:
    """The lines of a file of text that have words; UserError for what is no such file."""
    from models.corpora.text import read_pieces

    lines = [line.strip() for line in "".join(read_pieces(path, cap=MOST)).splitlines() if line.strip()]
    if not lines:
        raise UserError(f"{path} has no line of text", "give a file with a page in each line")
    return lines


def typed(words: str) -> str:
    """Pages and question, with | between them, as one text; a part that is a file's path stands for its lines.

    UserError where there is nothing before the question. Nothing before the first | is an empty line.
    """
    lines = [line for part in words.split(BAR) for line in _lines(part.strip())]
    if len([line for line in lines if line]) < 2:
        raise UserError("there is no page before the question", f"write a page {BAR} another {BAR} the question")
    return "\n".join(lines)


def _lines(part: str) -> Iterator[str]:
    path = Path(paths.meant(part))
    try:
        is_file = bool(part) and path.is_file()
    except (OSError, ValueError):  # longer than a name can be
        is_file = False
    yield from lines_of(path) if is_file else [part]


def as_typed(text: str) -> str:
    """The same text as it would be typed."""
    return f" {BAR} ".join(text.split("\n")).strip(" ")


def places_told(ranks: Ranking, page: int) -> str:
    """Which place each depth gives to the page that the answer leans on most, measured by closing it."""
    count = ranks.mean.shape[1]
    if count == 1:
        return "one page alone is not ranked: give two or more"
    ways = {"mean vector": ranks.rank("mean", page).tolist(), "best match": ranks.rank("best", page).tolist()}
    told = [f"by {way} {places[0]} in wte, then {' '.join(map(str, places[1:]))}" for way, places in ways.items()]
    return f"page {page + 1} of {count} costs most when closed; ranked {', '.join(told)}"
