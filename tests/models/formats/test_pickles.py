"""Pickles as plain data: what they may hold comes back, anything else is named, and nothing in them is run."""

from __future__ import annotations

import argparse
import os
import pickle
import struct
import tracemalloc
from collections import OrderedDict
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from models.formats import pickles
from tests.models.saved_models import refusal

VALUE: dict[Any, Any] = {
    "stoi": {"a": 0, "é": 1, "🐢": 2, "\n": 3, None: 4, 5: 6},
    "numbers": [0, 255, 256, 65_536, -1, 2**31, -(2**63), 10**30, 1.5, float("inf")],
    "rows": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, (4,))],
    "truth": (True, False, None),
    "long": "x" * 300 + "é" * 70_000,
    "ordered": OrderedDict(b=1, a=2),
}


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_plain_values_come_back(protocol: int) -> None:
    assert pickles.read(pickle.dumps(VALUE, protocol), "it") == VALUE
    one = [1]
    same = pickles.read(pickle.dumps([one, one], protocol), "it")
    assert same == [[1], [1]] and same[0] is same[1]


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_settings_kept_as_an_object_are_read_without_its_class(protocol: int) -> None:
    for kind in (argparse.Namespace, SimpleNamespace):
        found = pickles.read(pickle.dumps([kind(n_layer=2, wide=[1])], protocol), "it")
        assert found == [pickles.Record(f"{kind.__module__}.{kind.__name__}", {"n_layer": 2, "wide": [1]})]


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_nothing_is_run(protocol: int, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "ran"),)

    for value in (Evil(), [VALUE, Evil()], {"a": Evil()}):
        content = pickle.dumps(value, protocol)
        says = "it asks for posix.mkdir, which is no plain data, and is not opened - do not trust it"
        assert says in refusal(partial(pickles.read, content, "it"))
    assert not (tmp_path / "ran").exists()
    pickle.loads(content)  # what is not run above does what it says
    assert (tmp_path / "ran").exists()


REFUSED = {
    "builtins.eval": b"\x80\x02cbuiltins\neval\n(X\x01\x00\x00\x001tR.",
    "os.system": b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x01a\x85R.",
    "torch.storage._load_from_bytes": b"\x80\x02ctorch.storage\n_load_from_bytes\nq\x00.",
    "collections.OrderedDict.copy": b"\x80\x04\x8c\x0bcollections\x8c\x10OrderedDict.copy\x93.",
    r"\x1b[2J.x": b"\x80\x02c\x1b[2J\nx\n.",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_is_not_known_is_refused_where_it_stands(name: str) -> None:
    assert f"it asks for {name}, which is no plain data" in refusal(lambda: pickles.read(REFUSED[name], "it"))


DAMAGED = {
    "empty": (b"", "it ends too early"),
    "old": (b"(lp0\n.", "it is no pickle of protocol 2 to 5"),
    "newer": (b"\x80\x06N.", "it is no pickle of protocol 2 to 5"),
    "no end": (b"\x80\x02N", "it ends too early"),
    "nothing": (b"\x80\x02.", "its pickle does not hold together"),
    "no mark": (b"\x80\x02Nt.", "its pickle does not hold together"),
    "below a mark": (b"\x80\x02N(\x85.", "its pickle does not hold together"),
    "memo": (b"\x80\x02h\x07.", "its pickle does not hold together"),
    "unknown": (b"\x80\x02N2.", "the instruction b'2' is not known here"),
    "text": (b"\x80\x02X\xff\xff\xff\xffabc.", "it ends too early"),
    "no text": (b"\x80\x02X\x01\x00\x00\x00\xff.", "its pickle does not hold together"),
    "list": (b"\x80\x02}Na.", "something is appended to what is no list"),
    "table": (b"\x80\x02]NNs.", "names and values are put into what is no table"),
    "odd": (b"\x80\x02}(Nu.", "names and values are put into what is no table"),
    "key": (b"\x80\x02})Ns.", "a table has a key that is no text and no small number"),
    "large key": (
        b"\x80\x02}\x8a\x09" + bytes(8) + b"\x01Ns.",
        "a table has a key that is no text and no small number",
    ),
    "call": (b"\x80\x02N)R.", "something is called that is no name"),
    "made of": (b"\x80\x02ccollections\nOrderedDict\n]\x85R.", "a table is made of something else than its names"),
    "fields": (b"\x80\x02]}b.", "fields are given to what has none"),
    "name": (b"\x80\x04NN\x93.", "a name is no text"),
    "endless name": (b"\x80\x02c" + b"x" * 2000, "a name has no end"),
    "long": (b"\x80\x02" + b"N" * 1_100_000, "it has more than 1,000,000 instructions"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_what_does_not_hold_together_is_one_sentence(case: str) -> None:
    content, says = DAMAGED[case]
    assert f"it is damaged: {says}" in refusal(lambda: pickles.read(content, "it"))


BOMBS = {
    "a place far away": b"\x80\x02Nr\xff\xff\xff\xff.",
    "lists in lists": b"\x80\x02" + b"]" + b"](" * 10_000,
    "a list in itself": b"\x80\x02]q\x00" + b"h\x00a" * 10_000 + b".",
    "twice, and twice again": b"\x80\x02]q\x00" + b"".join(b"(h%bh%bt\x94" % (b"\0", b"\0") for _ in range(60)) + b".",
    "a long number": b"\x80\x02\x8a\xff" + b"\x7f" * 255 + b".",
    "objects": b"\x80\x02cargparse\nNamespace\nq\x00" + b"h\x00)\x81" * 10_000 + b".",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_no_pickle_takes_more_than_some_memory(bomb: str) -> None:
    tracemalloc.start()
    try:
        pickles.read(BOMBS[bomb], "it")
    except ValueError as error:
        assert str(error).isprintable()
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 10_000 + 250 * len(BOMBS[bomb])  # so that the most instructions there may be take less than 256 MB


def test_a_pickle_that_is_too_long_is_not_begun() -> None:
    content = b"\x80\x02X" + struct.pack("<I", pickles.MAX_BYTES) + bytes(pickles.MAX_BYTES) + b"."
    assert "33,554,440 bytes of pickle, more than the 33,554,432" in refusal(lambda: pickles.read(content, "it"))
