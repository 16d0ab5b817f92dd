"""What every pane of Inside is: something that is found out beside the drawing, and drawn once it is there."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from playground.inside.scene import InsideScene, InsideView, Subject
from playground.kit.canvas import Canvas
from playground.kit.flow import paragraph
from playground.kit.pane import Pane
from playground.looking.panes.absent import no_results

Found = TypeVar("Found")


@dataclass(frozen=True)
class Refused:
    """Why there is nothing to show, and what to do."""

    says: str


class InsidePane(Pane[InsideScene, InsideView], Generic[Found]):
    """A pane that says what it must know, how that is found, and how it is drawn.

    The keys that all of them share ask the focused one: Enter goes down into what the cursor is on, backspace back up,
    v shows it otherwise, f asks for words (of which `asking` says which), x puts what the cursor is on into the
    switches, + and - make what it shows larger and smaller.
    """

    asking: ClassVar[str] = ""  # the title of the dialog of f; none where it is empty
    idle: ClassVar[str] = "this pane has no use for that key"  # why one of the shared keys does nothing here

    @abstractmethod
    def asks(self, scene: InsideScene) -> Hashable | None:
        """What must be found for this view, comparable; None for nothing. Where the cursor only moves, the same."""

    @abstractmethod
    def find(self, subject: Subject, asked: Any) -> Iterator[Found | None]:
        """In the worker's thread: what was found, each time more of it; None between, where a newer wish may cut in."""

    def draw(self, scene: InsideScene, canvas: Canvas) -> None:
        """Title and picture; a sentence where there is nothing yet."""
        found = scene.found.get(self.name)
        if found is not None:
            self.draw_found(scene, found, canvas)
            return
        canvas.title(self.title)
        if scene.subject is None:
            paragraph(canvas, 1, no_results(scene.play), canvas.palette.muted)
        else:
            paragraph(canvas, 1, self.missing(scene), canvas.palette.muted)

    @abstractmethod
    def draw_found(self, scene: InsideScene, found: Found, canvas: Canvas) -> None:
        """The whole picture, its title line included."""

    def missing(self, scene: InsideScene) -> str:
        """What stands there while nothing is found: that it is looked for, or what to do."""
        return "looking ..."

    def back(self, scene: InsideScene) -> InsideView:
        """The view after backspace."""
        return scene.view

    def otherwise(self, scene: InsideScene) -> InsideView:
        """The view after v."""
        return scene.view

    def question(self, scene: InsideScene) -> str:
        """The title of the dialog of f, where the cursor is now; none where it is empty."""
        return self.asking

    def told(self, scene: InsideScene, words: str) -> InsideView:
        """The view once the words that f asks for were typed; UserError for words that cannot be meant."""
        return scene.view

    def suggestion(self, scene: InsideScene) -> str:
        """What stands in the dialog of f at first."""
        return ""

    def put_in(self, scene: InsideScene) -> InsideView:
        """The view after x: what the cursor is on is a switch of the session, or no longer."""
        return scene.view

    def larger(self, scene: InsideScene) -> InsideView:
        """The view after +."""
        return scene.view

    def smaller(self, scene: InsideScene) -> InsideView:
        """The view after -."""
        return scene.view


Acted = Callable[[InsideScene], InsideView]
