"""What is found out for the panes on screen, one after the other, in the worker's thread."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from models.errors import UserError
from playground.inside.panes.pane_kinds import InsidePane
from playground.inside.scene import Subject
from playground.looking.scene import Results


@dataclass(frozen=True)
class Wish:
    """What a pane asks of the passes that stand now; results are told apart by being others."""

    pane: str
    results: Results
    asked: Hashable


@dataclass(frozen=True, eq=False)
class Answer:
    """What was found for a wish so far, or, with a problem, why nothing was."""

    wish: Wish
    content: Any
    problem: str = ""
    is_whole: bool = False  # no more of it will come: a wish that was left before that is made again


@dataclass(frozen=True)
class Wishes:
    """All of a moment, and the subject they are about."""

    subject: Subject
    all: tuple[Wish, ...]

    def __eq__(self, other: object) -> bool:
        """The subject is that of the wishes' results."""
        return isinstance(other, Wishes) and other.all == self.all

    def __hash__(self) -> int:
        return hash(self.all)


def find(panes: Mapping[str, InsidePane[Any]], wishes: Wishes) -> Iterator[Answer | None]:
    """For a Worker: pane after pane, in the order of the wishes; what a pane refuses is told in its place."""
    for wish in wishes.all:
        newest: Any = None
        try:
            for content in panes[wish.pane].find(wishes.subject, wish.asked):
                newest = newest if content is None else content
                yield None if content is None else Answer(wish, content)
        except UserError as error:
            yield Answer(wish, None, str(error), is_whole=True)
        else:
            yield Answer(wish, newest, is_whole=True)
