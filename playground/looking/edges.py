"""What the engine is asked of edges: those of a row or of a whole head, or lists of all; and what it says of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from models.lenses.inside.edge_lists import Lists, lists
from models.lenses.inside.edges import Edges, growing
from models.switches import Switch
from models.tracing import Trace, keeps_past, prefix
from playground.looking.session import Session

OFTEN = 0.25  # seconds between two pictures of what is not over

Piece = TypeVar("Piece")


@dataclass(frozen=True, slots=True)
class EdgesAsked:
    """Which edges a person looks at; a row is a position of the text, None for all of the head."""

    layer: int
    head: int
    row: int | None
    plain: bool
    before: bool  # of the pass without the switches


@dataclass(frozen=True, eq=False)
class Worth:
    """What they are worth in a pass over these tokens under these switches, so far."""

    asked: EdgesAsked
    found: Edges
    tokens: tuple[int, ...]
    switches: tuple[Switch, ...]

    def is_of(self, trace: Trace) -> bool:
        """Whether that is the pass, and not one that another text or other switches have left behind."""
        return (self.tokens, self.switches) == (trace.tokens, trace.switches)


@dataclass(frozen=True, eq=False)
class Listed:
    """The lists of all edges for what follows a position, so far."""

    found: Lists

    @property
    def done(self) -> bool:
        """Whether nothing is still to be looked at."""
        return self.found.looked == self.found.to_look


def looked_at(session: Session) -> EdgesAsked:
    """The edges that a session looks at."""
    view = session.view
    row = None if view.whole_head else session.row
    return EdgesAsked(view.layer, view.head, row, view.plain, view.shows == "before" and bool(session.switches))


def worths(trace: Trace, asked: EdgesAsked) -> Iterator[Worth | None]:
    """For a Worker: as it comes."""
    row = None if asked.row is None else max(0, min(asked.row - trace.dropped, len(trace) - 1))
    if trace.tape.model.config.has("attention"):
        found = growing(trace, asked.layer, asked.head, row, plain=asked.plain)
        yield from seldom(Worth(asked, each, trace.tokens, trace.switches) for each in found)


def listing(trace: Trace, row: int, plain: bool) -> Iterator[Listed | None]:
    """For a Worker: what matters and what does not, for what follows a row of the trace."""
    of = prefix(trace, row + 1) if keeps_past(trace) else trace
    yield from seldom(None if each is None else Listed(each) for each in lists(of, plain=plain))


def seldom(pieces: Iterator[Piece | None]) -> Iterator[Piece | None]:
    """The first and the last of the pieces, and between them no more than a person can follow."""
    unsaid, said = None, 0.0
    for piece in pieces:
        unsaid = unsaid if piece is None else piece
        if unsaid is not None and time.monotonic() - said > OFTEN:
            said, telling, unsaid = time.monotonic(), unsaid, None
            yield telling
        else:
            yield None
    if unsaid is not None:
        yield unsaid
