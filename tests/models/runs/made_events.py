"""What the tests of runs share: events with figures of some shape."""

from __future__ import annotations

from models.runs.events import Measured, Stepped


def stepped(step: int, loss: float = 2.5) -> Stepped:
    return Stepped(step, step / 9999, step * 64, step / 7, loss, 5e-3, 0.98765, 12345.6, 1.5e11, 300 << 20, 1e3)


def measured(step: int, held_out: float, best: bool = False) -> Measured:
    return Measured(step, step / 7, 2.5, held_out, best, (3.0, 2.0), {"embed": 0.5, "0": 0.25}, {"0": 1e-3})
