"""The lessons that train what they show: each is trained as it says, and its claim holds of what came of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from playground.learn import checking
from playground.learn import walk as walks
from playground.learn.catalogue import every
from playground.learn.checking import check
from playground.learn.lesson import Lesson, Task
from playground.train.form import Plan
from tests.playground.commands.calling import Command
from tests.playground.learn.test_lessons import pages

TRAINED = [task for task in every() if task.runs]


@pytest.mark.parametrize("task", TRAINED, ids=lambda task: task.key)
def test_the_claim_holds_of_what_it_trains(task: Task, call: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the same command, in this process, which has torch already; `test_run_of_a_lesson.py` starts others."""

    def trained(plan: Plan, folder: Path) -> Path:
        where = folder / plan.name
        assert call(*plan.command(where, watched=False)).code == 0
        return where

    monkeypatch.setattr(checking, "trained", trained)
    (checked,) = check([task])
    assert checked.holds, checked.values
    assert isinstance(task, Lesson)
    walk = walks.acted(walks.answered(walks.begun(task), task.question.options[0] if task.question.options else "1"))
    for size in ((80, 24), (160, 48)):
        assert len(pages(replace(walk, findings=checked.findings), size)) <= 8, "it talks too much"
