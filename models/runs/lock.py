"""One process at a time trains in a run's folder: the system takes the lock back however that process ends."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from models.errors import UserError
from models.formats.files import open_own, reason, refusing, shown
from models.run_layout import RunFolder

PATIENCE = 0.25  # seconds: others hold it for a moment, to see whether it is free


class Lock:
    """The right to write in a run's folder, from now to `release` or the end of the process.

    Its file holds the process's number, for the message to others; the lock itself is the system's (flock). Raises
    UserError if another process has it.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.path, self.folder = RunFolder(Path(folder)).lock, Path(folder)
        self._file: int | None = self._take()
        with suppress(OSError):  # a full disk: it is locked all the same, and has not said by whom
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let others have it; nothing happens if that was done before."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _take(self) -> int:
        until = time.monotonic() + PATIENCE
        while True:
            with refusing(f"{shown(self.folder)} cannot be used", "choose another"):
                file = open_own(self.path, os.O_RDWR)
            if self._locked(file) and _same(file, self.path):  # else: deleted before we had it
                return file
            other = _number(file)
            os.close(file)
            if time.monotonic() > until:
                who = f"process {other}" if other else "another process"
                raise UserError(f"{shown(self.folder)} is in use by {who}", "stop that one, or choose another folder")
            time.sleep(0.01)

    def _locked(self, file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return False
            os.close(file)
            fault = f"{shown(self.folder)} cannot be locked: {reason(error)}"
            raise UserError(fault, "choose a folder on a disk of this machine") from None
        return True


def holder(folder: str | os.PathLike[str]) -> int | None:
    """The number of the process that trains in this folder, 0 where it has not said, None where there is none."""
    with suppress(OSError, ValueError):
        file = os.open(RunFolder(Path(folder)).lock, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _number(file)
        finally:
            os.close(file)
    return None


def _same(file: int, path: Path) -> bool:
    with suppress(OSError):
        return os.path.samestat(os.fstat(file), os.lstat(path))
    return False


def _number(file: int) -> int:
    with suppress(OSError, ValueError):
        return int(os.pread(file, 20, 0))
    return 0
