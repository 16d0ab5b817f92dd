"""Text files in, whole or a piece at a time; every fault of a file is one sentence."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from pathlib import Path

from models.corpora import foreign
from models.errors import UserError
from models.formats.files import check_end, open_regular, read_exactly, shown

MAX_BYTES = 1 << 30  # of a text that is held in memory
ENDLESS = 1 << 50  # of one that is not
PIECE = 1 << 20  # bytes read at a time
PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}


def read_text(path: str | os.PathLike[str]) -> str:
    """The text of a UTF-8 file of at most 1 GiB, without a byte order mark; line ends stay as they are.

    Raises UserError for anything that is no such file: missing, a folder or pipe, empty, compressed, UTF-16, binary.
    """
    return "".join(read_pieces(path, cap=MAX_BYTES))


def read_pieces(
    path: str | os.PathLike[str],
    start: int = 0,
    stop: int | None = None,
    piece: int = PIECE,
    cap: int = ENDLESS,
    what: str = "",
) -> Iterator[str]:
    """What `read_text` gives for bytes start .. stop of a file of any size, about `piece` bytes at a time.

    No character is cut, and faults are named by their place in the whole file, which is called `what`, or by its
    path. Raises UserError as `read_text` does.
    """
    what = what or shown(Path(path))
    file, size = open_regular(Path(path), cap, what)
    end = size if stop is None else stop
    decoder = codecs.getincrementaldecoder("utf-8")()
    with file:
        if start == 0:
            _check_start(read_exactly(file, min(size, 8), what), what, path)
        file.seek(start)
        for at in range(start, end, piece):
            content = read_exactly(file, min(piece, end - at), what)
            begun, wrong = at - len(decoder.getstate()[0]), content.find(0)
            wrong = at + wrong if wrong >= 0 else end
            try:
                text = decoder.decode(content, at + piece >= end)
            except UnicodeDecodeError as error:
                wrong = min(begun + error.start, wrong)
            if wrong < end:
                raise foreign.not_utf8_at(wrong, file, what, path)
            yield text.removeprefix("\ufeff") if at == 0 else text
        if stop is None:
            check_end(file, what)


def _check_start(content: bytes, what: str, path: str | os.PathLike[str]) -> None:
    """UserError if a file's first bytes are not those of a text."""
    for start, packer in PACKED.items():
        if content.startswith(start):
            raise UserError(f"{what} is compressed with {packer}", "unpack it first")
    if wide := foreign.marked(content):
        raise UserError(f"{what} is {wide.name}", f"convert it: {foreign.conversion(wide, path)}")
    if not content.removeprefix(codecs.BOM_UTF8):
        raise UserError(f"{what} is empty", "give a file with text in it")


def divide(path: str | os.PathLike[str], fraction: float) -> int:
    """The byte at which about that fraction of a UTF-8 file ends, never inside a character."""
    if not 0 < fraction <= 1:
        raise UserError(f"a fraction of {fraction} cannot be counted", "give more than 0, at most 1")
    file, size = open_regular(Path(path), ENDLESS)
    with file:
        at = int(size * fraction)
        file.seek(at)
        following = read_exactly(file, min(size - at, 3), shown(path))
    return at + len(following) - len(following.lstrip(bytes(range(0x80, 0xC0))))
