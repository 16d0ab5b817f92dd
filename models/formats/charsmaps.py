"""SentencePiece's table of what characters become before a text is cut, as a tokenizer.json holds it.

The size of a double array, as darts-clone writes it (https://github.com/s-yata/darts-clone), the array, which leads
from the bytes of characters to a place, and the texts that begin at such places, a zero after each. The library goes
where the numbers lead, so all of them are looked at before.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Sequence

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
    units, texts = struct.unpack_from(f"<{size // 4}I", content, 4), content[4 + size :]
    places = _places(units)
    return places is not None and _begin_texts(places, texts)


def _places(units: Sequence[int]) -> set[int] | None:
    """Where an array leads in the end; None for one that leads outside itself, whatever bytes come."""
    if units[0] >= LABEL:  # a place, where the first step should be
        return None
    found = set[int]()
    for number, unit in enumerate(units):
        if unit < LABEL:  # a step: what it leads to, before the next byte is added to it
            to = number ^ unit >> OFFSET << (8 if unit & OFFSET_WIDE else 0)
            if to | ANY_BYTE >= len(units):
                return None
            if unit & LEAF:
                found.add(units[to] & LABEL - 1)
    return found


def _begin_texts(places: set[int], texts: bytes) -> bool:
    """Whether at every place a text begins, or all end, and the texts are UTF-8 and short."""
    try:
        texts.decode()
    except UnicodeDecodeError:
        return False
    return all(_is_short(place, texts) for place in places)


def _is_short(place: int, texts: bytes) -> bool:
    """Whether it is no byte within a character, and a zero or the end of all is near."""
    if place >= len(texts):
        return place == len(texts)
    end = texts.find(b"\0", place, place + LONGEST + 1)
    return texts[place] & 0xC0 != 0x80 and (end >= 0 or place + LONGEST >= len(texts))
