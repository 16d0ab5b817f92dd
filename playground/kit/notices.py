"""What a person is told, and for how long it stands."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from playground import text

LEAST, LONGEST = 1.0, 6.0  # seconds a notice stands whatever is pressed; after which news goes by itself
KEPT = 50  # of those told


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence, safe to show; `wrong` where something could not be done."""

    words: str
    wrong: bool
    at: float  # by the clock of the notices


class Notices:
    """All that was told, and what of it stands: what is wrong until a key, news until that or for some seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.told: deque[Notice] = deque(maxlen=KEPT)
        self.standing: list[Notice] = []

    def tell(self, words: str, *, wrong: bool) -> None:
        """One more; foreign text in it is made safe here."""
        notice = Notice(text.visible(words), wrong, self.clock())
        self.told.append(notice)
        self.standing = [each for each in self.standing if each.words != notice.words]  # said again, it stands once
        self.standing.append(notice)

    def pressed(self) -> bool:
        """A key or a click: what could be read by now goes; whether any did."""
        return self._drop(lambda age, wrong: age >= LEAST)

    def grow_old(self) -> bool:
        """Time has passed: old news goes; whether any did."""
        return self._drop(lambda age, wrong: age >= LONGEST and not wrong)

    def read(self) -> None:
        """All of it goes."""
        self.standing = []

    @property
    def shown(self) -> Notice | None:
        """The last that stands, what is wrong before all news, with the number of the others."""
        if not self.standing:
            return None
        _, last = max(enumerate(self.standing), key=lambda each: (each[1].wrong, each[0]))
        more = len(self.standing) - 1
        return replace(last, words=f"{last.words} (and {more} more)") if more else last

    def _drop(self, goes: Callable[[float, bool], bool]) -> bool:
        before, now = len(self.standing), self.clock()
        self.standing = [notice for notice in self.standing if not goes(now - notice.at, notice.wrong)]
        return len(self.standing) < before
