"""The door for files: what is written is there whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

import pytest

from models.errors import UserError
from models.formats.files import read_bytes, write_whole


@pytest.fixture
def umask() -> int:
    """The umask in force."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_what_is_written_can_be_read_and_has_the_usual_permissions(tmp_path: Path, umask: int) -> None:
    write_whole(tmp_path / "it", lambda file: file.write(b"abc"))
    write_whole(tmp_path / "own", lambda file: file.write(b"abc"), mode=0o600)
    assert read_bytes(tmp_path / "it", 3) == b"abc"
    assert stat.S_IMODE((tmp_path / "it").stat().st_mode) == 0o666 & ~umask
    assert stat.S_IMODE((tmp_path / "own").stat().st_mode) == 0o600 & ~umask


@pytest.mark.parametrize("error", [OSError(), UserError("no"), KeyboardInterrupt()])
def test_a_writer_that_fails_changes_nothing(tmp_path: Path, error: BaseException) -> None:
    (tmp_path / "it").write_bytes(b"before")

    def fails(file: BinaryIO) -> None:
        file.write(b"half")
        raise error

    with pytest.raises(type(error)):
        write_whole(tmp_path / "it", fails)
    assert os.listdir(tmp_path) == ["it"] and (tmp_path / "it").read_bytes() == b"before"
