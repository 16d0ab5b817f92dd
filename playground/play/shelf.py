"""The models that were opened, so that an opening can be undone: as many as there is room for."""

from __future__ import annotations

from playground.play.host import Opened

MOST_BYTES = 256 << 20  # of weights, beside those of the model in use


class Shelf:
    """Opened models by the number of their opening, the newest last."""

    def __init__(self) -> None:
        self._held: dict[int, Opened] = {}
        self._last = 0

    def put(self, opened: Opened) -> int:
        """Hold this one, and let the oldest go that there is no more room for; its number."""
        while self._held and sum(map(_nbytes, self._held.values())) > MOST_BYTES:
            del self._held[min(self._held)]
        self._last += 1
        self._held[self._last] = opened
        return self._last

    def get(self, number: int) -> Opened | None:
        """The model of that opening, if it is still held."""
        return self._held.get(number)


def _nbytes(opened: Opened) -> int:
    return sum(weight.nbytes for weight in opened.model.weights.values())
