"""What the coach says at each stage of a lesson, in pieces that stand together; screen and text mode both say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from models.units import BITS, Unit
from playground.learn.lesson import Challenge, Lesson
from playground.learn.questions import LETTERS
from playground.learn.walk import Walk

TRAINED = "A model is being trained for it: first wait for its curve."
ONWARD = "The lesson goes on by itself once it is done."
HERE = "▸"  # before the option that Enter takes
Tone = Literal["text", "strong", "muted", "accent", "contrast"]
STAGES: dict[str, str] = {"ask": "1 predict", "act": "2 do it", "see": "3 what was measured"}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words that are wrapped as one: `lead` stands before them in the accent, `tone` is the rest's style."""

    words: str
    tone: Tone = "text"
    lead: str = ""
    is_number: bool = False  # and `lead` is the number that the words are about
    is_typed: bool = False  # as they are being typed
    option: int = -1  # of the question's, which a click chooses
    joins: bool = False  # it may stand on the line of the one before


def stage_of(walk: Walk) -> str:
    """Where one is in it, for its title."""
    steps, stage = len(walk.task.steps) if isinstance(walk.task, Lesson) else 1, STAGES[walk.stage]
    return f"{stage}, step {walk.at_step + 1} of {steps}" if walk.stage == "act" and steps > 1 else stage


def said(walk: Walk, unit: Unit = BITS) -> list[list[Piece]]:
    """Blocks of pieces; a block stays on one page where it can."""
    if walk.stage == "ask":
        return [_asked(walk)]
    if walk.stage == "act":
        return [_to_do(walk)]
    return _measured(walk, unit) if walk.findings is not None else [[_waits(walk)]]


def _asked(walk: Walk) -> list[Piece]:
    assert isinstance(walk.task, Lesson)
    question = walk.task.question
    pieces = [Piece(question.words, "strong")]
    for at, option in enumerate(question.options):
        is_here = at == walk.at
        lead = f"{HERE if is_here else ' '} {LETTERS[at]}"
        pieces.append(Piece(option, "accent" if is_here else "text", lead, option=at, joins=at > 0))
    if not question.options:
        pieces.append(Piece(walk.typed, "strong", "you say:", is_typed=True))
    return [*pieces, Piece(walk.problem, "contrast")] if walk.problem else pieces


def _to_do(walk: Walk) -> list[Piece]:
    task = walk.task
    if isinstance(task, Challenge):
        shown = [Piece(hint, "text", f"hint {at}:") for at, hint in enumerate(task.hints[: walk.hints], 1)]
        return [Piece(task.words, "strong"), *shown[-2:]]
    assert walk.step is not None
    waits = walk.failed or (ONWARD if is_trained(walk) else TRAINED)
    return [
        Piece(walk.step.act.words, "strong", walk.step.act.key),
        Piece(f"You said: {walk.predicted}. {waits}", "contrast" if walk.failed else "muted"),
    ]


def is_trained(walk: Walk) -> bool:
    """Whether nothing is trained for it any more."""
    return walk.is_trained or not walk.task.runs


def _waits(walk: Walk) -> Piece:
    waits = "measuring, on this machine ..." if is_trained(walk) else TRAINED
    return Piece(walk.failed, "contrast") if walk.failed else Piece(waits, "muted")


def _measured(walk: Walk, unit: Unit) -> list[list[Piece]]:
    task, found = walk.task, walk.findings
    assert found is not None
    numbers = [Piece(each.words, "muted", each.written(unit), is_number=True) for each in found.values()]
    source = [Piece(f"{task.claim.words} {task.claim.source}", "muted", "The claim:")]
    if isinstance(task, Challenge):
        return [[Piece("Solved.", "accent"), Piece(task.shows), *numbers], source]
    assert isinstance(task, Lesson)
    right = (
        Piece("As you said.", "accent", joins=True)
        if walk.is_right
        else Piece("Not what you said.", "contrast", joins=True)
    )
    verdict = [Piece(f"You said: {walk.predicted}. Measured: {task.question.measured(found, unit)}.", "strong"), right]
    return [
        [*verdict, *numbers],
        [Piece(task.shows)],
        [Piece(task.shows_not, "text", "It does not show")],
        source,
        [Piece(task.onward, "text", "Try next:")],
    ]
