"""Every claim measured on the models that are there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from playground.learn.bench import Bench
from playground.learn.findings import Findings
from playground.learn.lesson import Lesson, Task
from playground.learn.training import trained


@dataclass(frozen=True)
class Checked:
    """A lesson, what was measured, and whether its claim holds."""

    task: Task
    findings: Findings
    holds: bool

    @classmethod
    def of(cls, task: Task, findings: Findings) -> Self:
        """Whether the claim holds of these, as Python says so."""
        return cls(task, findings, bool(task.holds(findings)))

    @property
    def told(self) -> str:
        """The number that the question asks for, or the first."""
        task = self.task
        if isinstance(task, Lesson):
            return task.question.measured(self.findings)
        return next(iter(self.findings.values())).written()

    @property
    def values(self) -> dict[str, float | str]:
        """All numbers by name, as Python has them, and the tokens that they are of."""
        tokens = {f"{name} is of": each.token for name, each in self.findings.items() if each.token}
        return {**{name: float(each.value) for name, each in self.findings.items()}, **tokens}


def check(tasks: Iterable[Task]) -> Iterator[Checked]:
    """One after the other; what needs a run of its own has it trained in a folder that goes again."""
    bench = Bench()
    for task in tasks:
        with tempfile.TemporaryDirectory() as folder:
            bench.runs = {plan.name: trained(plan, Path(folder)) for plan in task.runs}
            findings = task.findings(bench)
        yield Checked.of(task, findings)
