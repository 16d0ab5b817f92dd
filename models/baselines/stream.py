"""A text file of any size as chunks of tokens, the same tokens as if it had been read whole."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.errors import UserError
from models.formats.files import open_regular, read_exactly, shown
from models.ops import Array

if TYPE_CHECKING:
    from models.tokenizers import Tokenizer

PIECE = 1 << 20  # bytes read at a time
MAX_BYTES = 1 << 50
# no word or BPE token spans the place before a blank that starts the next word: it is where their patterns part
_BEFORE_WORD = re.compile(r"(?s:.*)[ \t\n\r](?=\S)")


def divide(path: str | os.PathLike[str], fraction: float) -> int:
    """The byte at which about that fraction of a UTF-8 file ends, never inside a character."""
    if not 0 < fraction <= 1:
        raise UserError(f"a fraction of {fraction} cannot be counted - give more than 0, at most 1")
    file, size = open_regular(Path(path), MAX_BYTES)
    with file:
        at = int(size * fraction)
        file.seek(at)
        following = file.read(3)
    return at + len(following) - len(following.lstrip(bytes(range(0x80, 0xC0))))


def token_chunks(
    path: str | os.PathLike[str], tokenizer: Tokenizer, start: int = 0, stop: int | None = None, piece: int = PIECE
) -> Iterator[Array]:
    """The tokens of bytes start .. stop of a UTF-8 file, `piece` bytes at a time: (T,) each.

    Words and BPE tokens are never cut, unless four pieces go by without a blank. Raises UserError for what is no
    text file, and for a character the tokenizer does not know.
    """
    rest = ""
    for text in _texts(path, start, stop, piece):
        rest += text
        border = len(rest) if tokenizer.kind == "char" or len(rest) > 4 * piece else _border(rest)
        if border:
            yield np.asarray(tokenizer.encode(rest[:border]), np.int64)
            rest = rest[border:]
    if rest:
        yield np.asarray(tokenizer.encode(rest), np.int64)


def _border(text: str) -> int:
    """The last place where the text can be cut between tokens, or 0."""
    found = _BEFORE_WORD.match(text)
    return found.end() - 1 if found else 0


def _texts(path: str | os.PathLike[str], start: int, stop: int | None, piece: int) -> Iterator[str]:
    """The decoded pieces of a file, a byte order mark dropped."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    file, size = open_regular(Path(path), MAX_BYTES)
    stop = size if stop is None else stop
    with file:
        file.seek(start)
        for at in range(start, stop, piece):
            content = read_exactly(file, min(piece, stop - at), shown(path))
            begun = len(decoder.getstate()[0])
            try:
                text = decoder.decode(content, at + piece >= stop)
            except UnicodeDecodeError as error:
                byte = at - begun + error.start
                raise UserError(f"{shown(path)} is not UTF-8 text at byte {byte:,} - save it as UTF-8") from None
            yield text.removeprefix("\ufeff") if at == 0 else text
