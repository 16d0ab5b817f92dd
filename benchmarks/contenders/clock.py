"""Wall-clock and processor time at each mark."""

from __future__ import annotations

import time

Steps = dict[str, list[int]]  # "wall" and "cpu": nanoseconds a step


class Clock:
    """Mark the start and the end of every step; `steps` are the times between marks."""

    def __init__(self) -> None:
        self.wall: list[int] = []
        self.cpu: list[int] = []

    def mark(self) -> None:
        """Now."""
        self.cpu.append(time.process_time_ns())
        self.wall.append(time.perf_counter_ns())

    def steps(self, skip: int = 0) -> Steps:
        """Times between neighbouring marks, the first `skip` left out."""
        return {"wall": _between(self.wall)[skip:], "cpu": _between(self.cpu)[skip:]}

    def pairs(self) -> Steps:
        """Times between the first and second mark, the third and fourth, and so on."""
        return {"wall": _between(self.wall)[::2], "cpu": _between(self.cpu)[::2]}


def _between(marks: list[int]) -> list[int]:
    return [after - before for before, after in zip(marks, marks[1:], strict=False)]
