"""What the processes of test_distributed.py do; run by torchrun, writes what the main one saw as JSON."""

from __future__ import annotations

import json
import os
import signal
import sys
from itertools import islice
from pathlib import Path
from typing import Any

from models.errors import UserError
from models.training.distributed import world
from tests.models.training.small_training import QUICK, training


def losses(**changes: Any) -> list[float]:
    return [report.loss for report in training(QUICK, dtype="float32", seed=world("cpu").rank, **changes).reports()]


def left_early() -> list[int]:
    """The main process leaves after two steps and comes back: the others follow."""
    run = training(QUICK, dtype="float32")
    steps = []
    reports = run.reports()
    for report in islice(reports, 2) if world("cpu").main else reports:
        steps.append(report.step)
    reports.close()
    return [*steps, *(report.step for report in run.reports())]


def resumed() -> list[float]:
    """Only the main process has the checkpoint."""
    first, second = (training(QUICK, dtype="float32", steps=8, seed=world("cpu").rank) for _ in range(2))
    told = [report.loss for report in islice(first.reports(), 8)]
    parted = training(QUICK, dtype="float32", steps=8, seed=world("cpu").rank)
    reports = parted.reports()
    again = [next(reports).loss for _ in range(4)]
    if world("cpu").main:
        second.restore(parted.state(), parted.best)
    again += [report.loss for report in second.reports()]
    return [abs(a - b) for a, b in zip(told, again, strict=True)]


def refused() -> str:
    try:
        training(QUICK, batch=9)
    except UserError as error:
        return str(error)
    return "not refused"


def died() -> str:
    """Rank 1 is killed in the middle of a run."""
    try:
        for report in training(QUICK, dtype="float32", steps=10**6).reports():
            if report.step == 3 and not world("cpu").main:
                os.kill(os.getpid(), signal.SIGKILL)
    except UserError as error:
        return str(error)
    return "nobody noticed"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # torchrun ends the others as soon as it sees one gone
    found: dict[str, Any] = {
        "muon": losses(steps=50),
        "adamw": losses(steps=50, method="adamw", accumulate=2),
        "left": left_early(),
        "resumed": resumed(),
        "refused": refused(),
    }
    if not world("cpu").main:
        Path(f"{sys.argv[1]}.1").write_text(json.dumps(found))
    Path(f"{sys.argv[1]}.0").write_text(json.dumps(found | {"died": died()}))
