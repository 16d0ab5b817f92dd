"""Running the program in a pseudo-terminal, and in a process of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from tests.conftest import ROOT
from tests.playground.waiting import PATIENCE

PROGRAM = (sys.executable, "-m", "playground")
MODES = re.compile(rb"\x1b\[\?(\d+)([hl])")


def start(*argv: str, program: Sequence[str] = PROGRAM, **options: Any) -> subprocess.Popen[bytes]:
    """The program, started; standard error and output are pipes unless options say otherwise."""
    settings: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*program, *argv], cwd=ROOT, **settings | options)


def in_terminal(argv: Sequence[str], typed: bytes = b"", **environment: str) -> tuple[int, str]:
    """Exit status and everything that reached the terminal; `typed` is in its input from the start."""
    screen, side = pty.openpty()
    os.write(screen, typed)
    process = start(*argv, stdin=side, stdout=side, stderr=side, env=os.environ | environment)
    os.close(side)
    seen = b""
    late = threading.Timer(PATIENCE, process.kill)
    late.start()
    try:
        while data := os.read(screen, 1 << 16):
            seen += data
    except OSError:  # the other side was closed
        pass
    late.cancel()
    os.close(screen)
    return process.wait(PATIENCE), seen.decode()


class Terminal:
    """A pseudo-terminal with the program in it; a thread reads all it writes."""

    def __init__(
        self,
        *argv: str,
        size: tuple[int, int] = (120, 36),
        environment: dict[str, str] | None = None,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self.screen, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.before = termios.tcgetattr(side)
        self.side = side
        self.seen, self.all, self.closed = b"", b"", False  # seen: since something was typed
        streams = {"stdin": side, "stdout": side, "stderr": side}
        environment = os.environ | (environment or {})
        self.process = start(*argv, program=program, env=environment, start_new_session=True, **streams)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        """Never waiting in a read: a terminal somebody reads is not gone when it is closed."""
        with suppress(OSError, ValueError):
            while not self.closed:
                if select.select([self.screen], [], [], 0.05)[0]:
                    data = os.read(self.screen, 1 << 16)
                    self.seen, self.all = self.seen + data, self.all + data

    def wait_for(self, what: str, seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while what.encode() not in self.seen:
            if time.monotonic() > end:
                raise AssertionError(f"{what!r} never came; the last was {self.seen[-300:]!r}")
            time.sleep(0.02)

    def type(self, keys: str) -> None:
        self.seen = b""
        os.write(self.screen, keys.encode("utf-8", "surrogateescape"))

    def type_until(self, first: str, keys: str, what: str) -> None:
        """Type it, and again where the first of it came while the program was still busy with something else."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.type(first)
            time.sleep(0.1)
            self.type(keys)
            with suppress(AssertionError):
                return self.wait_for(what, 2)
        raise AssertionError(f"{what!r} never came; the last was {self.seen[-300:]!r}")

    def resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self.side, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def ended(self) -> tuple[int, set[bytes], bool]:
        """Its exit status, the modes it left on, and whether the terminal's settings are those it found."""
        status = self.process.wait(PATIENCE)
        settings = termios.tcgetattr(self.side)
        os.close(self.side)
        self.reader.join(PATIENCE)  # the last it wrote is read when nobody holds the other side
        return status, modes_left_on(self.all), settings == self.before

    def close(self) -> None:
        self.closed = True
        time.sleep(0.1)
        for end in (self.side, self.screen):
            with suppress(OSError):
                os.close(end)


@contextmanager
def terminal(*argv: str, **options: Any) -> Iterator[Terminal]:
    """A terminal with the program in it, which is killed if it is still there at the end."""
    it = Terminal(*argv, **options)
    try:
        yield it
    finally:
        it.process.kill()
        it.process.wait(PATIENCE)
        it.close()


def modes_left_on(seen: bytes) -> set[bytes]:
    """Terminal modes whose last word was "on"; cursor (25) and wrapping (7) are on in any terminal."""
    last = dict(MODES.findall(seen))
    return {mode for mode, state in last.items() if state == b"h"} - {b"25", b"7"}
