"""A text file in; every fault of the file is one sentence."""

from __future__ import annotations

import codecs
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from models.errors import UserError
from models.formats.files import read_bytes, shown

MAX_BYTES = 1 << 30
WIDE = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}

Tokens = TypeVar("Tokens", bound=Sequence[int] | np.ndarray[Any, Any])


def read_text(path: str | os.PathLike[str]) -> str:
    """The text of a UTF-8 file of at most 1 GiB, without a byte order mark; line ends stay as they are.

    Raises UserError for anything that is no such file: missing, a folder or pipe, empty, compressed, UTF-16, binary.
    """
    file = Path(path)
    content, what = read_bytes(file, MAX_BYTES), shown(file)
    for start, packer in PACKED.items():
        if content.startswith(start):
            raise UserError(f"{what} is compressed with {packer} - unpack it first")
    if content.startswith(WIDE):
        raise UserError(f"{what} is UTF-16 or UTF-32 - save it as UTF-8")
    content = content.removeprefix(codecs.BOM_UTF8)
    if not content:
        raise UserError(f"{what} is empty - give a file with text in it")
    if (at := content.find(0)) >= 0:
        raise UserError(f"{what} has a zero byte at {at:,}, so it is no text - give a plain text file")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise UserError(f"{what} is not UTF-8 text at byte {error.start:,} - save it as UTF-8") from None


def split(tokens: Tokens, fraction: float = 0.9) -> tuple[Tokens, Tokens]:
    """The first part to learn from, and the rest to be held out."""
    border = int(len(tokens) * fraction)
    return cast(Tokens, tokens[:border]), cast(Tokens, tokens[border:])
