"""What the panes of Learn draw from: the lessons, what was walked through, and which one the cursor is on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from playground.learn.lesson import Task


@dataclass(frozen=True, slots=True)
class LearnView:
    """Where the person looks."""

    at: int = 0  # of the lessons and challenges, in their order


@dataclass(frozen=True)
class LearnScene:
    """Every lesson and challenge, and by their keys whether the prediction of those walked through came true."""

    view: LearnView
    tasks: Sequence[Task]
    learned: Mapping[str, bool] = field(default_factory=dict)
    open: str = ""  # the key of the lesson that is open now

    @property
    def task(self) -> Task:
        """The one under the cursor."""
        return self.tasks[min(self.view.at, len(self.tasks) - 1)]

    def moved(self, dx: int, dy: int) -> LearnView:
        """Up and down."""
        return replace(self.view, at=max(0, min(self.view.at + dy, len(self.tasks) - 1)))
