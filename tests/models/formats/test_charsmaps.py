"""Tables of what characters become: sound ones are let through, and a library that is given them holds."""

from __future__ import annotations

import base64
import random

import numpy as np
import pytest
from tokenizers import normalizers

from models.formats import charsmaps
from tests.models.foreign_tokenizers import FEW_RULES

TABLE = FEW_RULES.read_bytes()
SIZE = int.from_bytes(TABLE[:4], "little")
ODD = [
    "\u200d",
    "\ufdfa",
    "\ufb01",
    "\u2014",
    "\xdc",
    "\t",
    "e\u0301",
    "n\u0303",
    "x",
    "\0",
    "",
    "\U0001f469\u200d\U0001f680",
]


def sound(table: bytes) -> bool:
    return charsmaps.is_sound(base64.b64encode(table).decode())


def unit(number: int, value: int) -> bytes:
    """The table with another unit in its array."""
    at = 4 + 4 * number
    return TABLE[:at] + value.to_bytes(4, "little") + TABLE[at + 4 :]


def places() -> list[int]:
    """The units that lead to texts."""
    units = np.frombuffer(TABLE, "<u4", SIZE // 4, 4)
    return [int(number) for number in np.flatnonzero(units >= 1 << 31)]


def test_a_table_of_sentencepieces_is_sound() -> None:
    assert sound(TABLE) and normalizers.Precompiled(TABLE).normalize_str("\ufb01\t\xdc\u200d") == "fi ue"


@pytest.mark.parametrize(
    "table",
    [
        b"", b"\1\0\0", TABLE[:-1030], (SIZE + 1).to_bytes(4, "little") + TABLE[4:], bytes(4) + TABLE[4:],
        unit(0, 1 << 31), unit(3, 0x1FFFFF << 10), TABLE[: 4 + SIZE] + b"\xff" + TABLE[5 + SIZE :],
        TABLE[: 4 + SIZE] + b"x" * 65 + TABLE[4 + SIZE :], unit(places()[0], 1 << 31 | 10**6), TABLE[:60],
    ],
    ids=[
        "empty", "short", "cut", "odd size", "no array", "a place first", "outside", "no UTF-8", "long", "beyond",
        "few",
    ],
)  # fmt: skip
def test_what_leads_elsewhere_or_makes_texts_long_is_not(table: bytes) -> None:
    assert not sound(table)


@pytest.mark.parametrize("value", [None, 3, ["x"], "not base64!", "A" * (charsmaps.MAX_LETTERS + 4)])
def test_what_is_no_table_is_not(value: object) -> None:
    assert not charsmaps.is_sound(value)


def test_no_mutation_that_is_let_through_brings_the_library_down() -> None:
    rng = random.Random(0)
    texts = ["".join(rng.choices(ODD, k=rng.randrange(6))) for _ in range(60)]
    seen = {True: 0, False: 0}
    for _ in range(600):
        table = bytearray(TABLE)
        for _ in range(rng.choice((1, 1, 4))):
            table[rng.randrange(4, len(table))] = rng.randrange(256)
        is_sound = sound(bytes(table))
        seen[is_sound] += 1
        if is_sound:
            one = normalizers.Precompiled(bytes(table))
            assert all(len(one.normalize_str(text)) <= charsmaps.LONGEST * len(text) for text in texts)
    assert min(seen.values()) > 50
