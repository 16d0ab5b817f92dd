"""A thread that computes what was asked for last: nobody waits for it, and nothing is computed for nobody."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from models.errors import UserError

Request = TypeVar("Request")
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failed:
    """A request that could not be answered, and why in one sentence."""

    problem: str


class Worker(threading.Thread, Generic[Request, Answer]):
    """Answers the newest request, piece by piece; `post` hears the worker, the request and each piece, in the thread.

    `work` makes the pieces, None where there is nothing to say yet: after each of them a newer request takes over, and
    the rest of the older one is left. What it raises ends the request, never the thread.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[Request], Iterable[Answer | None]],
        post: Callable[[Worker[Request, Answer], Request, Answer | Failed], object],
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._work, self._post = work, post
        self._wake = threading.Condition()
        self._newest: tuple[Request] | None = None  # not yet looked at
        self._stopped = False

    def ask(self, request: Request) -> None:
        """Answer this next and forget any earlier request."""
        with self._wake:
            self._newest = (request,)
            self._wake.notify()

    def stop(self) -> None:
        """Leave after the piece in hand."""
        with self._wake:
            self._stopped = True
            self._wake.notify()

    @property
    def is_wanted_elsewhere(self) -> bool:
        """Whether what is in hand is no longer wanted."""
        return self._newest is not None or self._stopped

    def run(self) -> None:
        """Until stopped."""
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self.is_wanted_elsewhere)
                if self._stopped or self._newest is None:
                    return
                (request,), self._newest = self._newest, None
            self._answer(request)
            del request  # who waits holds nothing

    def _answer(self, request: Request) -> None:
        try:
            for piece in self._work(request):
                if piece is not None:
                    self._post(self, request, piece)
                if self.is_wanted_elsewhere:
                    return
        except Exception as error:  # a fault of ours must not end the thread and leave the screen waiting
            self._post(self, request, Failed(said_of(error)))


def said_of(error: Exception) -> str:
    """What prevented it, in one sentence; a fault of ours is kept in the log as well."""
    if isinstance(error, UserError):
        return str(error)
    log.error("a fault of the program", exc_info=error)
    files = (each.baseFilename for each in logging.getLogger().handlers if isinstance(each, logging.FileHandler))
    report = next((f"please report it with {name}" for name in files), "go on with something else")
    return f"this could not be computed, a fault of ours: {error!r} - {report}"
