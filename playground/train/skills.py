"""What the chosen run can do: its snapshots are asked the probes of the little world, one after the other."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.lenses.growth import Ask, Course, growing
from models.lenses.probes import CaseProbe
from models.runs.snapshots import spread
from playground.kit.worker import said_of
from playground.looking.engine import OFTEN
from playground.train.record import Record

MOST = 40  # snapshots that are asked of a run


@dataclass(frozen=True, slots=True)
class Asking:
    """Snapshots of a run that are to be asked."""

    run: str
    snapshots: tuple[tuple[int, Path], ...]  # steps and folders, the oldest first

    @classmethod
    def of(cls, run: str, path: Path, record: Record) -> Asking:
        """As many of this run's as are asked."""
        folders = {each.step: path / each.folder for each in record.snapshots}
        return cls(run, tuple((step, folders[step]) for step in spread(folders, MOST)))


@dataclass(frozen=True, slots=True, eq=False)
class Able:
    """What is known by now, ability after ability."""

    asked: Asking
    courses: tuple[Course, ...] = ()
    answers: int = 0  # that there will be
    problem: str = ""  # why they cannot be asked; foreign text

    @property
    def known(self) -> int:
        """How many of the answers there are."""
        return sum(len(each.steps) for each in self.courses)

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing more to come."""
        return self.known == self.answers

    def is_worth(self, before: Able | None) -> bool:
        """Whether to show it in the place of what was known before: of a run that has grown, that is more at first."""
        return before is None or self.is_whole or not before.is_whole or before.asked.run != self.asked.run


def looks(course: Course) -> str:
    """What is said of the head that looks at what followed before."""
    assert course.head is not None
    return f" L{course.head.layer} H{course.head.head} looks"


def able(asked: Asking, ask: Ask, probes: Sequence[CaseProbe]) -> Iterator[Able | None]:
    """More and more of it, now and then, and all of it; None between two pieces."""
    answers, told_at = len(probes) * len(asked.snapshots), time.monotonic()
    try:
        for courses in growing(dict(asked.snapshots), ask, probes):
            known = Able(asked, courses, answers)
            is_due = known.is_whole or time.monotonic() - told_at > OFTEN
            told_at = time.monotonic() if is_due else told_at
            yield known if is_due else None
    except Exception as error:  # it may go the next time; and no fault of ours ends the thread
        yield Able(asked, problem=said_of(error))
