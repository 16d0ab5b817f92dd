"""Leaving when told to, or when the terminal is gone: the screen restored where there is one, no orphan left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from typing import Any

from textual.app import App

PATIENCE = 2.0  # seconds in which an orderly end must succeed
EVERY = 1.0  # seconds between looks at the terminal


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
