"""Tests of the search for circles while the keys rest."""

from __future__ import annotations

import ctypes
import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from weakref import ref

import pytest

from playground.kit import tidying
from playground.kit.tidying import DUE, REST, WHOLE, Tidying, give_back


class Circle:
    """What only the search finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def due() -> Iterator[None]:
    """A search is due, and Python makes none by itself."""
    gc.collect()
    before = gc.get_threshold()
    gc.set_threshold(before[0], before[1], 1000)
    for _ in range(DUE):
        gc.collect(1)
    yield
    gc.set_threshold(*before)


def test_a_search_waits_until_the_keys_rest(due: None, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(tidying, "monotonic", lambda: now[0])
    tidying_now, kept = Tidying(), Circle()
    told = ref(kept)
    gc.collect(1)
    gc.collect(1)
    del kept
    now[0] += REST / 2
    assert not tidying_now.tidy() and told() is not None
    now[0] += REST
    tidying_now.pressed()
    assert not tidying_now.tidy() and told() is not None
    now[0] += REST
    assert tidying_now.tidy() and told() is None
    assert not tidying_now.tidy()  # nothing is due any more


def test_what_a_search_left_is_looked_through_now_and_then(due: None, monkeypatch: pytest.MonkeyPatch) -> None:
    frozen, tidying_now, kept = gc.get_freeze_count(), Tidying(), Circle()
    told = ref(kept)
    tidying_now.search()
    assert gc.get_freeze_count() > frozen
    del kept
    tidying_now.search()
    assert told() is not None, "it is not looked at"
    for _ in range(WHOLE):
        tidying_now.search()
    assert told() is None


def test_what_computing_took_is_given_back_once_the_keys_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    now, given = [100.0], list[float]()
    monkeypatch.setattr(tidying, "monotonic", lambda: now[0])
    monkeypatch.setattr(tidying, "give_back", lambda: given.append(now[0]))
    gc.collect()  # no search is due
    tidying_now = Tidying()
    for after, heard in ((REST / 2, True), (REST, False), (REST, False), (REST, True), (REST, True)):
        now[0] += after
        if heard:
            tidying_now.heard()
        tidying_now.tidy()
    assert given == [100 + 1.5 * REST, 100 + 3.5 * REST, 100 + 4.5 * REST]


def test_left_alone_python_does_not_search_at_a_key() -> None:
    does = "import gc; from playground.kit import tidying; tidying.wait_for_rest(); print(*gc.get_threshold())"
    says = subprocess.run([sys.executable, "-c", does], capture_output=True, text=True, check=True).stdout
    assert int(says.split()[2]) == tidying.LAST_RESORT


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library than glibc, which has it")
def test_what_is_free_goes_back_to_the_system() -> None:
    """Pieces of 2 KB, all but a few let go: no page of theirs is at the end of what is held."""
    held = [bytes(2048) for _ in range(20_000)]
    few = held[::500]
    del held
    before = resident()
    give_back()
    assert resident() < before - (20 << 20) and len(few) == 40


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
