"""The five things a save does to the disk, behind one object: a test fails, kills or cuts the power at any of them."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from pathlib import Path

from models.errors import UserError
from models.formats import files
from models.ops import Array

SAYS = {
    errno.ENOSPC: "disk full",
    errno.EDQUOT: "disk quota used up",
    errno.EFBIG: "file larger than this system allows",
    errno.EROFS: "the disk can only be read",
    errno.EIO: "the disk reports a fault",
    errno.ENOENT: "the run's folder is gone",
}


class SaveFailed(UserError):
    """Something was not saved; what was saved before it is as it was, and nothing half-written can be found."""


class Disk:
    """What is there after a power cut: contents that were written, names whose folder was synced."""

    def make(self, folder: Path) -> None:
        """A new folder."""
        folder.mkdir()

    def write(self, path: Path, parts: Iterable[bytes | memoryview | Array]) -> None:
        """A new file of these parts, forced to disk."""
        with open(path, "xb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())

    def sync(self, folder: Path) -> None:
        """Force the names in a folder to disk."""
        files.sync(folder)

    def rename(self, old: Path, new: Path) -> None:
        """Give a file another name beside it."""
        os.rename(old, new)

    def remove(self, path: Path) -> None:
        """Take a file away; it may be gone already."""
        path.unlink(missing_ok=True)


def reason(error: OSError) -> str:
    """Why the disk did not do it, in a few words."""
    return SAYS.get(error.errno or 0) or files.reason(error)
