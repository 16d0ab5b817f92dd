"""What is no longer needed is looked for and given back while no key is waited for.

Python's search for circles through all objects of the app takes about 90 ms, in which nothing is drawn; left to
itself it begins at any key. It is asked for here once the keys have rested, and Python keeps it as a last resort for
keys that never rest. What a search leaves is not looked through by the next ones, which are over in a few
milliseconds: but for one in `WHOLE`.
"""

from __future__ import annotations

import ctypes
import gc
from time import monotonic

REST = 0.7  # seconds without a key after which a person is taken to look
DUE = 10  # searches through the younger objects after which Python would make the whole one, too
LAST_RESORT = 500  # ... and those after which it makes it whatever is pressed
WHOLE = 20  # searches, of which one looks through what those before have left as well


def wait_for_rest() -> None:
    """No whole search begins by itself, for this process, until the last resort."""
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, LAST_RESORT)


class Tidying:
    """When the keys rest, and what is due then."""

    def __init__(self) -> None:
        self.pressed_at = monotonic()
        self.searches = 0
        self.has_heard = False  # since what was free was given back

    def pressed(self) -> None:
        """A key came."""
        self.pressed_at = monotonic()

    def heard(self) -> None:
        """Something was computed: what that took is free, and still held."""
        self.has_heard = True

    def tidy(self) -> bool:
        """Search and give back, as far as it is due and the keys rest; whether anything was."""
        if monotonic() - self.pressed_at < REST:
            return False
        searches = gc.get_count()[2] >= DUE
        if searches:
            self.search()
        gives_back, self.has_heard = searches or self.has_heard, False
        if gives_back:
            give_back()
        return gives_back

    def search(self) -> None:
        """Through what is new, now and then through everything."""
        self.searches += 1
        if self.searches % WHOLE == 0:
            gc.unfreeze()
        gc.collect()
        gc.freeze()


def give_back() -> None:
    """Return to the system what the C library holds though it is free: 28 MB, once 50,000 tokens have been read."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # where it is glibc
    if trim is not None:
        trim(0)
