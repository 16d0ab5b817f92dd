"""A run and a program that watches it: events out and commands in, a line each."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from models.errors import UserError
from models.runs.events import Event, Inbox, Leave, Started, Stepped, Warned, decode_command, encode

LONGEST = 4096  # bytes of a command's line that are looked at
CLOSED = 141  # the status of a closed pipe: 128 + SIGPIPE


class Lines:
    """Events on a descriptor, written by a thread of their own: a reader that is slow holds nobody up.

    Steps that wait for the reader become one, with their mean loss; everything else waits for its turn.
    """

    def __init__(self, descriptor: int, closed: Callable[[], None]) -> None:
        """Write there; `closed` is called, in the thread, if nobody reads any more."""
        self._descriptor, self._closed = descriptor, closed
        self._waiting: deque[Event] = deque()
        self._before, self._last = 0, 0  # the steps of the last two Stepped that are not joined
        self._over = False
        self._change = threading.Condition()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def show(self, event: Event) -> None:
        """Have it written; never waits."""
        with self._change:
            if isinstance(event, Started):
                self._before = self._last = event.step
            if isinstance(event, Stepped):
                event = self._joined(event)
            self._waiting.append(event)
            self._change.notify()

    def close(self) -> None:
        """Wait until all is written, or nobody reads any more."""
        with self._change:
            self._over = True
            self._change.notify()
        self._thread.join()

    def _joined(self, event: Stepped) -> Stepped:
        """The event, and the one that waits before it if that is a step, too."""
        step, loss = event.step, event.loss
        if self._waiting and isinstance(self._waiting[-1], Stepped):
            earlier = self._waiting.pop()
            assert isinstance(earlier, Stepped)
            share = (step - earlier.step) / (step - self._before)
            loss = share * loss + (1 - share) * earlier.loss
        else:
            self._before = self._last
        self._last = step
        return replace(event, loss=loss)

    def _next(self) -> Event | None:
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._over)
            return self._waiting.popleft() if self._waiting else None

    def _write(self) -> None:
        try:
            while event := self._next():
                line = memoryview(encode(event).encode() + b"\n")
                while line:
                    line = line[os.write(self._descriptor, line) :]
        except OSError:
            self._closed()


def listen(descriptor: int, inbox: Inbox, tell: Callable[[Event], None]) -> None:
    """Take commands from a descriptor in a thread of its own; at its end the run is asked to leave."""

    def take() -> None:
        rest = b""
        with suppress(OSError):  # of a terminal that is gone
            while data := os.read(descriptor, 1 << 16):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    _obey(line, inbox, tell)
                rest = rest[:LONGEST]
        _obey(rest, inbox, tell)
        inbox.put(Leave("as its input ended", 0))

    threading.Thread(target=take, daemon=True).start()


def _obey(line: bytes, inbox: Inbox, tell: Callable[[Event], None]) -> None:
    if not line.strip():
        return
    try:
        inbox.put(decode_command(line[:LONGEST].decode(errors="replace")))
    except UserError as error:
        tell(Warned(str(error), "command"))
