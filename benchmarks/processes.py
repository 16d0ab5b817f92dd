"""Which processes a program has started, by the environment that they have from it; Linux."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path


def running(environment: Mapping[str, str]) -> list[int]:
    """Those that run with this environment."""
    marks = {f"{name}={value}".encode() for name, value in environment.items()}
    return [int(each.parent.name) for each in Path("/proc").glob("[0-9]*/environ") if marks <= _words(each)]


def left(environment: Mapping[str, str], seconds: float) -> list[int]:
    """Those that still run after so long; at once if none does."""
    end = time.monotonic() + seconds
    while (found := running(environment)) and time.monotonic() < end:
        time.sleep(0.1)
    return found


def _words(file: Path) -> set[bytes]:
    try:
        return set(file.read_bytes().split(b"\0"))
    except OSError:  # it has just ended, or is somebody else's
        return set()
