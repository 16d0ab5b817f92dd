"""Running the program in a pseudo-terminal, and in a process of its own."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

from tests.conftest import ROOT
from tests.playground.waiting import PATIENCE

PROGRAM = (sys.executable, "-m", "playground")


def start(*argv: str, **options: Any) -> subprocess.Popen[bytes]:
    """The program, started; standard error and output are pipes unless options say otherwise."""
    settings: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*PROGRAM, *argv], cwd=ROOT, **settings | options)


def in_terminal(argv: Sequence[str], typed: bytes = b"", **environment: str) -> tuple[int, str]:
    """Exit status and everything that reached the terminal; `typed` is in its input from the start."""
    screen, side = pty.openpty()
    os.write(screen, typed)
    process = start(*argv, stdin=side, stdout=side, stderr=side, env=os.environ | environment)
    os.close(side)
    seen = b""
    late = threading.Timer(PATIENCE, process.kill)
    late.start()
    try:
        while data := os.read(screen, 1 << 16):
            seen += data
    except OSError:  # the other side was closed
        pass
    late.cancel()
    os.close(screen)
    return process.wait(PATIENCE), seen.decode()
