"""What the person chose, as one immutable value, and the history of such values.

Every act is a function from Session to Session; `History` remembers them. Nothing here computes a pass, and changing
the View changes no number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from models.sampling import Sampler
from models.switches import Switch

Shows = Literal["after", "before", "difference"]
Zoom = Literal["cells", "whole"]


@dataclass(frozen=True, slots=True)
class View:
    """Where the person looks. A row of None follows the newest token; a column of None is the row's strongest.

    Rows and columns are positions in the text, also where the context has dropped its beginning.
    """

    layer: int = 0
    head: int = 0
    chosen: bool = False  # whether the person chose that head in this text; until then it is the one that matters most
    row: int | None = None
    column: int | None = None
    hover: tuple[int, int] | None = None  # row and column under the mouse
    shows: Shows = "after"
    zoom: Zoom = "cells"
    whole_head: bool = False  # whether the effect of every edge of the head is asked, or of the row's alone
    plain: bool = False  # whether an edge is cut and the others of its row stay as they are
    candidate: int = 0  # cursor among the bars
    item: int = 0  # cursor among the switches
    kind: str = "head-off"  # what the board of switches does to a head: a head switch's slug
    grid: tuple[int, int] | None = None  # cursor in the bigram's grid; None follows the text
    baseline: str = ""  # slug of the one shown beside the model; "" is the first there is
    caret: int | None = None  # place in the text while it is edited, None when it is not


class Line(NamedTuple):
    """A line of text that was left, and how it came about."""

    tokens: tuple[int, ...]
    typed: int
    forced: frozenset[int]


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that decides what is on screen.

    `tokens` is the text so far, `ahead` is how the same line went on before the person stepped back, its first `typed`
    tokens typed by the person; `branches` are other lines to return to. `text` is what was typed where it
    differs from the tokens' own text: a text with a character that the model has never seen is kept, and `problem`
    says what is wrong with it. `aside` is the person's text where the model has its own example in its place.
    """

    model: str
    tokens: tuple[int, ...] = ()
    typed: int = 0
    forced: frozenset[int] = frozenset()  # positions the person decided
    ahead: tuple[int, ...] = ()
    branches: tuple[Line, ...] = ()
    text: str | None = None
    problem: str | None = None
    aside: str | None = None
    switches: tuple[Switch, ...] = ()
    sampler: Sampler = field(default_factory=Sampler)
    seed: int = 1
    opening: int = 0  # which of the models that were opened: two of one name are two
    view: View = field(default_factory=View)

    @property
    def row(self) -> int:
        """The position looked at; -1 when there is no text."""
        last = len(self.tokens) - 1
        return last if self.view.row is None else min(self.view.row, last)


def look(session: Session, **changes: Any) -> Session:
    """The same session seen from elsewhere."""
    return replace(session, view=replace(session.view, **changes))


def choose_head(session: Session, layer: int, head: int) -> Session:
    """The person looks at this head, and goes on looking at it."""
    return look(session, layer=layer, head=head, chosen=True)


def look_at(session: Session, row: int) -> Session:
    """A position of the text looked at, as far as it goes; the newest is followed."""
    newest = row >= len(session.tokens) - 1
    return look(session, row=None if newest else max(row, 0), column=None, candidate=0)


def release(session: Session) -> Session:
    """The newest token followed again, by every cursor on the text."""
    return look(session, row=None, column=None, hover=None, candidate=0)


def write(session: Session, tokens: tuple[int, ...], text: str, problem: str | None = None) -> Session:
    """The person typed this text; the old line is left behind."""
    goes_on = parting(session, tokens) > 0
    here = look(release(session), chosen=session.view.chosen and goes_on)
    here = replace(here, text=text, problem=problem)
    return replace(here, tokens=tokens, typed=len(tokens), forced=frozenset(), ahead=())


def step(session: Session, token: int) -> Session:
    """One token on: along the line stepped back from where there is one, else this one, drawn."""
    token, *ahead = session.ahead or (token,)
    return _grown(session, token, tuple(ahead))


def back(session: Session) -> Session:
    """One token back; it can be stepped over again. The first token stays."""
    return jump(session, len(session.tokens) - 2) if len(session.tokens) > 1 else session


def jump(session: Session, position: int) -> Session:
    """Go back to where this position was the newest; the rest can be stepped over again."""
    line = session.tokens + session.ahead
    kept = max(1, min(position + 1, len(line)))
    here = release(session)
    return replace(here, tokens=line[:kept], ahead=line[kept:], text=None, problem=None)


