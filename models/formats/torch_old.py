"""What torch.save wrote before version 1.6, as the first published models are: pickles, and the numbers after them.

A number, a version and the machine come first, then what was saved, the names of the storages, and for each in turn
how many numbers it has, and these. There are no checksums.
"""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

import numpy as np

from models.errors import UserError
from models.formats import pickles
from models.formats.files import read_at, shown
from models.formats.safetensors import TYPES
from models.formats.torch_tensors import CALLS, REBUILD, Tensor, rebuilt
from models.formats.zips import Entry, damaged

MAGIC = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."
VERSION = 1001


def read(file: BinaryIO, size: int, what: str) -> tuple[Any, dict[str, Entry]]:
    """What an open file of so many bytes holds, without the numbers, and where each storage is; UserError as ever."""
    widths: dict[str, int] = {}

    def tensor(given: tuple[Any, ...]) -> Tensor:
        found = rebuilt(given)
        widths[found.storage] = np.dtype(TYPES[found.dtype]).itemsize
        return found

    content = read_at(file, 0, min(size, pickles.MAX_BYTES), what)
    version, at = pickles.read_first(content, len(MAGIC), what, {})
    machine, at = pickles.read_first(content, at, what, {})
    if version != VERSION or not isinstance(machine, dict) or machine.get("little_endian") is not True:
        raise UserError(
            f"{what} is of a version or machine that is not read here", "torch.save it again with a new one"
        )
    value, at = pickles.read_first(content, at, what, {**CALLS, REBUILD: tensor})
    names, at = pickles.read_first(content, at, what, {})
    if not isinstance(names, list) or any(type(name) is not str or name not in widths for name in names):
        raise damaged(what, "its storages have other names than its tensors say")
    return value, _storages(file, at, size, {name: widths[name] for name in names}, what)


def _storages(file: BinaryIO, at: int, size: int, widths: dict[str, int], what: str) -> dict[str, Entry]:
    """Where the storages are, one after the other, of numbers so wide."""
    found: dict[str, Entry] = {}
    for name, width in widths.items():
        if at + 8 > size:
            raise damaged(what, f"it ends before its storage {shown(name)}")
        start = at + 8
        at = start + struct.unpack("<Q", read_at(file, at, 8, what))[0] * width
        if at > size:
            raise damaged(what, f"it ends in its storage {shown(name)}")
        found[name] = Entry(start, at)
    if at != size:
        raise damaged(what, f"{size - at:,} bytes follow the last storage")
    return found
