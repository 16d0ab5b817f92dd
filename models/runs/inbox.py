"""What reaches a run from outside while it trains; it looks between two steps."""

from __future__ import annotations

from dataclasses import dataclass
from queue import SimpleQueue

from models.runs.events import Command


@dataclass(frozen=True, slots=True)
class Leave:
    """To save and leave, whatever else waits."""

    why: str  # in words that follow "stopped": "by ctrl+c"
    status: int  # to leave with
    measure: bool = False  # first measure the model in full, for who has time to wait


# threads and signal handlers put, which SimpleQueue allows at any moment, even while the same thread takes
Inbox = SimpleQueue[Command | Leave]
