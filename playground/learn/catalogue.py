"""All lessons and challenges: every file of the two folders that is there."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TypeVar

from models.errors import UserError
from playground.learn import challenges, lessons
from playground.learn.lesson import GROUPS, Challenge, Lesson, Task

ATask = TypeVar("ATask", bound=Task)


@cache
def every() -> tuple[Task, ...]:
    """Group by group: the lessons by their numbers, then the challenges."""
    numbered = sorted(_in(lessons, Lesson), key=lambda lesson: lesson.number)
    tasks: list[Task] = [*numbered, *_in(challenges, Challenge)]
    assert len({task.key for task in tasks}) == len(tasks), "two lessons of one number"
    return tuple(task for group in GROUPS for task in tasks if task.group == group)


def named(key: str) -> Task:
    """A lesson by its number, a challenge by its name; UserError says which there are."""
    found = next((task for task in every() if task.key == key), None)
    if found is None:
        raise UserError(f"there is no lesson {key!r}", f"there are {', '.join(task.key for task in every())}")
    return found


def _in(package: ModuleType, kind: type[ATask]) -> list[ATask]:
    """What the files of a folder are, in the order of their names; a file makes one."""
    names = sorted(each.name for each in pkgutil.iter_modules(package.__path__))
    modules = [import_module(f"{package.__name__}.{name}") for name in names]
    return [next(each for each in vars(module).values() if isinstance(each, kind)) for module in modules]
