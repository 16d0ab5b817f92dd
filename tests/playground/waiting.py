"""Waiting for what a test needs, and for nothing else: no test depends on how fast a machine is."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from textual.pilot import Pilot

PATIENCE = 240.0  # seconds until something is held to be lost, also on a machine that stood still for a while
OFTEN = 0.01  # seconds between two looks


async def until(pilot: Pilot[Any], true: Callable[[], object], told: Callable[[], Sequence[str]] = tuple) -> None:
    """Until it is true and drawn; `told` says what there was to hear when it never comes.

    Between two looks the app goes on by itself: asking all its widgets whether they are done keeps others from working.
    """
    await at_last(true, told)
    await pilot.pause()


async def at_last(true: Callable[[], object], told: Callable[[], Sequence[str]] = tuple) -> None:
    """Until it is true, also once the app is gone: a thread of it may still be at work."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"it never came; {told()}"
        await asyncio.sleep(OFTEN)


def in_time(do: Callable[[], object]) -> None:
    """Fail where it holds up whoever calls it."""
    thread = threading.Thread(target=do, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive(), "it waits for somebody"
