"""What lies where in a run's folder. No other file knows these names.

RUN/
├── run.json          its settings, what it learns from, its command; written once (catalogue.py)
├── lock              held by the process that trains (lock.py)
├── log.jsonl         what happened, an event a line (history.py)
├── tokens/           the text as token files, and the tokenizer (corpora/token_files.py)
├── little-world.txt  what the little world wrote, where that is the text
├── checkpoints/      to go on from: the last few, and the best weights of each (checkpoints.py)
├── snapshots/        models on the way, for the timeline (snapshots.py)
│   └── step-000000300/
└── model/            the best model so far
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class _Place:
    """A path in a run's folder."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, run: RunFolder, owner: type) -> Path:
        return run.path / self.name


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The places in a run's folder, whether they are there or not."""

    path: Path
    about = _Place("run.json")  # what makes it the folder of a run
    lock = _Place("lock")
    log = _Place("log.jsonl")
    tokens = _Place("tokens")
    world_text = _Place("little-world.txt")
    checkpoints = _Place("checkpoints")
    snapshots = _Place("snapshots")
    model = _Place("model")

    def snapshot(self, step: int) -> Path:
        """The model of that step."""
        return self.snapshots / f"step-{step:09d}"
