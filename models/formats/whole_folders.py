"""A model folder changes as a whole: what is saved is there completely or, after any fault, not at all."""

from __future__ import annotations

import fcntl
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from models.errors import UserError
from models.formats.files import changed, is_folder, refusing, remove, shown, sync, sync_all

T = TypeVar("T")
TRIES = 50
LOOKS = 3  # at what is not there, of which each waits for who puts it there
PATIENCE = 1.0  # seconds, for two renames

# what a save writes, or must not leave of an earlier model; everything else in the folder is the person's
OWN = re.compile(
    r"config\.json|model.*\.safetensors(\.index\.json)?|tokenizer(_config)?\.json|training\.json|README\.md"
    r"|vocab\.json|merges\.txt|special_tokens_map\.json|added_tokens\.json|generation_config\.json"
)


def replace(folder: Path, write: Callable[[Path], None], new: bool = False) -> None:
    """Make `folder` hold what `write` puts into the empty folder it is given; the person's own files in it stay.

    Written beside it, forced to disk, then renamed. Raises UserError if the disk is full or does not allow it, or if it
    is to be `new` and another process was quicker; then nothing has changed. What a killed save leaves beside it, the
    next one clears up.
    """
    with refusing(f"{shown(folder)} was not saved", "free some space or choose another place"):
        folder = Path(os.path.realpath(folder))
        folder.parent.mkdir(parents=True, exist_ok=True)
        recover(folder)
        fresh = folder.with_name(f".{folder.name}.{os.getpid()}.saving")
        try:
            fresh.mkdir()
            write(fresh)
            sync_all(fresh)
            _swap(fresh, folder, new)
        finally:
            with suppress(OSError):
                remove(fresh)


def _swap(fresh: Path, folder: Path, new: bool) -> None:
    if new or not os.path.exists(folder):
        os.rename(fresh, folder)  # which the system refuses where something is in it by now
    else:
        old = fresh.with_suffix(".old")
        with _at_work(folder):
            os.rename(folder, old)
            try:
                os.rename(fresh, folder)
            except BaseException:
                os.rename(old, folder)
                raise
            _merge(old, folder)
    sync(folder.parent)


def _merge(old: Path, folder: Path) -> None:
    """Carry what belongs to the person over from the old folder to the new one, and take the old one away."""
    for name in os.listdir(old):
        if not OWN.fullmatch(name) and not os.path.lexists(folder / name):
            os.rename(old / name, folder / name)
    with suppress(OSError):
        remove(old)


def undisturbed(folder: Path, read: Callable[[Path], T]) -> T:
    """What `read` finds in the folder, all of it of one save: where another process replaces it, it is read again."""
    for _ in range(TRIES):
        before = _identity(folder)
        try:
            found = read(folder)
        except UserError:
            if before and _identity(folder) == before:
                raise
        else:
            if _identity(folder) == before:
                return found
        with suppress(OSError):
            recover(folder)
    raise changed(shown(folder))


def stands(folder: Path) -> bool:
    """Whether it is a folder; also one that a save has just moved aside, or had when it was killed."""
    for _ in range(LOOKS):
        try:
            return stat.S_ISDIR(os.stat(folder).st_mode)
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                recover(folder)
    return False


def _identity(folder: Path) -> tuple[int, ...]:
    try:
        status = os.stat(folder)
    except (OSError, ValueError):
        return ()
    return status.st_dev, status.st_ino, status.st_ctime_ns  # a number is given again, but later


def recover(folder: Path) -> None:
    """Finish what a killed save of this folder left undone: put back or merge what it moved aside, drop the rest.

    Where a living process is just about to put the new folder in its place, wait for it.
    """
    pattern = re.compile(rf"\.{re.escape(folder.name)}\.(\d+)\.(saving|old)")
    for path in [Path(entry.path) for entry in os.scandir(folder.parent)]:
        found = pattern.fullmatch(path.name)
        if not found:
            continue
        if found[2] == "saving" or not is_folder(path):
            if not _alive(int(found[1])):
                with suppress(OSError):
                    remove(path)
        elif _is_at_work(path, int(found[1])):
            _wait_for(folder)
        elif os.path.exists(folder):
            _merge(path, folder)
        else:
            os.rename(path, folder)


@contextmanager
def _at_work(folder: Path) -> Iterator[None]:
    """Meanwhile others can tell, by the system's lock on the folder, that what it is moved aside for goes on."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a disk that knows no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def _is_at_work(folder: Path, process: int) -> bool:
    """Whether the process that moved this folder aside is still there: its number may be another's by now."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a disk that knows no locks
        return _alive(process)
    finally:
        os.close(descriptor)
    return False


def _wait_for(folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not os.path.exists(folder) and time.monotonic() < until:
        time.sleep(0.001)


def _alive(process: int) -> bool:
    """Whether another process of that number runs."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
