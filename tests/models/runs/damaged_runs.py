"""What may stand in a run's folder in the place of what a run writes, and what is then said."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def in_place_of(name: str, put: Callable[[Path], object]) -> Callable[[Path], None]:
    """Spoils a run: what it has of that name is gone, and `put` makes another thing there."""

    def spoil(run: Path) -> None:
        whole = run / name
        if os.path.lexists(whole):
            os.rename(whole, run / "away")
        put(whole)

    return spoil


DAMAGED = {
    "checkpoints is a file": (in_place_of("checkpoints", Path.touch), "checkpoints cannot be read: not a directory"),
    "checkpoints is a FIFO": (in_place_of("checkpoints", os.mkfifo), "checkpoints cannot be read: not a directory"),
    "the log is a FIFO": (in_place_of("log.jsonl", os.mkfifo), "log.jsonl is not a regular file"),
    "run.json is a FIFO": (in_place_of("run.json", os.mkfifo), "run.json is not a regular file"),
}
