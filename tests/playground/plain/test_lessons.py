"""Lessons in sentences: the prediction, the commands until the act is done, and what was measured."""

from __future__ import annotations

import re

import pytest

from playground import settings
from playground.learn.catalogue import every
from playground.learn.lesson import Challenge, Lesson, Task
from tests.playground.commands.calling import Command

SOLVED = {
    "closing-head": "switch head-off:0.2",
    "say-chess": "switch neuron-set:1.12=20",
    "by-example": "prompt italy : pizza ; germany :",
    "below-bigram": "switch attention-off:0",
    "draw-a-lion": "seed 6\nstep",
    "what-japan-eats": "status",
}


@pytest.mark.parametrize("task", [task for task in every() if task.run is None], ids=lambda task: task.key)
def test_each_can_be_walked_through(call: Command, task: Task) -> None:
    lines = [SOLVED.get(task.key, "")]
    if isinstance(task, Lesson):
        lines = ["a" if task.question.options else "1", *(step.act.plain for step in task.steps if step.act.plain)]
    answer = call("learn", "--plain", task.key, stdin="\n".join(lines).encode())
    assert answer.code == 0 and re.fullmatch(r"[^\x00-\x09\x0b-\x1f\u2500-\u25ff]*", answer.out)
    said = answer.out.splitlines()
    assert said[0] == f"{task.title}." and any(line.startswith("The claim: ") for line in said)
    assert said[-1].startswith("Try next: " if isinstance(task, Lesson) else "The claim: ")
    assert "Measuring, on this machine." in said and settings.load().learned.keys() == {task.key}


def test_a_wrong_prediction_is_asked_again_and_hints_are_given(call: Command) -> None:
    answer = call("learn", "6", "--plain", stdin=b"many\n11\nquit\n")
    assert "'many' is not a number - write one, for example 4 or 0.5" in answer.out and "You said: 11." in answer.out
    assert not settings.load().learned
    task = next(task for task in every() if isinstance(task, Challenge))
    answer = call("learn", task.key, "--plain", stdin=b"hint\nhint\n")
    assert all(f"hint {at}: {hint}" in answer.out for at, hint in enumerate(task.hints[:2], 1))
