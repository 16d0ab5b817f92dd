"""The models that were opened, so that an opening can be undone for as long as there is room for them."""

from __future__ import annotations

from weakref import WeakValueDictionary

from playground.kit.kept import Kept
from playground.looking.host import Opened


class Shelf:
    """Opened models by the number of their opening; the one in use always, the others while they are kept."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.now: Opened | None = None  # in use
        self._opened: WeakValueDictionary[int, Opened] = WeakValueDictionary()
        self._last = 0

    def add(self, opened: Opened) -> int:
        """Number an opening, for `take`."""
        self._last += 1
        self._opened[self._last] = opened
        return self._last

    def holds(self, number: int) -> bool:
        """Whether the model of that opening is still there."""
        return number in self._opened

    def take(self, number: int) -> Opened:
        """Use the model of that opening from now on; the one before is kept while there is room, if it fits at all."""
        taken = self._opened[number]
        if self.now is not None and self.now.model.nbytes <= self.kept.most:
            self.kept.put(self.now, "model", self.now, self.now.model)
        self.kept.forget(taken)  # in use, it is not one of those that may go
        self.now = taken
        return taken
