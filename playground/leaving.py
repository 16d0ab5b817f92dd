"""Leaving when told to, or when the terminal is gone: the screen restored where there is one, no orphan left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from typing import Any

from textual.app import App

PATIENCE = 2.0  # seconds in which an orderly end must succeed
EVERY = 1.0  # seconds between looks at the terminal


def watch(app: App[Any]) -> None:
    """End the app on SIGHUP and SIGTERM, with 128 + the signal, and when its terminal is no more."""
    if app.is_headless:
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGHUP, signal.SIGTERM):
        loop.add_signal_handler(number, leave, app, 128 + number)
    app.set_interval(EVERY, lambda: None if _is_there() else leave(app, 128 + signal.SIGHUP))


def leave(app: App[Any], status: int) -> None:
    """An orderly end; a hard one if a terminal that is gone holds it up."""
    guard = threading.Timer(PATIENCE, os._exit, (status,))
    guard.daemon = True
    guard.start()
    app.exit(return_code=status)


def _is_there() -> bool:
    try:
        return sys.__stdin__ is not None and os.isatty(sys.__stdin__.fileno())
    except (OSError, ValueError):
        return False
