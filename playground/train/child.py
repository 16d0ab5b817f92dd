"""The process that trains, as the app sees it: its events folded into one state, its last words, and how it ended.

One thread reads both of its pipes and says at most so often that there is news, so that ten thousand lines at once cost
the screen one picture. Popen and not asyncio's subprocess, whose transport kills the process when the app leaves.
"""

from __future__ import annotations

import math
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from models.errors import UserError
from models.formats.files import reason
from models.runs import events
from models.runs.events import Command, Ended, Event, Failed, Stepped

S = TypeVar("S")

EVERY = 1 / 10  # seconds between pieces of news
LOOK = 0.25  # seconds between looks whether it is still there
PATIENCE = 3.0  # seconds that someone who leaves waits for it to save
CHUNK = 1 << 16  # bytes
AT_ONCE = "ended at once, as asked - c continues it from its last checkpoint"
KEPT = 200  # last lines of what it says on standard error ...
LONGEST = 2000  # ... each of so many characters


@dataclass(frozen=True, slots=True)
class Gone:
    """How the process ended, and one sentence about it; `orderly` where the run itself said why."""

    status: int  # its exit status; negative for the signal that ended it
    says: str
    orderly: bool


class Child(Generic[S]):
    """A training process. `take` is what is known of it; `post` is called, in a thread, when there is more."""

    def __init__(
        self,
        argv: Sequence[str],
        state: S,
        fold: Callable[[S, Event], S],
        post: Callable[[Child[S]], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start it; UserError if that is impossible."""
        self.fold, self.post = fold, post
        self.nonsense = 0  # lines that are no events
        self.odd: deque[str] = deque(maxlen=5)  # the last of them
        self.log: deque[str] = deque(maxlen=KEPT)  # the last lines of its standard error
        self.gone: Gone | None = None
        self._state, self._step = state, 0
        self._last: Ended | Failed | None = None
        self._clock = clock
        self._heard = clock()  # when it last said anything
        self._told: tuple[Command, float] | None = None  # the first command it has not answered yet, and when
        self._killed = False
        self._lock, self._untaken, self._dirty = threading.Lock(), False, False
        try:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(
                argv, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
            )
        except OSError as error:
            raise UserError(f"the training cannot be started: {reason(error)}", "try again") from None
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._stdin = self._process.stdin
        self._lines = {self._process.stdout.fileno(): _Lines(self._event, events.MAX_LINE)}
        self._lines[self._process.stderr.fileno()] = _Lines(self._said, LONGEST)
        os.set_blocking(self._stdin.fileno(), False)
        self._thread = threading.Thread(target=self._read, name="training", daemon=True)
        self._thread.start()

    @property
    def process(self) -> int:
        """Its number."""
        return self._process.pid

    def take(self) -> S:
        """Everything it has said so far, folded; the next news is posted from now on."""
        with self._lock:
            self._untaken = False
            return self._state

    def tell(self, do: Command) -> None:
        """Give it a command; one that is no longer there will say how it ended."""
        with self._lock:
            self._told = self._told or (do, self._clock())
        with suppress(OSError, ValueError):
            os.write(self._stdin.fileno(), f"{events.encode(do)}\n".encode())

    def silence(self) -> float:
        """Seconds for which it has said nothing though it was told something; 0 where nothing waits for an answer."""
        with self._lock:
            return self._clock() - max(self._told[1], self._heard) if self._told and not self.gone else 0.0

    def kill(self) -> None:
        """End it at once; only what it has saved is kept. For one that does not answer."""
        self._killed = True
        self._process.kill()

    def leave(self) -> None:
        """No more commands: it saves and ends by itself, whether anyone waits for it or not."""
        with suppress(OSError):
            self._stdin.close()

    def wait(self, seconds: float = PATIENCE) -> bool:
        """Whether it ends within so many seconds; it is not killed for that."""
        self._thread.join(seconds)
        return self.gone is not None

    # in the thread ---------------------------------------------------------------------------------------------

    def _read(self) -> None:
        said = -math.inf  # by a clock that may have been started a moment ago
        open_pipes = set(self._lines)
        while open_pipes:
            with self._lock:
                untaken = self._untaken
            pause = max(said + EVERY - time.monotonic(), 0.001) if self._dirty and not untaken else LOOK
            gone = self._process.poll() is not None  # asked first: all that it wrote is in the pipes by then
            ready, _, _ = select.select(list(open_pipes), [], [], pause)
            for pipe in ready:
                if not self._pump(pipe):
                    open_pipes.discard(pipe)
            if gone and not ready:
                break  # a process of its own may hold the pipes open for ever
            if self._dirty and time.monotonic() - said >= EVERY and self._news():
                said = time.monotonic()
        self._end()

    def _pump(self, pipe: int) -> bool:
        data = os.read(pipe, CHUNK)
        self._lines[pipe].feed(data)
        self._dirty = True
        return bool(data)

    def _news(self) -> bool:
        """Say that there is news, unless the last was not yet heard."""
        with self._lock:
            if self._untaken:
                return False
            self._untaken, self._dirty = True, False
        self.post(self)
        return True

    def _event(self, line: str, whole: bool) -> None:
        try:
            event = events.decode(line if whole else "")
            state = self.fold(self._state, event)
        except Exception:  # an event that makes no sense after those before it is nonsense too
            self.nonsense += 1
            self.odd.append(line[:LONGEST])
            return
        if isinstance(event, Ended | Failed):
            self._last = event
        self._step = event.step if isinstance(event, Stepped) else self._step
        with self._lock:
            self._state, self._heard = state, self._clock()
            if self._told and self._told[0] != "stop":  # which its end alone answers
                self._told = None

    def _said(self, line: str, whole: bool) -> None:
        if line.strip():
            self.log.append(line)

    def _end(self) -> None:
        status = self._process.wait()
        self.leave()
        ended = ending(status, self._last, self._step)
        self.gone = Gone(status, AT_ONCE, orderly=True) if self._killed and not ended.orderly else ended
        with self._lock:
            self._untaken = True
        self.post(self)


class _Lines:
    """Bytes in, lines out; of a line that is too long only the start, and that it is not whole."""

    def __init__(self, give: Callable[[str, bool], None], longest: int) -> None:
        self.give, self.longest = give, longest
        self.rest, self.cut = b"", False

    def feed(self, data: bytes) -> None:
        """Some more; nothing means that no more will come."""
        *lines, self.rest = (self.rest + data).split(b"\n") if data else (self.rest, b"")
        for line in lines:
            if line or data:
                self._give(line)
        if len(self.rest) > self.longest:
            if not self.cut:
                self.give(self.rest[: self.longest].decode(errors="replace"), False)
            self.rest, self.cut = b"", True

    def _give(self, line: bytes) -> None:
        if not self.cut:
            self.give(line[: self.longest].decode(errors="replace"), len(line) <= self.longest)
        self.cut = False


def command(*words: str) -> list[str]:
    """The program's own command line with these words; what lies in the working folder is not taken for a module."""
    safe = [] if os.getcwd() in sys.path or "" in sys.path else ["-P"]
    return [sys.executable, *safe, "-m", "playground", *words]


def ending(status: int, last: Ended | Failed | None, step: int) -> Gone:
    """One sentence about how a process ended: its own, or what its exit status tells."""
    if last is not None and status == last.status:
        return Gone(status, last.why, orderly=isinstance(last, Ended) or status == 2)
    where = f" after step {step:,}" if step else " before its first step"
    onward = "continue it from its last checkpoint (c)" if step else "its last words say more"
    if status < 0:
        return Gone(status, f"the training was killed ({_signal(-status)}){where} - {onward}", orderly=False)
    return Gone(status, f"the training ended by itself{where} with exit status {status} - {onward}", orderly=False)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
