"""Python's search for what refers to itself in circles, made while no key is waited for.

The search through all objects of the app takes about 90 ms, in which nothing is drawn; left to itself it begins at any
key. It is asked for here once the keys have rested, and Python keeps it as a last resort for keys that never rest.
"""

from __future__ import annotations

import ctypes
import gc
from time import monotonic

REST = 0.7  # seconds without a key after which a person is taken to look
DUE = 10  # searches through the younger objects after which Python would make the whole one, too
LAST_RESORT = 500  # ... and those after which it makes it whatever is pressed


def wait_for_rest() -> None:
    """No whole search begins by itself, for this process, until the last resort."""
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, LAST_RESORT)


class Tidying:
    """When the keys rest, and whether a search is due."""

    def __init__(self) -> None:
        self.pressed_at = monotonic()

    def pressed(self) -> None:
        """A key came."""
        self.pressed_at = monotonic()

    def tidy(self) -> bool:
        """Search, if it is due and the keys rest; whether it was."""
        rests = monotonic() - self.pressed_at >= REST
        if not rests or gc.get_count()[2] < DUE:
            return False
        gc.collect()
        give_back()
        return True


def give_back() -> None:
    """Return to the system what the C library holds though it is free: 28 MB, once 50,000 tokens have been read."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # where it is glibc
    if trim is not None:
        trim(0)
