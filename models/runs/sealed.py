"""Arrays of any type, and texts, in one sealed file: a safetensors file whose last tensor is the SHA-256 of the rest.

Neither way needs a second copy of the arrays in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import numpy as np

from models.errors import UserError
from models.formats import safetensors
from models.ops import Array

SEAL, UNSEALED = "sha256", np.zeros(32, np.uint8)


def parts(arrays: Mapping[str, Array], texts: Mapping[str, str]) -> Iterator[bytes | Array]:
    """What the file consists of, piece by piece."""
    assert SEAL not in arrays
    hasher = hashlib.sha256()
    for part in islice(safetensors.parts({**arrays, SEAL: UNSEALED}, texts), 1 + len(arrays)):
        hasher.update(part)
        yield part
    yield hasher.digest()


def read(path: Path, header: safetensors.Header) -> dict[str, Array]:
    """The arrays of a file with that header; UserError if the seal is not that of what is there."""
    hasher, arrays = hashlib.sha256(header.raw), dict[str, Array]()
    for name, array in safetensors.tensors(path, header, header.entries):
        if name == SEAL and array.tobytes() == hasher.digest():
            return arrays
        hasher.update(array)
        arrays[name] = array
    raise UserError(f"{header.what} is damaged: its checksum differs", "copy it again")
