"""What only grows at its end is shared with what was known before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from playground.train.growing import Grown, Table
from tests.playground.train.train_records import course, live, stepped


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60))
def test_what_grows_is_as_if_each_had_its_own(moves: list[tuple[int, int]]) -> None:
    lists: list[list[int]] = [[]]
    grown: list[Grown[int]] = [Grown()]
    tables = [Table("a", "b")]
    for pick, value in moves:
        at = pick % len(lists)
        if value < 5:  # cut
            lists.append(lists[at][:value])
            grown.append(grown[at].first(value))
            tables.append(tables[at].first(value))
        else:
            lists.append([*lists[at], value])
            grown.append(grown[at].and_(value))
            tables.append(tables[at].and_(value, -value))
    for mine, longer, table in zip(lists, grown, tables, strict=True):
        assert list(longer) == mine == longer[:] and len(longer) == len(mine) == len(table)
        assert table["a"].tolist() == mine and table["b"].tolist() == [-value for value in mine]
        assert list(reversed(longer)) == mine[::-1] and longer[1:3] == mine[1:3]


def test_growing_copies_nothing() -> None:
    table = Table("a")
    for value in range(1000):
        table, before = table.and_(value), table
    assert before._buffer is table._buffer
    record = live(course())
    assert record.after(stepped(101)).curve._buffer is record.curve._buffer