def force(session: Session, position: int, token: int) -> Session:
    """This token follows position, decided by the person; the line it leaves can be returned to.

    At the end of a text that is the text as it was, unless its last token was forced as well.
    """
    line = session.tokens + session.ahead
    if line[position + 1 : position + 2] == (token,):
        return jump(session, position + 1)
    here = _ended(jump(session, position), at_end=position not in session.forced)
    grown = _grown(here, token, ())
    return replace(grown, forced=grown.forced | {position + 1})


def other_branch(session: Session) -> Session:
    """Return to the line left last; the present one takes its place at the end of the queue."""
    if not session.branches:
        return session
    line, *rest = session.branches
    here = release(session)
    others = _distinct((*rest, _line(session)))
    return replace(here, **line._asdict(), ahead=(), branches=others, text=None, problem=None)


def parting(session: Session, other: tuple[int, ...]) -> int:
    """The position at which another line of text leaves this one, with what lies ahead of it."""
    return shared(session.tokens + session.ahead, other)


def shared(a: Sequence[int], b: Sequence[int]) -> int:
    """How many tokens both begin with."""
    if a == b:
        return len(a)
    return next((place for place, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


def decide_anew(session: Session, **changes: Any) -> Session:
    """Another sampler, seed or set of switches: what lay ahead was drawn otherwise."""
    return replace(_ended(session), **changes)


def toggle(session: Session, switch: Switch) -> Session:
    """This switch on if it was off, off if it was on."""
    on = session.switches
    return decide_anew(session, switches=tuple(s for s in on if s != switch) if switch in on else (*on, switch))


def _grown(session: Session, token: int, ahead: tuple[int, ...]) -> Session:
    here = release(session)
    return replace(here, tokens=(*session.tokens, token), ahead=ahead, text=None, problem=None)


def _line(session: Session) -> Line:
    return Line(session.tokens + session.ahead, session.typed, session.forced)


def _ended(session: Session, *, at_end: bool = False) -> Session:
    """The session with nothing ahead: the line that went on is a branch, with what was typed or forced there.

    With `at_end` a line that did not go on is one as well.
    """
    left = (_line(session), *session.branches) if session.ahead or at_end else session.branches
    kept = len(session.tokens)
    forced = frozenset(position for position in session.forced if position < kept)
    return replace(session, ahead=(), typed=min(session.typed, kept), forced=forced, branches=_distinct(left))


def _distinct(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    first: dict[tuple[int, ...], Line] = {}
    for line in lines:
        first.setdefault(line.tokens, line)
    return tuple(first.values())


class Done(NamedTuple):
    """An act that can be undone, or done again: the Session on its other side, and what the act was called."""

    session: Session
    act: str


@dataclass(frozen=True, slots=True)
class History:
    """The present Session and the way back and forth. Looking around is not remembered; acts are."""

    now: Session
    past: tuple[Done, ...] = ()
    future: tuple[Done, ...] = ()
    flowing: bool = False  # the last act goes on: the same again (typing, running) is one undo

    def do(self, session: Session, act: str, *, flows: bool = False) -> History:
        """The person did something."""
        if session == self.now:
            return self
        if replace(session, view=self.now.view) == self.now:
            return replace(self, now=session)
        if flows and self.flowing and act == self.past[-1].act:
            return replace(self, now=session, future=())
        return History(session, (*self.past[-999:], Done(self.now, act)), (), flows)

    def rest(self) -> History:
        """An act that flowed is over: the same act again is another."""
        return replace(self, flowing=False)

    def undo(self) -> History:
        """The Session before the last act, as the person looks now."""
        if not self.past:
            return self
        *past, (session, act) = self.past
        return History(seen_as(session, self.now), tuple(past), (Done(self.now, act), *self.future))

    def redo(self) -> History:
        """The Session that was undone last."""
        if not self.future:
            return self
        (session, act), *future = self.future
        return History(seen_as(session, self.now), (*self.past, Done(self.now, act)), tuple(future))


def seen_as(session: Session, now: Session) -> Session:
    """The session as the person looks now; where its text is another, the cursors on the text are its own."""
    if session.opening != now.opening:  # the other model may have neither that head nor that text
        return look(session, hover=None)
    if session.tokens == now.tokens:
        return replace(session, view=now.view)
    own = session.view
    view = replace(now.view, row=own.row, column=own.column, hover=None, candidate=own.candidate, grid=own.grid)
    return replace(session, view=view)
