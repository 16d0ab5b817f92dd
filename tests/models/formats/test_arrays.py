"""Packed numbers come back, and what is none is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import UserError
from models.formats.arrays import pack, unpack

# files of counts


@given(st.lists(st.integers(0, 2**63 - 1) | st.integers(0, 300), max_size=30))
def test_packed_numbers_come_back(numbers: list[int]) -> None:
    packed = pack(np.array(numbers, np.int64))
    assert unpack(packed, "it").tolist() == numbers
    assert packed.tolist() == [byte for number in numbers for byte in leb128(number)]


def leb128(number: int) -> list[int]:
    return [number] if number < 128 else [number % 128 + 128, *leb128(number // 128)]


@pytest.mark.parametrize("content", [b"\x80", b"\x01\x80", b"\x80" * 9 + b"\x01", b"\xff" * 10 + b"\x01"])
def test_half_a_number_and_one_that_is_too_long_are_refused(content: bytes) -> None:
    with pytest.raises(UserError, match="^it holds bytes that are no packed numbers"):
        unpack(np.frombuffer(content, np.uint8), "it")


@given(st.binary(max_size=40))
def test_any_bytes_are_numbers_or_refused(content: bytes) -> None:
    try:
        numbers = unpack(np.frombuffer(content, np.uint8), "it")
    except UserError as error:
        assert str(error).startswith("it holds bytes that are no packed numbers")
    else:
        assert len(numbers) <= len(content) and (numbers >= 0).all()
