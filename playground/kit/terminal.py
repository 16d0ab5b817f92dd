"""The terminal at its worst: input that is no text, a signal to leave, the terminal gone.

None of it ends the program early, and none leaves the screen as it was or an orphan behind.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import termios
import threading
import time
from codecs import getincrementaldecoder
from contextlib import suppress
from functools import partial

from textual.drivers.linux_driver import LinuxDriver

from playground.kit.pastes import PasteParser

PATIENCE = 2.0  # seconds in which an orderly end must succeed
EVERY = 1.0  # seconds between looks at the terminal
TICK = 0.05  # seconds between looks at what was begun and not ended in the input
CHUNK = 4096  # bytes
SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
# modes off: paste, sizes in the input, mouse, keys by number, second screen, focus; wrapping and cursor on
OFF = "".join(f"\x1b[?{mode}l" for mode in (2004, 2048, 1000, 1003, 1015, 1006, 1016))
AS_FOUND = f"{OFF}\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l".encode()


class PatientDriver(LinuxDriver):
    """Reads on after input that cannot be decoded, and leaves the terminal as it was found whatever ends the app."""

    watches = False

    def start_application_mode(self) -> None:
        """The signals first: none may come between the terminal's modes and who takes them back."""
        if not self.watches:
            self.watches = True
            self._watch()
        super().start_application_mode()  # type: ignore[no-untyped-call] # Textual's

    def _sigcont_application(self, *_: object) -> None:
        """Gone on with: begun anew where it was put aside in order; stopped from outside it is drawn anew, no more.

        Begun a second time it would read with two threads, and take its own modes for those that it found; begun when
        it leaves, and has given the terminal back, it would keep that.
        """
        if self._app._exit:
            return
        if self._writer_thread is None or not self._writer_thread.is_alive():
            super()._sigcont_application()
        else:
            with suppress(RuntimeError):  # it is leaving
                asyncio.get_running_loop().call_soon_threadsafe(partial(self._app.refresh, layout=True))

    def run_input_thread(self) -> None:
        """Give the app what is typed and pasted, until it leaves."""
        while not self.exit_event.is_set():
            with suppress(ValueError, OverflowError):  # a number in a sequence that is none: that sequence is lost
                self._read(PasteParser(self._debug))

    def _read(self, parser: PasteParser) -> None:
        decode = getincrementaldecoder("utf-8")("ignore").decode
        while not self.exit_event.is_set():
            if select.select([self.fileno], [], [], TICK)[0]:
                data = os.read(self.fileno, CHUNK)
                if not data:  # nobody types there any more
                    self.exit_event.wait(TICK)
                for event in parser.feed(typed) if (typed := decode(data)) else ():
                    self.process_message(event)
            for event in parser.tick():
                self.process_message(event)

    def _watch(self) -> None:
        """End the app on a signal to leave, with 128 + its number, and when its terminal is no more.

        Neither waits for the event loop: writing to a terminal that is gone can hold it up for ever.
        """
        loop = asyncio.get_running_loop()
        heard, told = os.pipe()
        os.set_blocking(told, False)

        def look() -> None:
            number = b""
            while not number and _is_there():
                number = os.read(heard, 1) if select.select([heard], [], [], EVERY)[0] else b""
            status = 128 + (number[0] if number else signal.SIGHUP)
            with suppress(RuntimeError):  # it has just left by itself
                loop.call_soon_threadsafe(lambda: self._app.exit(return_code=status))
            time.sleep(PATIENCE)
            self._leave_at_once(status)

        def tell(number: int, _frame: object) -> None:
            with suppress(OSError):  # full of signals
                os.write(told, bytes([number]))

        # the handler runs in the midst of anything, whose locks are then held: it takes none, and starts no thread
        for number in SIGNALS:
            signal.signal(number, tell)
        threading.Thread(target=look, name="terminal", daemon=True).start()

    def _leave_at_once(self, status: int) -> None:
        with suppress(OSError, ValueError, termios.error):
            if self.attrs_before is not None:
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
            assert self._file is not None
            screen = self._file.fileno()
            if select.select([], [screen], [], PATIENCE)[1]:  # one that takes nothing must not hold this up for ever
                os.write(screen, AS_FOUND)
        os._exit(status)


def _is_there() -> bool:
    try:
        return sys.__stdin__ is not None and os.isatty(sys.__stdin__.fileno())
    except (OSError, ValueError):
        return False
