"""SentencePiece's table of what characters become before a text is cut, as a tokenizer.json holds it.

The size of a double array, as darts-clone writes it (https://github.com/s-yata/darts-clone), the array, which leads
from the bytes of characters to a place, and the texts that begin at such places, a zero after each. The library goes
where the numbers lead, so all of them are looked at before.
"""

from __future__ import annotations

import base64
import binascii

import numpy as np

from models.ops import Array

MAX_LETTERS = 4 << 20  # of base64; NFKC's has 320,000
LONGEST = 64  # bytes of what stands in place of a character; NFKC's has 33
ANY_BYTE, LEAF, OFFSET_WIDE, OFFSET, LABEL = 255, 1 << 8, 1 << 9, 10, 1 << 31  # in a unit of the array


def is_sound(value: object) -> bool:
    """Whether it is such a table, leads nowhere else, and puts something short in the place of a character."""
    if not isinstance(value, str) or len(value) > MAX_LETTERS:
        return False
    try:
        content = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    size = int.from_bytes(content[:4], "little")
    if not 0 < size <= len(content) - 4 or size % 4:
        return False
    units, texts = np.frombuffer(content, "<u4", size // 4, 4).astype(np.int64), content[4 + size :]
    return _stays_inside(units) and _leads_to_texts(units, texts)


def _steps(units: Array) -> tuple[Array, Array]:
    """Which units are steps and no places, and where each leads before the next byte is added to it."""
    wide = np.where(units & OFFSET_WIDE, 8, 0)
    steps = np.flatnonzero(units < LABEL)
    return steps, steps ^ (units >> OFFSET << wide)[steps]


def _stays_inside(units: Array) -> bool:
    return bool(units[0] < LABEL and ((_steps(units)[1] | ANY_BYTE) < len(units)).all())


def _leads_to_texts(units: Array, texts: bytes) -> bool:
    """Whether every place is the beginning of a text, or the end of all, and the texts are UTF-8 and short."""
    try:
        texts.decode()
    except UnicodeDecodeError:
        return False
    steps, to = _steps(units)
    places = units[to[units[steps] & LEAF > 0]] & LABEL - 1
    letters = np.frombuffer(texts, np.uint8)
    if (places > len(letters)).any():
        return False
    ends = np.append(np.flatnonzero(letters == 0), len(letters))
    begun = np.append(letters, 0)[places] & 0xC0 != 0x80  # no byte in the middle of a character
    return bool(begun.all() and (ends[np.searchsorted(ends, places)] - places <= LONGEST).all())
