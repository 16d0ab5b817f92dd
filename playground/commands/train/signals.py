"""The signals that end a run."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from models.runs.events import Inbox, Leave

PARENT_ENDS = 1  # PR_SET_PDEATHSIG in linux/prctl.h
WORDS = {
    signal.SIGINT: "by ctrl+c",
    signal.SIGTERM: "by a TERM signal",
    signal.SIGQUIT: "by a QUIT signal",
    signal.SIGHUP: "as its terminal was closed",
}


@contextmanager
def into(inbox: Inbox) -> Iterator[None]:
    """Ask the run to leave at the first INT, TERM, QUIT or HUP; the second one ends the process as usual.

    Not where torchrun passes on what came to it: ctrl+c reaches its processes twice, and it kills what does not end.
    """

    def ask(number: int) -> None:
        inbox.put(Leave(WORDS[signal.Signals(number)], 128 + number, measure=number == signal.SIGINT))

    with _first(ask, then_usual=not by_torchrun()):
        yield


@contextmanager
def at_once() -> Iterator[None]:
    """Leave at the first of them by SystemExit, which takes back on its way what was begun."""

    def leave(number: int) -> None:
        raise SystemExit(128 + number)

    with _first(leave, then_usual=True):
        yield


@contextmanager
def _first(do: Callable[[int], None], then_usual: bool) -> Iterator[None]:
    """Have the first signal do that, and those after it what they usually do, or nothing."""
    usual = {number: signal.getsignal(number) for number in WORDS}
    usual = {number: handler for number, handler in usual.items() if handler is not signal.SIG_IGN}  # nohup

    def as_usual() -> None:
        for number, handler in usual.items():
            signal.signal(number, handler)

    def take(number: int, frame: object) -> None:
        as_usual() if then_usual else ignore()
        do(number)

    for number in usual:
        signal.signal(number, take)
    try:
        yield
    finally:
        as_usual()


def by_torchrun() -> bool:
    """Whether torchrun started this process."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def end_with_torchrun() -> None:
    """Have the system send TERM when the parent ends: a torchrun that is killed ends no process of its own."""
    with suppress(AttributeError, OSError, TypeError):  # Linux alone can do that
        ctypes.CDLL(None).prctl(PARENT_ENDS, signal.SIGTERM)


def ignore() -> None:
    """Leave them to the main process, which every process of a group gets them beside."""
    for number in WORDS:
        signal.signal(number, signal.SIG_IGN)
