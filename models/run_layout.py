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


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The places in a run's folder, whether they are there or not."""

    path: Path

    @property
    def about(self) -> Path:
        """What makes it the folder of a run."""
        return self.path / "run.json"

    @property
    def lock(self) -> Path:
        """The file that is locked."""
        return self.path / "lock"

    @property
    def log(self) -> Path:
        """The events so far."""
        return self.path / "log.jsonl"

    @property
    def tokens(self) -> Path:
        """The text as tokens."""
        return self.path / "tokens"

    @property
    def world_text(self) -> Path:
        """The text that the little world wrote."""
        return self.path / "little-world.txt"

    @property
    def checkpoints(self) -> Path:
        """Where it goes on from."""
        return self.path / "checkpoints"

    @property
    def snapshots(self) -> Path:
        """Models on the way."""
        return self.path / "snapshots"

    def snapshot(self, step: int) -> Path:
        """The model of that step."""
        return self.snapshots / f"step-{step:09d}"

    @property
    def model(self) -> Path:
        """The best model so far."""
        return self.path / "model"
