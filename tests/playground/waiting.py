"""Waiting for what a test needs, and for nothing else: no test depends on how fast a machine is."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from textual.app import App
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.worker import WorkerError

PATIENCE = 240.0  # seconds until something is held to be lost, also on a machine that stood still for a while
OFTEN = 0.01  # seconds between two looks
DRAWINGS = 20  # one after the other, after which each is taken to lead to the next for ever
ROUNDS = 10_000  # of the event loop, after which what still calls for itself is taken to do so for ever


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


def is_at_rest() -> bool:
    """Whether nothing is left to do in this thread but what a clock, a thread or a process must bring first."""
    return not asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # nothing public tells


async def rest() -> None:
    """Until all has been done that can be done now."""
    for _ in range(ROUNDS):
        await asyncio.sleep(0)
        if is_at_rest():
            break


def pumps(app: App[Any]) -> list[MessagePump]:
    """Whoever may be told something while this screen is on top."""
    return [app, *(app.screen.walk_children(with_self=True) if app.screen_stack else ())]


async def arrive(app: App[Any]) -> None:
    """Until the screen that is gone to is there: its module is loaded in a thread."""
    for worker in [each for each in app.workers if each.group == "showing" and not each.is_finished]:
        with suppress(WorkerError):
            await worker.wait()


def is_held_up(pump: MessagePump) -> bool:
    """Whether it is in the midst of a message, for which it waits for something itself."""
    return pump.is_running and not pump._message_queue.ready_event._waiters  # asyncio's, which tells it nobody


def in_time(do: Callable[[], object]) -> None:
    """Fail where it holds up whoever calls it."""
    thread = threading.Thread(target=do, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert not thread.is_alive(), "it waits for somebody"
