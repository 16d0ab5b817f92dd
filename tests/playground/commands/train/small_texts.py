"""A text and settings that train in a moment."""

from __future__ import annotations

from models.runs import events
from models.runs.events import Event

TEXT = "to be, or not to be, that is the question:\n" * 60
SMALL = "--layers 1 --heads 2 --width 16 --context 16 --batch 4 --eval-every 4 --threads 1".split()


# what it leaves


def lines_of(out: str) -> list[Event]:
    return [events.decode(line) for line in out.splitlines()]
