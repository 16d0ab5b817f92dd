"""safetensors: a length, a JSON header, the numbers. All the header says is checked before anything is allocated.

The format is described at https://github.com/huggingface/safetensors. Read here rather than with that library, which
waits on a FIFO, maps files that may shrink under it, and lets NaN and other types through.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from models.errors import UserError
from models.formats.files import changed, fill, known_as, open_regular, parse_json, read_exactly, shown
from models.ops import Array

MAX_FILE = 64 << 30
MAX_HEADER = 8 << 20
MAX_TENSORS = 20_000
CHUNK = 1 << 20

# what a tensor's bytes are read as; NumPy has no bfloat16, the upper half of a float32
TYPES = {"BOOL": "?", "U8": "u1", "I8": "i1", "BF16": "<u2", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4",
         "U64": "<u8", "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8"}  # fmt: skip
FLOATS = ("F16", "BF16", "F32", "F64")
NAMES = {np.dtype(code): name for name, code in TYPES.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor of the header: its type, its shape, and its bytes [start, stop) after the header."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Header:
    """The first bytes of a file, as they stand, and what they say; the file had `size` bytes."""

    what: str  # what the file is called where something is wrong with it
    raw: bytes
    entries: Mapping[str, Entry]
    texts: Mapping[str, str]  # what the format calls __metadata__
    size: int


def read_header(path: Path, what: str = "", cap: int = MAX_FILE) -> Header:
    """What a file of at most `cap` bytes holds, without its numbers.

    Raises UserError naming `what`, or the path, if it does not hold together.
    """
    what = what or shown(path)
    file, size = open_regular(path, cap, what)
    with file:
        start = read_exactly(file, min(size, 64), what)
        length = struct.unpack("<Q", start[:8])[0] if size >= 8 else 0
        if not (1 < length <= MAX_HEADER and start[8:9] == b"{"):
            is_a, do = known_as(start) or ("is not a safetensors file", "copy it again")
            raise UserError(f"{what} {is_a}", do)
        if 8 + length > size:
            raise _cut_short(what, size, f"its header alone has {length:,}")
        raw = start[: 8 + length] + read_exactly(file, max(0, 8 + length - len(start)), what)
    found = parse_json(raw[8:], f"the header of {what}")
    texts = found.pop("__metadata__", {})
    if not isinstance(texts, dict) or not all(isinstance(value, str) for value in texts.values()):
        raise _damaged(what, "its __metadata__ is not a table of texts")
    return Header(what, raw, _entries(found, size - len(raw), what), texts, size)


def read_data(
    path: Path, header: Header, wanted: Mapping[str, str], dtype: Any, update: Callable[[Any], object] = len
) -> dict[str, Array]:
    """What `tensors` gives of those named in `wanted`, under the names it gives them, as `dtype`."""
    found = tensors(path, header, wanted, update)
    return {wanted[name]: convert(data, header.entries[name].dtype, dtype) for name, data in found}


def tensors(
    path: Path, header: Header, wanted: Collection[str], update: Callable[[Any], object] = len
) -> Iterator[tuple[str, Array]]:
    """The tensors of these names as they stand, in the file's order; all bytes after the header are put to `update`.

    The file is read once, from front to back, into arrays of the sizes the header was checked for. Raises UserError
    if the file is no longer the one the header was read from.
    """
    what = header.what
    file, size = open_regular(path, MAX_FILE, what)
    with file:
        if size != header.size or read_exactly(file, len(header.raw), what) != header.raw:
            raise changed(what)
        for name, entry in sorted(header.entries.items(), key=_place):
            if name not in wanted:
                _skip(file, entry, update, what)
                continue
            data = np.empty(math.prod(entry.shape), TYPES[entry.dtype])
            fill(file, data.view(np.uint8).data, what)
            update(data.data)
            yield name, data.reshape(entry.shape)


def parts(arrays: Mapping[str, Array], texts: Mapping[str, str]) -> Iterator[bytes | Array]:
    """What a file of these arrays, as they are, consists of: its header, then the bytes of each."""
    header: dict[str, Any] = {"__metadata__": dict(texts)}
    at = 0
    for name, array in arrays.items():
        kind = NAMES[array.dtype.newbyteorder("<")]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the numbers start at a multiple of 8
    yield struct.pack("<Q", len(text)) + text
    for array in arrays.values():
        yield np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(-1).view(np.uint8)


def write(path: Path, weights: Mapping[str, Array], dtype: str, texts: Mapping[str, str]) -> None:
    """Write the weights as "float16", "float32" or "float64" into a new file.

    Raises UserError for a number that is NaN, infinite, or too large for the type.
    """
    with open(path, "xb") as file:
        file.writelines(parts({name: _stored(name, weight, dtype) for name, weight in weights.items()}, texts))


def convert(data: Array, kind: str, dtype: Any) -> Array:
    """Numbers that stand in a file as one of TYPES, as `dtype`; those too large for it become infinite."""
    if kind == "BF16":
        data = (data.astype(np.uint32) << 16).view(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is found by check_finite
        return data.astype(dtype, copy=False)


def match(found: Collection[str], needed: Collection[str], what: str, sizes: str = "config.json") -> None:
    """UserError naming the first tensor that is missing or one too many for what `sizes` says, and how many more."""
    for names, fault in ((set(needed) - set(found), "is missing"), (set(found) - set(needed), "is not expected")):
        if names:
            more = f" (and {len(names) - 1:,} more)" if len(names) > 1 else ""
            first = shown(min(names))
            raise UserError(f"{what}: tensor {first} {fault}{more} for the sizes in {sizes}", "check both")


def check_finite(arrays: Mapping[str, Array], what: str) -> None:
    """UserError naming the first tensor with a NaN or an infinite number, and how many it has."""
    with np.errstate(over="ignore", invalid="ignore"):
        for name, array in arrays.items():
            numbers = array.ravel("K")  # no copy, in whatever order they lie
            if not np.isfinite(numbers.dot(numbers)) and not np.isfinite(array).all():  # the product alone is quick
                nan, infinite = int(np.isnan(array).sum()), int(np.isinf(array).sum())
                kinds = [f"{count:,} {kind}" for count, kind in ((nan, "NaN"), (infinite, "infinite")) if count]
                raise UserError(f"{what}: {shown(name)} holds {' and '.join(kinds)} values", "the model is unusable")


def _entries(header: dict[str, Any], body: int, what: str) -> dict[str, Entry]:
    if len(header) > MAX_TENSORS:
        raise UserError(f"{what} lists {len(header):,} tensors, more than the {MAX_TENSORS:,} read here", "use a GPT-2")
    entries = {name: _entry(name, value, what) for name, value in header.items()}
    end = 0
    for name, entry in sorted(entries.items(), key=_place):
        if entry.start != end:
            raise _damaged(what, f"byte ranges overlap or leave a hole at {shown(name)}")
        end = entry.stop
    if end > body:
        raise _cut_short(what, body, f"its tensors need {end:,}")
    if end < body:
        raise _damaged(what, f"{body - end:,} bytes follow the last tensor")
    return entries


def _place(item: tuple[str, Entry]) -> tuple[int, int]:
    return item[1].start, item[1].stop


def _entry(name: str, value: object, what: str) -> Entry:
    if not isinstance(value, dict) or set(value) != {"dtype", "shape", "data_offsets"}:
        raise _damaged(what, f"the entry of {shown(name)} is not a type, a shape and a byte range")
    dtype, shape, span = value["dtype"], value["shape"], value["data_offsets"]
    if not isinstance(dtype, str) or dtype not in TYPES:
        raise UserError(f"{what}: {shown(name)} holds {shown(dtype, 20)}, which is not handled", "convert it to F32")
    if not (_sizes(shape) and len(shape) <= 8 and _sizes(span) and len(span) == 2):
        raise _damaged(what, f"the shape or byte range of {shown(name)} is not a list of sizes")
    if math.prod(shape) * np.dtype(TYPES[dtype]).itemsize != span[1] - span[0]:
        raise _damaged(what, f"shape and byte range differ for {shown(name)}")
    return Entry(dtype, tuple(shape), *span)


def _sizes(value: object) -> bool:
    return isinstance(value, list) and all(type(each) is int and 0 <= each < 1 << 48 for each in value)


def _skip(file: BinaryIO, entry: Entry, update: Callable[[Any], object], what: str) -> None:
    left = entry.stop - entry.start
    while left:
        part = read_exactly(file, min(left, CHUNK), what)
        update(part)
        left -= len(part)


def _stored(name: str, tensor: Array, dtype: str) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):
        stored = np.asarray(tensor).astype(np.dtype(dtype).newbyteorder("<"), copy=False)
    check_finite({name: tensor}, "the model cannot be saved")
    if not np.isfinite(stored).all():
        raise UserError(f"the model cannot be saved: {shown(name)} has numbers too large for {dtype}", "use float32")
    return stored


def _damaged(what: str, fault: str) -> UserError:
    return UserError(f"{what} is damaged: {fault}", "copy it again")


def _cut_short(what: str, size: int, need: str) -> UserError:
    return UserError(f"{what} is cut short: it has {size:,} bytes, {need}", "copy it again")
