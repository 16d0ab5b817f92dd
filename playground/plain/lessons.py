"""A lesson without a screen: the question, the commands of the text mode until the act is done, what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import models
from models import baselines
from playground import settings
from playground.learn import walk as walks
from playground.learn.checking import check
from playground.learn.lesson import Challenge, Here, Start, Task
from playground.learn.words import HERE, Piece, said
from playground.plain.mode import Plain, lines, say

LEAVING = ("quit", "exit", "q")
HINT = "hint"


def run(task: Task) -> int:
    """Read lines until the lesson is over, the input ends or "quit"."""
    lesson = PlainLesson(task)
    say([f"{task.title}.", *lesson.told()])
    typed = lines()
    while not lesson.is_over and (line := next(typed, "quit")).strip().lower() not in LEAVING:
        say(lesson.answer(line))
    return 0


class PlainLesson:
    """A lesson in sentences; its session is the text mode's."""

    def __init__(self, task: Task) -> None:
        self.task, self.walk = task, walks.begun(task)
        self.stand(task.start)

    def stand(self, start: Start) -> None:
        """Its model, text and switches."""
        model = models.load(start.model)
        beside = baselines.look(models.folder(start.model), model.tokenizer).models
        self.plain = Plain(model, beside, start.session(model))
        self.began = self.plain.session

    @property
    def is_over(self) -> bool:
        """Whether it was told what was measured."""
        return self.walk.stage == "see"

    def answer(self, line: str) -> Iterator[str]:
        """What a line does: it is the prediction, asks for a hint, or is a command of the text mode."""
        told = True
        if self.walk.stage == "ask":
            self.walk = walks.answered(self.walk, line)
        elif isinstance(self.task, Challenge) and line.strip().lower() == HINT:
            self.walk = walks.hinted(self.walk)
        else:
            yield from self.plain.answer(line)
            told = False
        moved = self.go_on()
        if self.is_over:
            yield from self.see()
        elif told or moved:
            yield from self.told()

    def go_on(self) -> bool:
        """To the next step that waits for something, or to what was measured; whether one was done."""
        before = self.walk
        while self.walk.stage == "act" and self.is_done:
            self.walk = walks.acted(self.walk)
            if self.walk.step is not None and self.walk.step.start is not None:
                self.stand(self.walk.step.start)
        return self.walk != before

    @property
    def is_done(self) -> bool:
        """Whether the act was done; one that only a screen has is not waited for."""
        here = Here("plain", self.plain.session, self.began, self.plain.model, None, self.plain.intact, self.plain.now)
        if self.walk.step is not None:
            return not self.walk.step.act.plain or self.walk.step.act.done(here)
        return isinstance(self.task, Challenge) and (self.task.needs_panes or self.task.done(here))

    def see(self) -> Iterator[str]:
        """Measure, tell, and remember that it was done."""
        yield "Training, and measuring, on this machine." if self.task.runs else "Measuring, on this machine."
        (checked,) = check([self.task])
        self.walk = replace(self.walk, findings=checked.findings)
        yield from self.told()
        if problem := settings.load().with_learned(self.task.key, self.walk.is_right).problem:
            yield problem

    def told(self) -> Iterator[str]:
        """What the lesson says now, a line a piece."""
        yield from (_line(piece) for block in said(self.walk) for piece in block if not piece.is_typed)
        if self.walk.step is not None:
            yield f"Here: {self.walk.step.act.plain}"
        elif self.walk.stage == "act" and isinstance(self.task, Challenge) and self.task.needs_panes:
            yield "Here: that needs the panes of a screen; any command shows what comes of it."
        elif self.walk.stage == "act":
            yield f"Here: the commands of the text mode (help lists them), and {HINT}."


def _line(piece: Piece) -> str:
    """A number stands after what it is of."""
    if piece.is_number:
        return f"{piece.words}: {piece.lead}"
    return f"{piece.lead.strip(f'{HERE} ')} {piece.words}".strip()
