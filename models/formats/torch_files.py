"""What torch.save wrote: a zip of a pickle, which says what there is, and of the numbers, a file for each storage.

Read without torch, which ignores the zip's checksums and takes tensors that lie outside their numbers. All that the
directory and the pickle say is checked before anything is allocated.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import UserError
from models.formats import pickles, zips
from models.formats.files import changed, fill, known_as, open_regular, read_exactly, shown
from models.formats.safetensors import MAX_FILE, MAX_TENSORS, TYPES, convert
from models.ops import Array

PICKLE = "/data.pkl"  # after the name the file was saved under
SCRIPT = "/constants.pkl"  # which a TorchScript has as well
BYTE_ORDER = "/byteorder"
OLD = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"  # the number that torch.save began with before 1.6
STORAGES = {
    "torch.FloatStorage": "F32", "torch.DoubleStorage": "F64", "torch.HalfStorage": "F16",
    "torch.BFloat16Storage": "BF16", "torch.LongStorage": "I64", "torch.IntStorage": "I32", "torch.ShortStorage": "I16",
    "torch.CharStorage": "I8", "torch.ByteStorage": "U8", "torch.BoolStorage": "BOOL",
}  # fmt: skip
DTYPES = ("float32", "float64", "float16", "bfloat16", "int64", "int32")  # as they stand among settings


@dataclass(frozen=True, slots=True)
class Tensor:
    """Some of the numbers of a storage: of a type, from `start` on, in steps; no two places are the same number."""

    dtype: str
    shape: tuple[int, ...]
    steps: tuple[int, ...]
    storage: str
    start: int

    def turned(self) -> Tensor:
        """The same with its axes the other way round."""
        return replace(self, shape=self.shape[::-1], steps=self.steps[::-1])


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says it holds, and where its storages are; the file had `size` bytes."""

    what: str  # what the file is called where something is wrong with it
    value: Any  # what was saved, each tensor as a Tensor
    storages: Mapping[str, zips.Entry]
    size: int
    entries: Mapping[str, Tensor]  # the tensors among it that whoever opened it asked for


def read_header(path: Path, what: str = "") -> Header:
    """What a file holds that is a table of tensors and nothing else, without the numbers.

    Raises UserError naming `what`, or the path, if it is anything else, or does not hold together.
    """
    header = read_value(path, what)
    return with_tensors(header, header.value)


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
        _check_kind(read_exactly(file, min(size, 64), what), what)
        entries = zips.directory(file, size, what)
        main = _main(entries, what)
        zips.check_stored(entries, what)
        content, order = (_content(file, entries.get(main + name), what) for name in (PICKLE, BYTE_ORDER))
    if order not in (b"", b"little"):
        raise UserError(f"{what} was written on a machine with another order of bytes", "save it on one like this")
    value = pickles.read(content, what, CALLS)
    inside = f"{main}/data/"
    storages = {name.removeprefix(inside): each for name, each in entries.items() if name.startswith(inside)}
    return Header(what, value, storages, size, {})


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
            array = _array(tensor, content, dtype)
            found |= {wanted[name]: array for name in names}
    return found


def _check_kind(start: bytes, what: str) -> None:
    if start.startswith(OLD):
        raise UserError(f"{what} is in PyTorch's format from before 1.6", "torch.load it and torch.save it again")
    if not start.startswith(b"PK\3\4"):
        is_a, do = known_as(start) or ("is not a PyTorch checkpoint", "copy it again")
        raise UserError(f"{what} {is_a}", do)


def _main(entries: Mapping[str, zips.Entry], what: str) -> str:
    """The name that all in the zip begins with."""
    found = [name.removesuffix(PICKLE) for name in entries if name.endswith(PICKLE) and name.count("/") == 1]
    if len(found) != 1:
        raise UserError(f"{what} is a zip file, but no PyTorch checkpoint", "give the file that torch.save wrote")
    if found[0] + SCRIPT in entries:
        raise UserError(f"{what} is a TorchScript, which is code", "save the model's state_dict")
    return found[0]


def _content(file: Any, entry: zips.Entry | None, what: str) -> bytes:
    """All of a small file in the zip; nothing where there is none."""
    if entry is None:
        return b""
    if entry.stop - entry.start > pickles.MAX_BYTES:
        raise zips.damaged(what, "what says what it holds is longer than can be")
    file.seek(entry.start)
    content = read_exactly(file, entry.stop - entry.start, what)
    _check_sum(zlib.crc32(content), entry, what)
    return content


def _check_sum(found: int, entry: zips.Entry, what: str) -> None:
    if found != entry.crc:
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


def _array(tensor: Tensor, content: Array, dtype: Any) -> Array:
    """The tensor's numbers, as an array of its own."""
    kind = np.dtype(TYPES[tensor.dtype])
    numbers = content[: content.size // kind.itemsize * kind.itemsize].view(kind)[tensor.start :]
    steps = [step * kind.itemsize for step in tensor.steps]
    seen = np.lib.stride_tricks.as_strided(numbers, tensor.shape, steps)
    return convert(np.asarray(seen, order="C"), tensor.dtype, dtype)


def _tensor(given: tuple[Any, ...]) -> Tensor:
    """What torch's _rebuild_tensor_v2 is given: a storage, the first place in it, sizes and steps, and more."""
    if not 6 <= len(given) <= 7 or not isinstance(given[0], pickles.Elsewhere):
        raise pickles.Fault("a tensor is made of something else than a storage, sizes and steps")
    stored, start, shape, steps = given[0].id, *given[1:4]
    if not (isinstance(stored, tuple) and len(stored) == 5 and stored[0] == "storage" and type(stored[2]) is str):
        raise pickles.Fault("a tensor is not of a storage")
    dtype = STORAGES.get(getattr(stored[1], "name", ""))
    if dtype is None or not _sizes((start,)) or not _sizes(shape) or not _sizes(steps) or len(shape) != len(steps):
        raise pickles.Fault("a tensor has no type, or sizes and steps that are none")
    below = 1
    for step, count in sorted(zip(steps, shape, strict=True)):
        if count > 1:
            if step < below:
                raise pickles.Fault("a tensor has one number in two places")
            below = step * count
    return Tensor(dtype, shape, steps, stored[2], start)


def _sizes(value: Any) -> bool:
    """Whether it is a row of sizes, none of them nothing."""
    if not isinstance(value, tuple) or len(value) > 8:
        return False
    return all(type(each) is int and 0 <= each < 1 << 40 for each in value)


def _parameter(given: tuple[Any, ...]) -> Any:
    if not given or not isinstance(given[0], Tensor):
        raise pickles.Fault("a parameter is made of something else than a tensor")
    return given[0]


CALLS: Mapping[str, pickles.Call] = {
    **pickles.PLAIN,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
    "torch.Size": lambda given: given[0] if given else (),
    "torch.device": lambda given: "device",
    **dict.fromkeys((*STORAGES, *(f"torch.{name}" for name in DTYPES)), lambda given: None),
}
