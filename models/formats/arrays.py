"""Small files of whole numbers: packed so that a reader never needs more memory than the file's size allows."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from models.errors import UserError
from models.formats import digests, safetensors
from models.formats.files import refusing, shown, write_whole
from models.ops import Array

MAX_BYTES = 1 << 28


def pack(numbers: Array) -> Array:
    """Numbers from 0 to 2**63 - 1 (n,) as LEB128 bytes, seven bits each, least first: (bytes,) uint8."""
    left = np.asarray(numbers, np.int64)
    width = np.ones(left.size, np.int64)
    for bits in range(7, 63, 7):
        width += left >> bits > 0
    last = np.cumsum(width) - 1  # where each number's last byte goes
    content = np.zeros(int(width.sum()), np.uint8)
    for place in range(int(width.max(initial=0))):
        has = width > place
        more = (width > place + 1)[has]
        content[(last - width + 1)[has] + place] = left[has] >> 7 * place & 127 | more.astype(np.int64) << 7
    return content


def unpack(content: Array, what: str) -> Array:
    """The numbers `pack` made these bytes of: (n,) int64, n at most the number of bytes.

    Raises UserError naming `what` if the bytes end inside a number or a number is too long.
    """
    last = np.flatnonzero(content < 128)
    first = np.concatenate([[0], last[:-1] + 1]) if last.size else last
    width = last - first + 1
    if content.size and (not last.size or last[-1] != content.size - 1) or width.max(initial=0) > 9:
        raise UserError(f"{what} holds bytes that are no packed numbers", "the file is damaged")
    numbers = np.zeros(last.size, np.int64)
    for place in range(int(width.max(initial=0))):
        has = width > place
        numbers[has] |= (content[first[has] + place].astype(np.int64) & 127) << 7 * place
    return numbers


def write(path: str | os.PathLike[str], arrays: Mapping[str, Array]) -> None:
    """A safetensors file of these arrays, complete or not there at all; UserError if it cannot be written."""
    with refusing(f"{shown(Path(path))} cannot be written", "check the folder and its space"):
        write_whole(Path(path), lambda file: file.writelines(safetensors.parts(arrays, {})))


def read(path: str | os.PathLike[str], fields: Mapping[str, str], digest: str | None = None) -> dict[str, Array]:
    """The one-row arrays of a safetensors file of just these names and types; UserError if it is anything else.

    With a digest, also if that is not its SHA-256.
    """
    path, what = Path(path), shown(Path(path))
    header = safetensors.read_header(path, what, MAX_BYTES)
    found = {name: entry.dtype for name, entry in header.entries.items()}
    if found != dict(fields) or any(len(entry.shape) != 1 for entry in header.entries.values()):
        raise UserError(f"{what} holds {shown(found)}, not what a baseline is made of", "count the text again")
    hasher = hashlib.sha256(header.raw)
    arrays = dict(safetensors.tensors(path, header, header.entries, hasher.update))
    digests.check(what, digest, hasher.hexdigest())
    return arrays
