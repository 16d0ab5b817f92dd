"""Arrays of any type as a safetensors file, to the bit; neither way needs a second copy of them in memory."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from models.errors import UserError
from models.formats import safetensors
from models.formats.files import changed, fill, open_regular, read_exactly
from models.ops import Array

TYPES = {"BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4",
         "U64": "<u8", "I64": "<i8", "F16": "<f2", "F32": "<f4", "F64": "<f8"}  # fmt: skip
NAMES = {np.dtype(code): name for name, code in TYPES.items()}


def parts(arrays: Mapping[str, Array]) -> Iterator[bytes | Array]:
    """What the file consists of, piece by piece."""
    assert "__metadata__" not in arrays
    header: dict[str, Any] = {}
    at = 0
    for name, array in arrays.items():
        kind = NAMES[array.dtype.newbyteorder("<")]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the numbers start at a multiple of 8
    yield struct.pack("<Q", len(text)) + text
    for array in arrays.values():
        yield _bytes(np.ascontiguousarray(array, array.dtype.newbyteorder("<")))


def read(path: Path, digest: str) -> dict[str, Array]:
    """The arrays of a file with that SHA-256; UserError naming it if it has another, or does not hold together."""
    what = path.name  # whoever reads a run's checkpoint says which
    header = safetensors.read_header(path, what)
    file, size = open_regular(path, header.size, what)
    hasher, arrays = hashlib.sha256(header.raw), {}
    with file:
        if size != header.size or read_exactly(file, len(header.raw), what) != header.raw:
            raise changed(what)
        for name, entry in sorted(header.entries.items(), key=lambda item: (item[1].start, item[1].stop)):
            if entry.dtype not in TYPES:
                raise UserError(f"{what} holds {entry.dtype}, which no run writes", "copy it again")
            arrays[name] = np.empty(entry.shape, TYPES[entry.dtype])
            fill(file, _bytes(arrays[name]).data, what)
            hasher.update(_bytes(arrays[name]))
    if hasher.hexdigest() != digest:
        raise UserError(f"{what} is damaged: its checksum differs", "copy it again")
    return arrays


def _bytes(array: Array) -> Array:
    return array.reshape(-1).view(np.uint8)
