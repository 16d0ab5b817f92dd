"""`python -m playground` and the console commands: our own `models`, whatever folder we are started in."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from types import TracebackType


def main() -> int:
    """Run the command line after taking the current folder off the import path, unless the program lives there.

    With -m (or PYTHONPATH=.) Python looks in the current folder first, and many a folder has a `models` of its own.
    """
    _end_at_once_when_interrupted()
    here, home = os.getcwd(), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if os.path.realpath(here) != os.path.realpath(home):
        sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here]

    from playground.cli import main as run

    status = run()
    if any(thread.daemon for thread in threading.enumerate()):
        _leave_them(status)
    return status


def _leave_them(status: int) -> None:
    """End beneath threads that still compute.

    Python's own farewell ends each of them where it next asks for the interpreter; in the middle of NumPy's C++ that
    aborts the process, or hangs it.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(status)


def _end_at_once_when_interrupted() -> None:
    """Until a command has begun there is nothing to undo, and nobody wants to read which import was interrupted."""
    usual = sys.excepthook

    def say(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if kind is not KeyboardInterrupt:
            usual(kind, error, trace)

    sys.excepthook = say  # first: the next line takes some milliseconds
    import signal

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where the shell has it ignored
        signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(main())
