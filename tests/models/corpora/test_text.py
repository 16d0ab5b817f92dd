"""Text files in, and every fault of one in a sentence."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from pathlib import Path

import pytest

from models.corpora import read_text
from models.errors import UserError


@pytest.mark.parametrize("text", ["a", "to be\r\nor not\n", "\ufefftail \ufeff", "日本 🎭 é"])
def test_a_text_comes_back_as_it_was_written(tmp_path: Path, text: str) -> None:
    (tmp_path / "text").write_bytes(text.encode())
    assert read_text(tmp_path / "text") == text.removeprefix("\ufeff")


BAD = {
    "is empty": b"",
    "empty - give a file": b"\xef\xbb\xbf",
    "is not UTF-8 text at byte 3": b"abc\xff",
    "at byte 3 - save": "été".encode()[:-1],
    "has a zero byte at 2": b"ab\0cd",
    "UTF-16": "to be".encode("utf-16"),
    "UTF-32": "to be".encode("utf-32"),
    "gzip": gzip.compress(b"to be"),
    "bzip2": bz2.compress(b"to be"),
    "with xz": lzma.compress(b"to be"),
    "with zip": b"PK\x03\x04rest",
}


@pytest.mark.parametrize("says", BAD)
def test_what_is_no_text_is_named(tmp_path: Path, says: str) -> None:
    (tmp_path / "text").write_bytes(BAD[says])
    with pytest.raises(UserError, match=says) as caught:
        read_text(tmp_path / "text")
    assert "text " in str(caught.value) and "\n" not in str(caught.value)


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("", "missing", "pipe", "loop", "bad\0name", "x" * 5000):
        with pytest.raises(UserError):
            read_text(tmp_path / name)


def test_a_file_beyond_the_cap_is_not_read(tmp_path: Path) -> None:
    with open(tmp_path / "sparse", "wb") as file:
        file.truncate((1 << 30) + 1)
    with pytest.raises(UserError, match="1,073,741,824"):
        read_text(tmp_path / "sparse")
