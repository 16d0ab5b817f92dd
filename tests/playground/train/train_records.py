"""Events of runs for tests: what a run of a hundred steps says, and the records they make."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from models.runs.config import TrainConfig
from models.runs.events import Event, Measured, Sampled, Snapshot, Started, Stepped
from playground.train.record import Record

CONFIG = TrainConfig(n_layer=2, n_head=4, n_embd=32, block_size=16, batch=4, steps=100, eval_every=10)


def started(step: int = 0, config: TrainConfig = CONFIG, **changes: Any) -> Started:
    event = Started(
        "/runs/x", step, config.as_dict(), 25_408, 1_003_854, 111_540, 65, 4711, 2, "bfloat16", 2e11,
        {"bigram": 2.482, "n-gram": 1.713}, 0.605,
    )  # fmt: skip
    return replace(event, **changes)


def stepped(step: int, loss: float | None = None, **changes: Any) -> Stepped:
    value = 1.5 + 3 * math.exp(-step / 20) if loss is None else loss
    event = Stepped(step, step / 100, 64 * step, 0.5 * step, value, 3e-3, 0.734, 12_345.0, 4.2e10, 651_000_000, 754.0)
    return replace(event, **changes)


def measured(step: int, held_out: float | None = None, **changes: Any) -> Measured:
    value = 1.6 + 3 * math.exp(-step / 20) if held_out is None else held_out
    positions = tuple(value + 0.5 / (1 + at) for at in range(16))
    layers = {"embed": 0.375, "0": 0.533, "1": 0.253, "ln_f": 0.0312}
    updates = {"embed": 0.0123, "0": 1.7e-3, "1": 4.2e-7, "ln_f": 0.25}
    event = Measured(step, 0.5 * step, value - 0.1, value, False, positions, layers, updates)
    return replace(event, **changes)


def course(steps: int = 100, every: int = 10) -> list[Event]:
    """A whole run but for its end."""
    events: list[Event] = [started(), Snapshot(0, "snapshots/step-000000000")]
    for step in range(1, steps + 1):
        events.append(stepped(step))
        if step % every == 0:
            events += [
                measured(step),
                Sampled(step, f"line one at {step}\nline two"),
                Snapshot(step, f"snapshots/{step}"),
            ]
    return events


def live(events: Iterable[Event]) -> Record:
    record = Record()
    for event in events:
        record = record.after(event)
    return record


@cache
def book() -> Record:
    return live(course())
