"""The door for files: what is written is there whole or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from models.errors import UserError
from models.formats.files import (
    PATH,
    check_local,
    open_own,
    quoted,
    read_bytes,
    remove,
    shown,
    shown_value,
    write_whole,
)


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


def test_a_value_is_shown_no_deeper_than_can_be_read() -> None:
    assert shown_value({"b": [1, 2.5, None], "a": "x\n"}) == r"{'a': 'x\n', 'b': [1, 2.5, None]}"
    deep: list[Any] = []
    for _ in range(100_000):  # which repr fails at
        deep = [deep]
    assert shown_value(deep) == "[[[[[[...]]]]]]"
    wide: tuple[Any, ...] = ()
    for _ in range(60):  # of which it would write 2 ** 60
        wide = (wide, wide)
    assert len(shown_value(wide)) <= 80


@pytest.mark.parametrize("given", ["https://example.org/a//b.txt", "s3://bucket/x y", "file:///tmp/x"])
def test_an_address_is_no_path_and_is_said_as_it_was_given(given: str) -> None:
    with pytest.raises(UserError) as caught:
        check_local(given)
    assert str(caught.value).startswith(f"{given} is an address, and nothing is downloaded - ")
    for path in ("C:\\x", "C:/x", "a:b", "./https:/x", Path("x")):
        check_local(path)


def place(at: Path, kind: str, outside: Path) -> None:
    """Something of that kind under a name that should be a file's or a folder's of ours."""
    if kind == "fifo":
        os.mkfifo(at)
    elif kind == "link":
        at.symlink_to(outside)
    elif kind == "loop":
        at.symlink_to(at)
    elif kind == "file":
        at.write_bytes(b"some")
    elif kind == "folder":
        (at / "in" / "it").mkdir(parents=True)
        os.mkfifo(at / "in" / "fifo")
        (at / "in" / "link").symlink_to(outside)


@pytest.mark.parametrize("kind", ["fifo", "link", "loop", "file", "folder", "nothing"])
def test_whatever_has_a_name_is_removed_without_being_opened_or_followed(kind: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.txt").write_text("mine")
    place(tmp_path / "it", kind, outside)
    remove(tmp_path / "it")
    assert os.listdir(tmp_path) == ["outside"] and (outside / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("kind", ["fifo", "link", "loop", "folder"])
def test_a_file_of_our_own_is_written_only_where_it_is_one(kind: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    place(tmp_path / "it", kind, outside)
    with pytest.raises(OSError):
        open_own(tmp_path / "it", os.O_WRONLY)
    assert outside.read_text() == "mine"


def test_a_fifo_that_somebody_reads_is_no_file_of_our_own(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "it")
    reader = os.open(tmp_path / "it", os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(OSError, match="no file has its name"):
        open_own(tmp_path / "it", os.O_WRONLY)
    os.close(reader)


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="no file whose reading fails")
def test_a_disk_that_fails_after_the_content_is_one_sentence() -> None:
    with pytest.raises(UserError) as caught:
        read_bytes(Path("/proc/self/mem"), 9)  # which says that it has 0 bytes
    assert str(caught.value) == "/proc/self/mem cannot be read: input/output error - copy the file again"
