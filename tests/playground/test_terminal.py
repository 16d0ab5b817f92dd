"""The program in a real pseudo-terminal: what reaches the terminal, how it ends, and that it ends."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.playground.program import start
from tests.playground.waiting import PATIENCE

MODES = re.compile(rb"\x1b\[\?(\d+)([hl])")
PAYLOAD = "\x1b]52;c;aGFjaw==\x07\x1b]0;taken\x07[/][red]x[/red]\u202e\u200b\x9b31m"


class Terminal:
    """A pseudo-terminal with the program in it; a thread reads all it writes."""

    def __init__(
        self, *argv: str, size: tuple[int, int] = (120, 36), environment: dict[str, str] | None = None
    ) -> None:
        self.screen, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.before = termios.tcgetattr(side)
        self.side = side
        self.seen, self.closed = b"", False
        self.process = start(
            *argv, stdin=side, stdout=side, stderr=side, env=os.environ | (environment or {}), start_new_session=True
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        """Never waiting in a read: a terminal somebody reads is not gone when it is closed."""
        with suppress(OSError, ValueError):
            while not self.closed:
                if select.select([self.screen], [], [], 0.05)[0]:
                    self.seen += os.read(self.screen, 1 << 16)

    def wait_for(self, what: str, seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while what.encode() not in self.seen:
            if time.monotonic() > end:
                raise AssertionError(f"{what!r} never came; the last was {self.seen[-300:]!r}")
            time.sleep(0.02)

    def type(self, keys: str) -> None:
        self.seen = b""
        os.write(self.screen, keys.encode("utf-8", "surrogateescape"))

    def resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self.side, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def close(self) -> None:
        self.closed = True
        time.sleep(0.1)
        for end in (self.side, self.screen):
            with suppress(OSError):
                os.close(end)


@contextmanager
def terminal(
    *argv: str, size: tuple[int, int] = (120, 36), environment: dict[str, str] | None = None
) -> Iterator[Terminal]:
    it = Terminal(*argv, size=size, environment=environment)
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


def test_it_opens_steps_and_leaves_the_terminal_as_it_was(tiny_folder: Path) -> None:
    with terminal("--model", str(tiny_folder), "--prompt", "to be") as it:
        it.wait_for("Next token")
        everything = it.seen
        it.type(" ")
        it.wait_for("6/16")
        everything += it.seen
        it.type("q")
        assert it.process.wait(PATIENCE) == 0
        time.sleep(0.1)
        assert modes_left_on(everything + it.seen) == set()
        assert termios.tcgetattr(it.side) == it.before


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_told_to_leave_it_leaves(tiny_folder: Path, number: signal.Signals, status: int) -> None:
    with terminal("--model", str(tiny_folder), "--prompt", "to be") as it:
        it.wait_for("Next token")
        everything = it.seen
        it.type("")
        it.process.send_signal(number)
        assert it.process.wait(PATIENCE) == status
        time.sleep(0.1)
        assert modes_left_on(everything + it.seen) == set()


def test_a_closed_terminal_leaves_no_orphan(tiny_folder: Path) -> None:
    with terminal("--model", str(tiny_folder), "--prompt", "to be") as it:
        it.wait_for("Next token")
        it.close()
        assert it.process.wait(PATIENCE) == 129


def test_hostile_text_never_reaches_the_terminal_as_it_is(tiny_folder: Path) -> None:
    with terminal("--model", str(tiny_folder), "--prompt", "to be") as it:
        it.wait_for("Next token")
        it.type("e")
        it.wait_for("done")
        it.type(f"\x1b[200~{PAYLOAD}\x1b[201~")  # as a terminal sends what is pasted
        it.wait_for("never seen")
        for payload in ("\x1b]52", "\x1b]0;taken", "\u202e", "\u200b", "\x9b31m"):
            assert payload.encode("utf-8", "surrogateescape") not in it.seen
        assert it.process.poll() is None


def test_a_model_folder_with_a_hostile_name_is_only_shown(tiny_folder: Path, tmp_path: Path) -> None:
    evil = tmp_path / "\x1b]0;taken\x07[red]model"
    evil.symlink_to(tiny_folder)
    with terminal("--model", str(evil), "--prompt", "to be") as it:
        it.wait_for("Next token")
        assert b"\x1b]0;taken" not in it.seen


@pytest.mark.parametrize("environment", [{"NO_COLOR": ""}, {"NO_COLOR": "1"}, {"COLORTERM": "", "TERM": "xterm"}])
def test_few_or_no_colours(tiny_folder: Path, environment: dict[str, str]) -> None:
    with terminal("--model", str(tiny_folder), "--prompt", "to be", environment=environment) as it:
        it.wait_for("Next token")
        it.type("x")
        it.wait_for("KL")
        assert it.process.poll() is None


def test_bytes_that_are_no_text_and_sizes_that_are_no_size(tiny_folder: Path) -> None:
    with terminal("--model", str(tiny_folder), "--prompt", "to be") as it:
        it.wait_for("Next token")
        for width, height in ((1, 1), (400, 3), (30, 90), (120, 36)):
            it.resize(width, height)
            time.sleep(0.05)
        for nonsense in ("\x1b[99~", "\x1b[99999999999u", "\udcff\udc80", "\x1b[<999999999999;1;1M"):
            it.type(nonsense)
            time.sleep(0.2)
        it.type(" ")
        it.wait_for("6/16")
        assert it.process.poll() is None


def test_without_a_terminal_it_says_what_to_do(tiny_folder: Path) -> None:
    process = start("--model", str(tiny_folder), stdin=subprocess.DEVNULL)
    _, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2 and b"needs a terminal" in error and b"--plain" in error and error.count(b"\n") == 1
