"""What torch.save wrote: a zip of a pickle, which says what there is, and of the numbers, a file for each storage.

Read without torch, which ignores the zip's checksums and takes tensors that lie outside their numbers. All that the
directory and the pickle say is checked before anything is allocated. How it wrote before version 1.6: torch_old.py.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from models.errors import UserError
from models.formats import pickles, torch_old, zips
from models.formats.files import changed, fill, known_as, open_regular, read_at, read_exactly, shown
from models.formats.safetensors import MAX_FILE, MAX_TENSORS, TYPES
from models.formats.torch_tensors import CALLS, Tensor, array
from models.ops import Array

PICKLE = "/data.pkl"  # after the name the file was saved under
SCRIPT = "/constants.pkl"  # which a TorchScript has as well
BYTE_ORDER = "/byteorder"
STATE = "state_dict"


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says it holds, and where its storages are; the file had `size` bytes."""

    what: str  # what the file is called where something is wrong with it
    value: Any  # what was saved, each tensor as a Tensor
    storages: Mapping[str, zips.Entry]
    size: int
    entries: Mapping[str, Tensor]  # the tensors among it that whoever opened it asked for


def read_header(path: Path, what: str = "") -> Header:
    """What a file holds that is a table of tensors, without the numbers.

    Raises UserError naming `what`, or the path, if it is anything else, or does not hold together.
    """
    header = read_value(path, what)
    return with_tensors(header, weights_in(header.value))


def weights_in(value: Any) -> Any:
    """The table of weights in what was saved: all of it, or what stands under "state_dict", as Lightning's does."""
    inside = value.get(STATE) if isinstance(value, dict) else None
    return inside if isinstance(inside, dict) else value


def with_tensors(header: Header, table: Any) -> Header:
    """The same, with the tensors of a table in what was saved."""
    if not isinstance(table, dict) or not 0 < len(table) <= MAX_TENSORS:
        raise UserError(f"{header.what} does not hold a table of tensors", "give the weights of a GPT")
    for name, value in table.items():
        if not isinstance(name, str) or not isinstance(value, Tensor):
            fault = f"{header.what}: {shown(name)} is no tensor, where the weights should be"
            raise UserError(fault, "save the model's state_dict")
    return replace(header, entries=table)


def read_value(path: Path, what: str = "") -> Header:
    """What a file holds, whatever that is, without the numbers; `entries` is empty."""
    what = what or shown(path)
    file, size = open_regular(path, MAX_FILE, what)
    with file:
        start = read_exactly(file, min(size, 64), what)
        if start.startswith(torch_old.MAGIC):
            return Header(what, *torch_old.read(file, size, what), size, {})
        if not start.startswith(b"PK\3\4"):
            is_a, do = known_as(start) or ("is not a PyTorch checkpoint", "copy it again")
            raise UserError(f"{what} {is_a}", do)
        return Header(what, *_read_zip(file, size, what), size, {})


def read_data(path: Path, header: Header, wanted: Mapping[str, str], dtype: Any) -> dict[str, Array]:
    """The tensors named in `wanted`, under the names it gives them, as `dtype`.

    Of the file no more is read, into no more memory than these take. Raises UserError if a tensor is not of its storage
    alone, a checksum differs, or the file is no longer the one the header was read from.
    """
    places: dict[str, dict[Tensor, list[str]]] = {}
    for name in wanted:
        tensor = header.entries[name]
        places.setdefault(tensor.storage, {}).setdefault(tensor, []).append(name)
    for storage, tensors in places.items():
        _check_storage(header, storage, tensors)
    found: dict[str, Array] = {}
    for storage, content in _storages(path, header, set(places)):
        for tensor, names in places[storage].items():
            numbers = array(tensor, content, dtype)
            found |= {wanted[name]: numbers for name in names}
    return found


def _read_zip(file: BinaryIO, size: int, what: str) -> tuple[Any, dict[str, zips.Entry]]:
    """What was saved, and where each storage is."""
    entries = zips.directory(file, size, what)
    main = _main(entries, what)
    zips.check_stored(entries, what)
    content, order = (_content(file, entries.get(main + name), what) for name in (PICKLE, BYTE_ORDER))
    if order not in (b"", b"little"):
        raise UserError(f"{what} was written on a machine with another order of bytes", "save it on one like this")
    inside = f"{main}/data/"
    storages = {name.removeprefix(inside): each for name, each in entries.items() if name.startswith(inside)}
    return pickles.read(content, what, CALLS), storages


def _main(entries: Mapping[str, zips.Entry], what: str) -> str:
    """The name that all in the zip begins with."""
    found = [name.removesuffix(PICKLE) for name in entries if name.endswith(PICKLE) and name.count("/") == 1]
    if len(found) != 1:
        raise UserError(f"{what} is a zip file, but no PyTorch checkpoint", "give the file that torch.save wrote")
    if found[0] + SCRIPT in entries:
        raise UserError(f"{what} is a TorchScript, which is code", "save the model's state_dict")
    return found[0]


def _content(file: BinaryIO, entry: zips.Entry | None, what: str) -> bytes:
    """All of a small file in the zip; nothing where there is none."""
    if entry is None:
        return b""
    if entry.stop - entry.start > pickles.MAX_BYTES:
        raise zips.damaged(what, "what says what it holds is longer than can be")
    content = read_at(file, entry.start, entry.stop - entry.start, what)
    _check_sum(zlib.crc32(content), entry, what)
    return content


def _check_sum(found: int, entry: zips.Entry, what: str) -> None:
    if entry.crc not in (None, found):
        raise zips.damaged(what, "a checksum differs")


def _storages(path: Path, header: Header, names: set[str]) -> Iterator[tuple[str, Array]]:
    """The bytes of these storages, in the file's order."""
    file, size = open_regular(path, MAX_FILE, header.what)
    with file:
        if size != header.size:
            raise changed(header.what)
        for name in sorted(names, key=lambda name: header.storages[name].start):
            entry = header.storages[name]
            content = np.empty(entry.stop - entry.start, np.uint8)
            file.seek(entry.start)
            fill(file, content.data, header.what)
            _check_sum(zlib.crc32(content.data), entry, header.what)
            yield name, content


def _check_storage(header: Header, storage: str, tensors: Mapping[Tensor, list[str]]) -> None:
    """That each tensor lies within its storage, and that none shares numbers with another but as a whole."""
    names = next(iter(tensors.values()))
    entry = header.storages.get(storage)
    if entry is None:
        raise zips.damaged(header.what, f"the numbers of {shown(names[0])} are not there")
    total = 0
    for tensor, (name, *_) in tensors.items():
        width = np.dtype(TYPES[tensor.dtype]).itemsize
        total += math.prod(tensor.shape) * width
        last = tensor.start + sum((count - 1) * step for count, step in zip(tensor.shape, tensor.steps, strict=True))
        if (last + 1) * width > entry.stop - entry.start:
            raise zips.damaged(header.what, f"{shown(name)} lies outside its numbers")
    if total > entry.stop - entry.start:
        raise zips.damaged(header.what, f"{shown(names[0])} shares numbers with another tensor")
