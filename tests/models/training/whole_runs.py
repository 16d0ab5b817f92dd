"""Small runs on a real text, from beginning to end."""

from __future__ import annotations

from pathlib import Path
from queue import SimpleQueue
from typing import Any

from models.runs import TrainConfig
from models.runs.events import Command, Event, Inbox, Leave, Working
from models.training import opening
from models.training.corpus import text_spec
from models.training.run import How, Run

TEXT = "to be, or not to be, that is the question:\n" * 60
CONFIG = TrainConfig(
    n_layer=1, n_head=2, n_embd=16, block_size=16, batch=4, steps=12, eval_every=4, warmup=2, dropout=0.1, threads=1
)  # fmt: skip
EVERY_STEP = How(every=0)


def begin(out: Path, text: Path, **changes: Any) -> Run:
    config = TrainConfig.from_dict(CONFIG.as_dict() | changes)
    return opening.create(out, config, text_spec(text), ("playground", "train", "text.txt"))


def saying(*what: Command | Leave) -> Inbox:
    inbox: Inbox = SimpleQueue()
    for each in what:
        inbox.put(each)
    return inbox


def all_of(run: Run, inbox: Inbox | None = None, how: How = EVERY_STEP) -> list[Event]:
    with run:
        return list(run.events(inbox or saying(), how))


def kinds(events: list[Event]) -> list[str]:
    """What happened beside the work between steps, in short: the kind and the step of each."""
    return [
        f"{type(each).__name__.lower()} {getattr(each, 'step', '')}".rstrip()
        for each in events
        if not isinstance(each, Working)
    ]


def weights(out: Path) -> bytes:
    return (out / "model" / "model.safetensors").read_bytes()
