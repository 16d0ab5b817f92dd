"""Contenders run side by side: each in its own process, one thread each, taking turns within one run."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from benchmarks.environment import ROOT
from benchmarks.table import Spread

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


class Contender:
    """A process that answers requests."""

    def __init__(self, name: str, python: Path | str = sys.executable) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [str(python), "-m", "benchmarks.contenders", name], cwd=ROOT, env=os.environ | ONE_THREAD, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def ask(self, job: str, **numbers: Any) -> Any:
        """Have it do one job."""
        assert self.process.stdin is not None and self.process.stdout is not None
        print(json.dumps({"job": job, **numbers}), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.name} ended while doing {job} {numbers}")
        return json.loads(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


@dataclass(frozen=True)
class Entry:
    """One contender's job, under the name it has in the table."""

    contender: Contender
    job: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """The median step of each round, in milliseconds."""

    wall: list[float]
    cpu: list[float]

    def over(self, other: Result) -> tuple[Spread, Spread]:
        """How many times as long this one took, round by round: by the wall clock and by processor time."""
        return (
            Spread.of([mine / its for mine, its in zip(self.wall, other.wall, strict=True)]),
            Spread.of([mine / its for mine, its in zip(self.cpu, other.cpu, strict=True)]),
        )


def contest(entries: Mapping[str, Entry], rounds: int) -> dict[str, Result]:
    """All entries in turn, again and again; a first round warms up and is not counted."""
    results = {name: Result([], []) for name in entries}
    for turn in range(rounds + 1):
        for name, entry in entries.items():
            steps = entry.contender.ask(entry.job, **entry.numbers)
            if turn:
                results[name].wall.append(statistics.median(steps["wall"]) / 1e6)
                results[name].cpu.append(statistics.median(steps["cpu"]) / 1e6)
    return results
