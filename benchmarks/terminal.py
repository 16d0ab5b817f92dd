"""A program in a pseudo-terminal: keys in, and when what it drew came out."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import tempfile
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from benchmarks.environment import ROOT

COMPILED = tempfile.TemporaryDirectory(prefix="benchmarks-")
ESCAPES = re.compile(rb"\x1b(\[[0-9;?<>=]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[@-Z\\^_])")


class Terminal:
    """Reads all that comes, and notes when."""

    def __init__(
        self,
        argv: Sequence[str],
        columns: int = 120,
        rows: int = 36,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.started = time.perf_counter()
        self.pid, self.side = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
            for name in ("NO_COLOR", "PYTHONDONTWRITEBYTECODE"):
                os.environ.pop(name, None)
            os.environ.update(environment)
            os.environ["PYTHONPYCACHEPREFIX"] = COMPILED.name  # compiled once, as for anybody who starts it twice
            os.execvp(argv[0], list(argv))
        self.resize(columns, rows)
        self.seen = b""
        self.last_output = 0.0

    def resize(self, columns: int, rows: int) -> None:
        """The terminal takes this size, and the system tells the program."""
        fcntl.ioctl(self.side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, until: Callable[[bytes], bool], seconds: float = 300) -> float:
        """Read until what came since the last `forget` satisfies the condition; when that was."""
        end = time.perf_counter() + seconds
        while not until(self.seen):
            if not self._read_some(end - time.perf_counter()):
                raise TimeoutError(f"the program never showed it; it showed {self.text()[-500:]!r}")
        return self.last_output

    def settle(self, quiet: float) -> float:
        """Read until nothing came for so many seconds; when the last byte came."""
        while self._read_some(quiet):
            pass
        return self.last_output

    def first(self, seconds: float) -> float:
        """When the first bytes came, which are waited for so long."""
        self._read_some(seconds)
        return self.last_output

    def wait(self, seconds: float) -> None:
        """Read for so long, whatever comes."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self._read_some(left)

    def press(self, key: bytes) -> float:
        """Type a key and forget what was shown before it; when that was."""
        self.seen = b""
        now = time.perf_counter()
        os.write(self.side, key)
        return now

    def text(self) -> str:
        """What was shown, without colours and cursor movements."""
        return plain(self.seen)

    def processor_seconds(self) -> float:
        """Processor time the program has used so far; NaN where the system does not say."""
        stat = Path(f"/proc/{self.pid}/stat")
        if not stat.exists():
            return float("nan")
        ticks = stat.read_text().rpartition(")")[2].split()
        return (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """Leave the program's way out alone for a second, then end it."""
        os.write(self.side, b"\x11")  # ctrl+q
        try:
            self.settle(1)
        finally:
            os.close(self.side)
            os.waitpid(self.pid, 0)

    def _read_some(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.side], [], [], max(0, seconds))
        if not ready:
            return False
        try:
            data = os.read(self.side, 1 << 16)
        except OSError:  # the program has left
            return False
        self.last_output = time.perf_counter()
        self.seen += data
        return bool(data)


def plain(output: bytes) -> str:
    """Without escape sequences."""
    return ESCAPES.sub(b"", output).decode(errors="replace")
