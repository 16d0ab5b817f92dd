"""The signals that end a run."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from models.runs.inbox import Inbox, Leave

WORDS = {signal.SIGINT: "by ctrl+c", signal.SIGTERM: "by a TERM signal", signal.SIGHUP: "as its terminal was closed"}


@contextmanager
def into(inbox: Inbox) -> Iterator[None]:
    """Ask the run to leave at the first INT, TERM or HUP; the second one ends the process as usual."""
    usual = {number: signal.getsignal(number) for number in WORDS}
    usual = {number: handler for number, handler in usual.items() if handler is not signal.SIG_IGN}  # nohup

    def as_usual() -> None:
        for number, handler in usual.items():
            signal.signal(number, handler)

    def ask(number: int, frame: object) -> None:
        as_usual()
        inbox.put(Leave(WORDS[signal.Signals(number)], 128 + number, measure=number == signal.SIGINT))

    for number in usual:
        signal.signal(number, ask)
    try:
        yield
    finally:
        as_usual()


def ignore() -> None:
    """Leave them to the main process, which every process of a group gets them beside."""
    for number in WORDS:
        signal.signal(number, signal.SIG_IGN)
