"""The terminal at its worst: input that is no text, a signal to leave, the terminal gone.

None of it ends the program early, and none leaves the screen as it was or an orphan behind.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from typing import Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

PATIENCE = 2.0  # seconds in which an orderly end must succeed
EVERY = 1.0  # seconds between looks at the terminal


class PatientDriver(LinuxDriver):
    """Reads on after input that cannot be decoded; what stood in the same read is lost, nothing else is."""

    def run_input_thread(self) -> None:
        """As Textual's, started again after a fault in the input."""
        while not self.exit_event.is_set():
            try:
                super().run_input_thread()
            except (ValueError, OverflowError):  # UnicodeDecodeError is a ValueError
                continue


def watch(app: App[Any]) -> None:
    """End the app on SIGHUP and SIGTERM, with 128 + the signal, and when its terminal is no more.

    Neither waits for the event loop: writing to a terminal that is gone can hold it up for ever.
    """
    if app.is_headless:
        return
    loop = asyncio.get_running_loop()

    def leave(status: int) -> None:
        guard = threading.Timer(PATIENCE, os._exit, (status,))
        guard.daemon = True
        guard.start()
        loop.call_soon_threadsafe(lambda: app.exit(return_code=status))

    def look() -> None:
        while _is_there():
            time.sleep(EVERY)
        leave(128 + signal.SIGHUP)

    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, lambda told, _frame: leave(128 + told))
    threading.Thread(target=look, name="terminal", daemon=True).start()


def _is_there() -> bool:
    try:
        return sys.__stdin__ is not None and os.isatty(sys.__stdin__.fileno())
    except (OSError, ValueError):
        return False
