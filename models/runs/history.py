"""What happened in a run, an event a line in its log: enough for its curves, however long it was."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from models.errors import UserError
from models.formats.files import open_own, read_bytes, reason, refusing, write_whole
from models.run_layout import RunFolder
from models.runs.events import Ended, Event, Stepped, decode, encode

STEPS = 2000  # lines of steps, at most
MAX_LOG = 1 << 28  # bytes
UNWRITTEN = "the run's log cannot be written", "check the folder"
STEP_LINE = b'{"event": "stepped"'  # as `encode` writes it


class History:
    """The log of one run, written by the process that has its lock.

    A line is handed to the system whole, so a kill leaves at most one torn line, the last. What is wrong with the disk
    or with the file stops no run: then `trouble` says why lines are missing.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Go on after what is there, or begin; UserError if that cannot be."""
        self.path, self.trouble = RunFolder(Path(folder)).log, ""
        self._gap, self._pending = 1, list[Stepped]()
        with refusing(*UNWRITTEN):
            _end_whole(self.path)
            self._file = _open(self.path)
        steps = [event.step for event in read(folder) if isinstance(event, Stepped)]
        self._lines, self._last = len(steps), steps[-1] if steps else 0

    def append(self, event: Event) -> None:
        """Keep an event; once there are many steps, several become one line, their loss the mean."""
        if isinstance(event, Stepped):
            self._pending.append(event)
            if event.step - self._last >= self._gap:
                self._write_steps()
            return
        if isinstance(event, Ended):
            self._write_steps()
        self._write(event)

    def close(self) -> None:
        """Write no more."""
        self._write_steps()
        os.close(self._file)

    def _write_steps(self) -> None:
        """Those that wait for a line, as one."""
        if not self._pending:
            return
        event = merged(self._pending, self._last)
        self._pending, self._last = [], event.step
        self._write(event)
        self._lines += 1
        if self._lines > STEPS:
            self._thin()

    def _write(self, event: Event) -> None:
        line = encode(event).encode() + b"\n"
        try:
            if self.trouble:  # it may have left half a line
                _end_whole(self.path)
            if os.write(self._file, line) < len(line):
                raise OSError(0, "disk full")
            self.trouble = ""
        except (OSError, UserError) as error:
            self.trouble = f"the run's log is not written: {_why(error)}"

    def _thin(self) -> None:
        """Twice as many steps a line, until half of the lines are left."""
        try:
            lines = _lines(self.path)
            while self._lines > STEPS // 2:
                self._gap *= 2
                lines, self._lines = _spaced(lines, self._gap)
            _replace(self.path, lines)
            fresh = _open(self.path)
        except (OSError, UserError) as error:
            self.trouble = f"the run's log is not thinned: {_why(error)}"
        else:
            os.close(self._file)
            self._file = fresh


def read(folder: str | os.PathLike[str]) -> list[Event]:
    """All that is known to have happened in a run; lines that are damaged, or not whole yet, are left out."""
    return [event for event in map(_event, _lines(RunFolder(Path(folder)).log)) if event]


def cut(folder: str | os.PathLike[str], step: int) -> None:
    """Forget what happened after that step, where a run goes on from; UserError if the log cannot be written."""
    path = RunFolder(Path(folder)).log
    lines = _lines(path)
    kept = [line for line in lines if _step(line) <= step]
    if len(kept) < len(lines):
        with refusing(*UNWRITTEN):
            _replace(path, kept)


def merged(steps: Sequence[Stepped], since: int) -> Stepped:
    """Several steps' events as one: the last, with the mean loss of all since that step."""
    total, at = 0.0, since
    for each in steps:
        total += each.loss * (each.step - at)
        at = each.step
    return replace(steps[-1], loss=total / (at - since)) if at > since else steps[-1]


def _spaced(lines: Sequence[bytes], gap: int) -> tuple[list[bytes], int]:
    """The lines with those of steps at least `gap` apart, and how many these are."""
    found, count, last, pending = list[bytes](), 0, 0, list[Stepped]()
    for line in lines:
        event = _event(line) if line.startswith(STEP_LINE) else None
        if not isinstance(event, Stepped):
            found.append(line)
            continue
        pending.append(event)
        if event.step - last >= gap:
            found.append(encode(merged(pending, last)).encode())
            count, last, pending = count + 1, event.step, []
    return found, count


def _event(line: bytes) -> Event | None:
    try:
        return decode(line.decode())
    except ValueError:  # UserError, or no UTF-8
        return None


def _why(error: OSError | UserError) -> str:
    return reason(error) if isinstance(error, OSError) else str(error)


def _open(path: Path) -> int:
    return open_own(path, os.O_WRONLY | os.O_APPEND)


def _step(line: bytes) -> float:
    """The step of a line; a line that is no event is of no step."""
    event = _event(line)
    return math.inf if event is None else getattr(event, "step", 0)


def _lines(path: Path) -> list[bytes]:
    return read_bytes(path, MAX_LOG).split(b"\n")[:-1] if os.path.lexists(path) else []


def _replace(path: Path, lines: Sequence[bytes]) -> None:
    write_whole(path, lambda file: file.write(b"".join(line + b"\n" for line in lines)), 0o644)


def _end_whole(path: Path) -> None:
    """Take away a last line without its end."""
    if os.path.lexists(path):
        content = read_bytes(path, MAX_LOG)
        if not content.endswith(b"\n"):
            file = open_own(path, os.O_WRONLY)
            try:
                os.ftruncate(file, content.rfind(b"\n") + 1)
            finally:
                os.close(file)
