"""`python -m benchmarks events --seed N --count K`: random events at the real program, and what must hold all the time.

It is alive or has ended as it was told to; no traceback stands in its log or at the terminal; no control of a hostile
text comes back raw; and when it has ended, the terminal is as it was found and no process of its own is left.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import select
import signal
import sys
import tempfile
import termios
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import processes
from benchmarks.acts import RAW, SIZES, Act, act
from benchmarks.terminal import Terminal, plain

PATIENCE = 180.0  # seconds after which a program that draws nothing is held to hang
GONE = 30.0  # seconds in which the training that was left behind has saved and ended
PAUSE = 0.04  # seconds between two acts, at most
LOOK = 40  # acts between looks whether it still answers
KEPT = 60  # acts told with a finding
MODES = re.compile(rb"\x1b\[\?(\d+)([hl])")
ON_ANYWHERE = {b"25", b"7"}  # the cursor, and wrapping


@dataclass
class Campaign:
    """One seed: acts by chance, and what was found."""

    seed: int
    home: Path
    chance: random.Random = field(init=False)
    trail: deque[Act] = field(default_factory=lambda: deque(maxlen=KEPT))
    findings: list[str] = field(default_factory=list)
    done = starts = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def run(self, count: int, say: Callable[[str], None]) -> None:
        """So many events, over as many starts of the program as they take."""
        while self.done < count:
            self.starts += 1
            with _Program(self.home) as program:
                for wrong in self._live(program, count, say):
                    last = "\n".join(f"  {each.size or each.signal or each.typed!r}" for each in self.trail)
                    self.findings.append(f"seed {self.seed}, event {self.done}, start {self.starts}: {wrong}")
                    say(f"{self.findings[-1]}\nthe last acts, oldest first:\n{last}")

    def _live(self, program: _Program, count: int, say: Callable[[str], None]) -> Iterator[str]:
        """One start, until it ends or something is wrong; what is."""
        wanted = {0}
        while self.done < count:
            for each in act(self.chance):
                self.trail.append(each)
                self.done += 1
                if each.signal is not None:  # it may have left just before, or be too far gone to handle one more
                    wanted |= {128 + each.signal} | ({-each.signal} if program.echoes else set())
                program.do(each)
                program.wait(each.waits + self.chance.uniform(0, PAUSE))
                if self.done % 1000 == 0:
                    say(f"seed {self.seed}: {self.done:,} events, {self.starts} starts, {len(self.findings)} findings")
            if program.has_ended or (self.done % LOOK == 0 and not program.answers()):
                break
        if not program.has_ended and self.done < count:
            yield f"it does not answer any more; {program.stacks()}"
            return
        yield from program.farewell(wanted)


class _Program:
    """The program in a terminal, with a state directory of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.own = {"PLAYGROUND_HOME": str(home)} | {f"XDG_{name}_HOME": str(home / name) for name in ("DATA", "STATE")}
        command = [
            sys.executable,
            "-X",
            "faulthandler",
            "-m",
            "playground",
            "--model",
            "little-world",
            "--runs",
            str(home / "runs"),
        ]
        self.terminal = Terminal(command, environment=self.own)
        self.settings = termios.tcgetattr(self.terminal.side)
        self.modes: dict[bytes, bytes] = {}
        self.status: int | None = None
        self.unread, self.said, self.traceback = b"", b"", b""
        self.heard = 0  # bytes
        self.wrong: list[str] = []

    def __enter__(self) -> _Program:
        end = time.monotonic() + PATIENCE
        while "Next token" not in plain(self.said) and not self.has_ended and time.monotonic() < end:
            self.wait(0.1)
        return self

    def __exit__(self, *_ended: object) -> None:
        if self.status is None:
            os.killpg(self.terminal.pid, signal.SIGKILL)  # it leads a session of its own
            os.waitpid(self.terminal.pid, 0)
        os.close(self.terminal.side)

    @property
    def has_ended(self) -> bool:
        """Whether it has; its exit status is kept."""
        if self.status is None:
            pid, status = os.waitpid(self.terminal.pid, os.WNOHANG | os.WUNTRACED)
            if pid and os.WIFSTOPPED(status):  # ctrl+z at a terminal that it has given back already
                os.kill(pid, signal.SIGCONT)
            elif pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    @property
    def echoes(self) -> bool:
        """Whether the terminal writes by itself what is typed: the program has not begun, or has left."""
        return bool(termios.tcgetattr(self.terminal.side)[3] & termios.ECHO)

    def do(self, act: Act) -> None:
        """What the person or the terminal does."""
        if act.size is not None:
            self.terminal.resize(*act.size)
        if act.signal is not None and not self.has_ended:
            os.kill(self.terminal.pid, act.signal)
        left = act.typed
        while left and not self.has_ended:  # reading on: a full terminal takes nothing
            self._read(0.0)
            if select.select([], [self.terminal.side], [], 0.1)[1]:
                left = left[os.write(self.terminal.side, left[:256]) :]

    def wait(self, seconds: float) -> None:
        """Read for so long."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self._read(left):
            pass

    def answers(self) -> bool:
        """Whether it draws, or ends, when its terminal takes another size."""
        for width, height in ((121, 37), SIZES[0]):
            before = self.heard
            self.terminal.resize(width, height)
            end = time.monotonic() + PATIENCE
            while self.heard == before and not self.has_ended:
                if time.monotonic() > end:
                    return False
                self.wait(0.05)
        return True

    def stacks(self) -> str:
        """What it showed last and what each of its threads is at; it ends with that."""
        shown = plain(self.said)[-3000:]
        os.kill(self.terminal.pid, signal.SIGABRT)  # its fault handler writes the stacks down
        self.wait(1.0)
        return f"its last words: {shown!r}; its threads: {plain(self.said)[-6000:]}"

    def farewell(self, wanted: set[int]) -> Iterator[str]:
        """End it where it has not ended, and say what is not as it should be."""
        if not self.has_ended:
            self.do(Act(b"\x1b[27u\x1b[27u\x1b[201~\x11"))
            end = time.monotonic() + PATIENCE
            while not self.has_ended and time.monotonic() < end:
                self.wait(0.05)
        self.wait(0.2)
        yield from dict.fromkeys(self.wrong)
        if self.traceback:
            yield f"a traceback at the terminal: {plain(self.traceback)[-4000:]}"
        if self.status is None:
            yield "it does not leave"
        elif self.status not in wanted:
            yield f"it ended with {self.status}; its last words: {plain(self.said)[-6000:]!r}"
        left = {mode.decode() for mode, state in self.modes.items() if state == b"h" and mode not in ON_ANYWHERE}
        if left:
            yield f"terminal modes left on: {', '.join(sorted(left))}"
        if termios.tcgetattr(self.terminal.side) != self.settings:
            yield "the terminal's settings are not those it found"
        yield from self._left_behind()

    def _left_behind(self) -> Iterator[str]:
        log = self.home / "playground.log"
        if log.exists():
            yield f"faults in its log: {log.read_text()[-3000:]}"
            log.unlink()
        if orphans := processes.left(self.own, GONE):
            yield f"processes left behind: {orphans}"

    def _read(self, seconds: float) -> bool:
        """Some output, if any comes in that time; whether more may come."""
        if not select.select([self.terminal.side], [], [], max(seconds, 0.0))[0]:
            return True
        try:
            data = os.read(self.terminal.side, 1 << 16)
        except OSError:  # it has left
            return False
        self.heard += len(data)
        self.said = (self.said + data)[-50_000:]
        seen, self.unread = self.unread + data, data[-100:]
        self.modes |= dict(MODES.findall(seen))
        for name, payload in RAW.items():
            before, found, after = seen.partition(payload)
            if found and not self.echoes:
                self.wrong.append(f"{name} came back raw: {before[-80:]!r} {found!r} {after[:80]!r}")
        if self.traceback or b"Traceback" in seen:
            self.traceback += data
        return True


def main(argv: Sequence[str]) -> int:
    """0 if nothing was found, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks events", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of all chance (default 1)")
    parser.add_argument("--count", type=int, default=10_000, help="events (default 10,000)")
    args = parser.parse_args(argv)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="events-") as folder:
        campaign = Campaign(args.seed, Path(folder))
        campaign.run(args.count, lambda words: print(words, file=sys.stderr, flush=True))
    minutes = (time.monotonic() - begun) / 60
    print(
        f"{campaign.done:,} events with seed {args.seed}, {campaign.starts} starts, {minutes:.0f} minutes: "
        f"{len(campaign.findings)} findings"
    )
    for finding in campaign.findings:
        print(finding.splitlines()[0])
    return 1 if campaign.findings else 0
