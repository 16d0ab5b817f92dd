"""The door for files: what is written is there whole or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path
from typing import BinaryIO

import pytest

from models.errors import UserError
from models.formats.files import PATH, check_local, quoted, read_bytes, shown, write_whole


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


PLAIN = ["book.txt", "-x", "日本.txt"]


@pytest.mark.parametrize(
    "name", [*PLAIN, "my book.txt", "it's", "a$b`c", "~x", "a\x1b[2J'\\b\n", "é\udc80", "b\u202ea"]
)
def test_a_path_is_shown_as_a_shell_reads_it(name: str) -> None:
    said = shown(Path("dir") / name)
    assert said.isprintable() and said == quoted(f"dir/{name}")
    echoed = subprocess.run(["bash", "-c", f"printf %s {said}"], capture_output=True, check=True).stdout
    assert echoed == os.fsencode(f"dir/{name}")
    assert (said == f"dir/{name}") == (name in PLAIN)


def test_what_is_no_path_is_shown_as_it_is_and_long_paths_are_cut() -> None:
    assert shown("a b") == "a b" and shown("C:\\x") == "C:\\x"
    assert len(shown(Path("x" * 4000))) == PATH and len(quoted("x" * 4000)) == 4000


@pytest.mark.parametrize("given", ["https://example.org/a//b.txt", "s3://bucket/x y", "file:///tmp/x"])
def test_an_address_is_no_path_and_is_said_as_it_was_given(given: str) -> None:
    with pytest.raises(UserError) as caught:
        check_local(given)
    assert str(caught.value).startswith(f"{given} is an address, and nothing is downloaded - ")
    for path in ("C:\\x", "C:/x", "a:b", "./https:/x", Path("x")):
        check_local(path)
