"""`python -m playground` and the console commands: our own `models`, whatever folder we are started in."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run the command line after taking the current folder off the import path, unless the program lives there.

    With -m (or PYTHONPATH=.) Python looks in the current folder first, and many a folder has a `models` of its own.
    """
    here, home = os.getcwd(), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if os.path.realpath(here) != os.path.realpath(home):
        sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != here]

    from playground.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
