"""Two processes that meet as those of torchrun do, and what those of test_distributed.py find."""

from __future__ import annotations

import json
import os
import signal
import socket
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


def meet(rank: int, port: int) -> None:
    """What torchrun tells a process that it starts; this one, forked, has torch already and knows no others yet."""
    told = {"WORLD_SIZE": 2, "RANK": rank, "LOCAL_RANK": rank, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in told.items()})
    world.cache_clear()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def find(out: Path) -> None:
    """Write as JSON what this process sees; the other is killed at the end."""
    found: dict[str, Any] = {
        "muon": losses(steps=50),
        "adamw": losses(steps=50, method="adamw", accumulate=2),
        "left": left_early(),
        "resumed": resumed(),
        "refused": refused(),
    }
    if not world("cpu").main:
        Path(f"{out}.1").write_text(json.dumps(found))
    Path(f"{out}.0").write_text(json.dumps(found | {"died": died()}))
