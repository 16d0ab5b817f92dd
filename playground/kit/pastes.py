"""What a terminal sends as pasted, told from keys: it never acts as keys do, and one that is never closed ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

BEGINS, ENDS = "\x1b[200~", "\x1b[201~"
MOST = 4_000_000  # characters of one paste; what is beyond them is left out
SILENCE = 2.0  # seconds after which no more of a paste is expected, but for single keys
KEY = 32  # characters: what is longer was not typed
WAIT = 0.02  # seconds in which the rest of a mark must come


class PasteParser(XTermParser):
    """Takes pastes out before Textual looks for keys, which it would also find behind an escape that was pasted."""

    def __init__(self, debug: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(debug)
        self.clock, self.heard = clock, 0.0
        self.pasted: str | None = None  # so far; None where nothing is being pasted
        self.rest = ""  # which may be the beginning of a mark

    def feed(self, data: str) -> Iterable[Message]:
        """What the next piece of input means; nothing is the end of all input."""
        if not data:
            yield from self._close()
            yield from super().feed(data)
            return
        if self.pasted is None or len(data) > KEY:  # keys that a person tries do not hold it open
            self.heard = self.clock()
        self.rest, data = "", self.rest + data
        while data:
            mark = BEGINS if self.pasted is None else ENDS
            before, found, after = data.partition(mark)
            self.rest = "" if found else _beginning(before, mark)
            yield from self._take(before.removesuffix(self.rest))
            if found and mark == BEGINS:
                self.pasted, self.heard = "", self.clock()
            elif found:
                yield from self._end_paste()
            data = after

    def tick(self) -> Iterable[Message]:
        """Called at intervals: what has been waited for long enough is not waited for any more."""
        silent = self.clock() - self.heard
        if silent >= (WAIT if self.pasted is None else SILENCE):
            yield from self._close()
        yield from super().tick()

    def _take(self, text: str) -> Iterable[Message]:
        if self.pasted is not None:
            self.pasted += text[: MOST - len(self.pasted)]
        elif text:
            yield from super().feed(text)

    def _close(self) -> Iterable[Message]:
        rest, self.rest = self.rest, ""
        yield from self._take(rest)
        if self.pasted is not None:
            yield from self._end_paste()

    def _end_paste(self) -> Iterable[Message]:
        assert self.pasted is not None
        yield events.Paste(self.pasted.replace("\x00", ""))
        self.pasted = None


def _beginning(text: str, mark: str) -> str:
    """The end of the text with which the mark may begin."""
    return next((mark[:n] for n in range(len(mark) - 1, 0, -1) if text.endswith(mark[:n])), "")
