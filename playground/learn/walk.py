"""Where the person is in a lesson: a value, and what their keys make of it. Nothing here knows a screen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from models.errors import UserError
from playground.kit import editor
from playground.learn.findings import Findings
from playground.learn.lesson import Challenge, Lesson, Step, Task
from playground.learn.questions import LETTERS

Stage = Literal["ask", "act", "see"]
TURNS = {"enter": 1, "pagedown": 1, "pageup": -1}  # what keys do to the pages of what was measured


@dataclass(frozen=True, slots=True)
class Walk:
    """ask: the prediction is taken, act: the person does it, see: what was measured stands beside the prediction."""

    task: Task
    stage: Stage
    at_step: int = 0  # of what is done in a lesson
    typed: str = ""  # of a prediction that is typed
    at: int = 0  # of the options, where there are any
    predicted: str = ""
    problem: str = ""  # what is wrong with the prediction
    is_trained: bool = False  # all that is trained for it
    findings: Findings | None = None  # None until all is measured
    failed: str = ""  # why it cannot be measured
    hints: int = 0  # shown of a challenge's
    page: int = 0
    left: bool = False  # the person wants to leave it

    @property
    def options(self) -> tuple[str, ...]:
        """What can be chosen, while it is asked."""
        return self.task.question.options if isinstance(self.task, Lesson) and self.stage == "ask" else ()

    @property
    def step(self) -> Step | None:
        """What is to be done now in a lesson."""
        return self.task.steps[self.at_step] if isinstance(self.task, Lesson) and self.stage == "act" else None

    @property
    def is_right(self) -> bool:
        """Whether the prediction came true; a challenge that is solved is right."""
        if not isinstance(self.task, Lesson):
            return True
        return self.findings is not None and self.task.question.is_right(self.predicted, self.findings)

    @property
    def takes_keys(self) -> bool:
        """Whether the keys are for the lesson, and not for the screen under it."""
        return self.stage != "act"


def begun(task: Task) -> Walk:
    """A lesson asks first; a challenge is only to be done."""
    return Walk(task, "ask" if isinstance(task, Lesson) else "act")


def answered(walk: Walk, typed: str) -> Walk:
    """With this prediction on to the act; with what is wrong with it where it is."""
    assert isinstance(walk.task, Lesson)
    try:
        return replace(walk, stage="act", predicted=walk.task.question.read(typed), problem="")
    except UserError as error:
        return replace(walk, problem=str(error))


def acted(walk: Walk) -> Walk:
    """What was to be done was: the next thing, or what was measured."""
    if isinstance(walk.task, Lesson) and walk.at_step + 1 < len(walk.task.steps):
        return replace(walk, at_step=walk.at_step + 1)
    return replace(walk, stage="see", page=0)


def hinted(walk: Walk) -> Walk:
    """One hint more, where there is another."""
    assert isinstance(walk.task, Challenge)
    return replace(walk, hints=min(walk.hints + 1, len(walk.task.hints)))


def turned(walk: Walk, by: int, pages: int) -> Walk:
    """To another of so many pages of what is said; after the last the lesson is over."""
    page = min(walk.page, pages - 1) + by
    return replace(walk, left=True) if page >= pages else replace(walk, page=max(page, 0))


def left(walk: Walk) -> Walk:
    """Out of it."""
    return replace(walk, left=True)


def asked_key(walk: Walk, key: str, character: str | None) -> Walk:
    """A key while the prediction is taken."""
    if not walk.options:
        edited = editor.edit(walk.typed, len(walk.typed), key, character)
        if key == "enter":
            return answered(walk, walk.typed)
        return replace(walk, typed=edited[0], problem="") if edited else walk
    if key == "enter":
        return answered(walk, walk.options[walk.at])
    if key in ("up", "left", "down", "right"):
        by = 1 if key in ("down", "right") else -1
        return replace(walk, at=(walk.at + by) % len(walk.options))
    at = LETTERS.find(character) if character else -1
    return answered(walk, walk.options[at]) if 0 <= at < len(walk.options) else walk


def seen_key(walk: Walk, key: str, pages: int) -> Walk:
    """A key while it is shown what was measured, on so many pages; all others are for the screen."""
    by = TURNS.get(key, 0)
    return turned(walk, by, pages) if by and walk.findings is not None else walk
