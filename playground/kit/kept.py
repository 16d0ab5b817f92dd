"""What is kept so that it is there at once when it is wanted again: bounded by its bytes, the oldest goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, Protocol

SPARED = 2  # values that stay, however large: those that are looked at, and what they are held against


class Memory(Protocol):
    """Something that lies in memory."""

    @property
    def nbytes(self) -> int:
        """How large it is."""


class Kept:
    """Values by their owner and key, for all threads and screens of the program.

    A value says what it lies in; where several lie in the same, that counts once.
    """

    def __init__(self, most: int) -> None:
        """Room for so many bytes."""
        self.most = most
        self._lock = threading.RLock()
        self._values: OrderedDict[tuple[Hashable, Hashable], tuple[Any, tuple[Memory, ...]]] = OrderedDict()
        self._shares: dict[int, int] = {}  # by how many values each piece of memory is shared
        self._sizes: dict[int, int] = {}  # of each piece, when it was looked at last: some grow
        self._nbytes = 0

    @property
    def nbytes(self) -> int:
        """What is held now."""
        return self._nbytes

    def get(self, owner: Hashable, key: Hashable) -> Any:
        """The value, which counts as used; None if it is not there."""
        with self._lock:
            found = self._values.get((owner, key))
            if found is None:
                return None
            self._values.move_to_end((owner, key))
            return found[0]

    def put(self, owner: Hashable, key: Hashable, value: Any, *memory: Memory) -> None:
        """Keep a value, which lies in this memory; the oldest go where there is no room."""
        with self._lock:
            self._drop((owner, key))
            self._values[owner, key] = value, memory
            for piece in memory:
                self._shares[id(piece)] = self._shares.get(id(piece), 0) + 1
                self._nbytes += piece.nbytes - self._sizes.get(id(piece), 0)
                self._sizes[id(piece)] = piece.nbytes
            self._thin(self.most, SPARED)

    def make_room(self, nbytes: int) -> None:
        """Let the oldest go before a value of so many bytes is made, so that both are never there at once."""
        with self._lock:
            self._thin(self.most - nbytes, SPARED - 1)

    def forget(self, owner: Hashable) -> None:
        """All values of an owner, who is gone."""
        with self._lock:
            for key in [key for key in self._values if key[0] is owner]:
                self._drop(key)

    def _thin(self, most: int, spared: int) -> None:
        while self._nbytes > most and len(self._values) > spared:
            self._drop(next(iter(self._values)))

    def _drop(self, key: tuple[Hashable, Hashable]) -> None:
        _, memory = self._values.pop(key, (None, ()))
        for piece in memory:
            self._shares[id(piece)] -= 1
            if not self._shares[id(piece)]:
                del self._shares[id(piece)]
                self._nbytes -= self._sizes.pop(id(piece))
