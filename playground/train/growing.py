"""What only ever grows at its end, shared by all who saw it shorter: appending costs the same however much there is.

As with the Tape behind a Trace: each value sees as much as there was when it was made, and who appends to one that
another has already appended to gets a copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, TypeVar, overload

import numpy as np

from models.ops import Array

T = TypeVar("T")
_SMALLEST = 64  # rows


class Grown(Sequence[T], Generic[T]):
    """A tuple to which `and_(item)` appends without copying."""

    __slots__ = ("_items", "_length")

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._items = list(items)
        self._length = len(self._items)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self._items[at] for at in range(*index.indices(self._length))]
        return self._items[range(self._length)[index]]

    def __iter__(self) -> Iterator[T]:
        return (self._items[at] for at in range(self._length))

    def and_(self, item: T) -> Grown[T]:
        """One item more."""
        longer: Grown[T] = Grown.__new__(Grown)
        shared = len(self._items) == self._length
        longer._items = self._items if shared else self._items[: self._length]
        longer._items.append(item)
        longer._length = self._length + 1
        return longer

    def first(self, count: int) -> Grown[T]:
        """The first so many."""
        return self if count >= len(self) else Grown(self._items[:count])


class _Buffer:
    """Rows of numbers with room for more, a column each."""

    def __init__(self, values: Array) -> None:
        self.values, self.used = values, values.shape[1]

    def append(self, row: Sequence[float]) -> None:
        if self.used == self.values.shape[1]:
            room = np.empty((len(self.values), max(2 * self.used, _SMALLEST)))
            room[:, : self.used] = self.values
            self.values = room
        self.values[:, self.used] = row
        self.used += 1


class Table:
    """Named columns of numbers (float64); `table["loss"]` is one of them, not to be written to."""

    __slots__ = ("_buffer", "_length", "_names")

    def __init__(self, *names: str) -> None:
        self._names = {name: at for at, name in enumerate(names)}
        self._buffer, self._length = _Buffer(np.empty((len(names), 0))), 0

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, name: str) -> Array:
        return self._buffer.values[self._names[name], : self._length]

    def and_(self, *row: float) -> Table:
        """One row more."""
        buffer = self._buffer
        if buffer.used > self._length:  # another has appended to it
            buffer = _Buffer(buffer.values[:, : self._length].copy())
        buffer.append(row)
        return self._seeing(buffer, self._length + 1)

    def first(self, count: int) -> Table:
        """The first so many rows."""
        return self if count >= len(self) else self._seeing(self._buffer, count)

    def _seeing(self, buffer: _Buffer, length: int) -> Table:
        other = Table()
        other._names, other._buffer, other._length = self._names, buffer, length
        return other
