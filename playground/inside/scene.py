"""What the panes of Inside draw from: Play's session and its passes, where each pane looks, and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from models.gpt import GPT
from models.tracing import Trace
from playground import text
from playground.looking import scene as play
from playground.looking.session import Session, look_at

Look = TypeVar("Look")


@dataclass(frozen=True)
class InsideView:
    """Play's session, and what each pane keeps of where the person looks in it: a value of a class of its own."""

    session: Session = field(default_factory=lambda: Session(""))
    looks: Mapping[type, Any] = field(default_factory=dict)

    def look(self, kind: type[Look]) -> Look:
        """Where a pane looks, by the class of that; as it is at first, if nobody has looked elsewhere."""
        found = self.looks.get(kind)
        return found if isinstance(found, kind) else kind()

    def looking(self, look: object) -> InsideView:
        """The view with this look in the place of the one before."""
        return replace(self, looks={**self.looks, type(look): look})

    def with_session(self, session: Session) -> InsideView:
        """The view of another session."""
        return replace(self, session=session)


@dataclass(frozen=True, eq=False)
class Subject:
    """What is looked into: a model, and the passes over one text."""

    model: GPT
    results: play.Results
    folder: Path | None = None  # the model's, if it came from one

    @property
    def now(self) -> Trace:
        """The trace that counts: with the switches where any is on."""
        return self.results.now


@dataclass(frozen=True, eq=False)
class InsideScene:
    """The view, Play's scene, and what was found for the panes on screen, by their names."""

    view: InsideView
    play: play.Scene
    found: Mapping[str, Any] = field(default_factory=dict)
    waits: bool = False  # for something that is being computed
    folder: Path | None = None  # the model's

    def moved(self, dx: int, dy: int) -> InsideView:
        """Left and right along the text, in every pane that has no other use for them."""
        session = self.view.session
        return self.view.with_session(look_at(session, session.row + dx) if dx and session.tokens else session)

    @property
    def subject(self) -> Subject | None:
        """What is looked into, once the passes are there."""
        return Subject(self.play.model, self.play.results, self.folder) if self.play.results else None

    @property
    def row(self) -> int:
        """The row of the traces looked at; -1 without any."""
        return self.play.row

    def label(self, token: int) -> str:
        """One token by itself as a safe label."""
        return self.play.label(token)

    def next_label(self, token: int, row: int | None = None) -> str:
        """The same of one that may follow a row, the one looked at if none is named."""
        return self.play.next_label(token, row)

    def last_label(self, token: int) -> str:
        """The same of one that may follow the whole text."""
        return self.play.next_label(token, self.play.length - 1)

    def safe(self, words: str) -> str:
        """Any text, safe to show."""
        return text.visible(words)
