"""How the process ends: not in the middle of what a thread computes."""

from __future__ import annotations

import subprocess
import sys

from tests.playground.waiting import PATIENCE

SCRIPT = """
import atexit, sys, threading
import numpy as np
from playground import cli
from playground.__main__ import main

def compute():
    busy.set()
    while True:
        values @ values

def run():
    for _ in range(3):
        threading.Thread(target=compute, daemon=True).start()
    busy.wait()
    print("said")
    return 5

values, busy = np.random.default_rng(0).random((500, 500), np.float32), threading.Event()
atexit.register(lambda: print("kept"))
cli.main = run
sys.exit(main())
"""


def test_threads_that_still_compute_neither_hold_nor_abort_the_end() -> None:
    for _ in range(3):  # left to Python's farewell, about every second hangs
        done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=PATIENCE)
        assert (done.returncode, done.stdout, done.stderr) == (5, "said\nkept\n", "")
