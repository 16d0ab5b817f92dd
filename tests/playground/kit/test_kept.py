"""What is kept: as much as there is room for, the oldest goes first, and what is shared counts once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread

from playground.kit.kept import SPARED, Kept


@dataclass(frozen=True, eq=False)
class Block:
    """So many bytes."""

    nbytes: int


@dataclass(frozen=True, eq=False)
class Growing:
    """As large as what it holds."""

    held: bytearray

    @property
    def nbytes(self) -> int:
        return len(self.held)


def test_the_oldest_go_where_there_is_no_room_and_use_makes_young() -> None:
    kept = Kept(100)
    for name in "abc":
        kept.put("me", name, name.upper(), Block(30))
    assert kept.get("me", "a") == "A"
    kept.put("me", "d", "D", Block(30))
    assert [kept.get("me", name) for name in "abcd"] == ["A", None, "C", "D"]
    assert kept.nbytes == 90


def test_what_several_values_lie_in_counts_once_and_goes_with_the_last() -> None:
    kept, shared = Kept(100), Block(60)
    kept.put("me", 1, "one", shared)
    kept.put("me", 2, "two", shared, Block(10))
    assert kept.nbytes == 70
    kept.put("me", 3, "three", Block(40))
    assert kept.get("me", 1) is None and kept.get("me", 2) == "two" and kept.nbytes == 110  # the last two stay
    kept.put("me", 3, "again", Block(5))
    assert kept.nbytes == 75


def test_the_last_two_stay_however_large_and_room_is_made_before_the_next() -> None:
    kept = Kept(10)
    for name in "abc":
        kept.put("me", name, name, Block(1000))
    assert kept.nbytes == 1000 * SPARED == 2000
    kept.make_room(1000)
    assert kept.nbytes == 1000 and kept.get("me", "c") == "c"


def test_owners_do_not_meet_and_one_who_is_gone_leaves_nothing() -> None:
    kept, mine, yours = Kept(100), object(), object()
    kept.put(mine, 1, "mine", Block(10))
    kept.put(yours, 1, "yours", Block(20))
    assert (kept.get(mine, 1), kept.get(yours, 1)) == ("mine", "yours")
    kept.forget(mine)
    assert kept.get(mine, 1) is None and kept.get(yours, 1) == "yours" and kept.nbytes == 20


def test_threads_at_the_same_time_leave_the_count_right() -> None:
    kept, blocks = Kept(500), [Block(size) for size in range(1, 40)]

    def use(by: int) -> Callable[[], None]:
        def run() -> None:
            for turn in range(2000):
                key = turn * by % 97
                if kept.get("all", key) is None:
                    kept.put("all", key, key, blocks[key % len(blocks)])

        return run

    threads = [Thread(target=use(by)) for by in (3, 5, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = {id(memory): memory.nbytes for _, pieces in kept._values.values() for memory in pieces}
    assert kept.nbytes == sum(held.values()) <= 500


def test_memory_that_grows_is_counted_as_large_as_it_is() -> None:
    kept, growing = Kept(100), bytearray(10)
    kept.put("a", 1, "short", view := Growing(growing))
    growing += bytes(20)
    kept.put("a", 2, "long", view)
    assert kept.nbytes == 30
    kept.forget("a")
    assert kept.nbytes == 0
