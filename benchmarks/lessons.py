"""The lessons that train: how long the runs of each take, one after the other, as the command trains them."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from pathlib import Path

from benchmarks.table import Part, Spread
from playground.learn.catalogue import every
from playground.learn.training import trained

MOST = 20.0  # seconds that the runs of a lesson may take together, on two cores that have nothing else to do
ROUNDS = 3  # at most


def run(rounds: int) -> Part:
    """The part."""
    part = Part("lessons", f"The lessons that train: all runs of each, in at most {MOST:g} s")
    busy = os.getloadavg()[0]
    for task in (task for task in every() if task.runs):
        took, worked = list[float](), list[float]()
        for _ in range(min(rounds, ROUNDS)):
            with tempfile.TemporaryDirectory() as folder:
                began, before = time.perf_counter(), _worked()
                for plan in task.runs:
                    trained(plan, Path(folder))
                took.append(time.perf_counter() - began)
                worked.append(_worked() - before)
        part.at_most(f"{task.title}, runs: {len(task.runs)}", Spread.of(took), MOST, "s")
        part.add("  of processors' time", Spread.of(worked), "s")
    part.notes.append(f"load when it began {busy:.1f}, at its end {os.getloadavg()[0]:.1f}: above 1 it says little")
    return part


def _worked() -> float:
    """Seconds that processors have worked for the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
