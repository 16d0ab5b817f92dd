"""What the command palette finds of Learn: lessons and challenges."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from playground.kit.commands import Command
from playground.learn.catalogue import every
from playground.learn.host import Learner
from playground.learn.panes.about import asks


def found(app: Learner) -> Iterator[Command]:
    """Each of them."""
    for task in every():
        yield Command("Begin a lesson", task.title, asks(task), partial(app.teach, task))
