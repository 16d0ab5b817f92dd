"""The command line: parse, hand over, and turn whatever happens into a sentence and an exit status.

0 done, 2 wrong use or unusable input, 4 disk or system, 70 a fault of ours (with a log), 141 a closed pipe, and for
a signal 128 and its number (130 for ctrl+c).
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from models.errors import UserError
from models.formats.files import shown
from playground import __version__
from playground.commands import ALL
from playground.text import visible

EPILOG = """\
examples:
  playground                                   open the screen
  playground --prompt "ROMEO:"                 ... with this text
  playground generate "To be" --tokens 50      write on
  playground --plain                           step by step in plain sentences, for screen readers

Without a command it is "play". Each command says more: playground COMMAND --help
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; nothing raised gets past here but what ends the process."""
    _hold_descriptors()
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a wrong byte, or a Latin-1 terminal, must not end it
    words, args = sys.argv[1:] if argv is None else argv, argparse.Namespace()
    try:
        code = _run(words, args)
        if sys.stdout:
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes at exit
        return 141
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        sentence, code = _fault(error, words)
        _complain(sentence)
        if getattr(args, "events", False):
            _tell(sentence, code)
        return code


def _hold_descriptors() -> None:
    """Have something at 0, 1 and 2 where they are closed: a file opened there would get what is printed."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest that is free
    if sys.stderr is None:  # print would take standard output instead
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)


def _run(argv: Sequence[str], args: argparse.Namespace) -> int:
    try:
        _parse(argv, args)
        if args.command != "train":  # one thread: at these sizes NumPy's others cost more than they bring
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        if (
            signal.getsignal(signal.SIGINT) is signal.SIG_DFL
        ):  # `__main__` has set it: from here on there is work to undo
            signal.signal(signal.SIGINT, signal.default_int_handler)
        code: int = ALL[args.command].run(args)
        return code
    except SystemExit as leaving:  # argparse, after --help or a wrong option
        return leaving.code if isinstance(leaving.code, int) else 2


def _parse(argv: Sequence[str], args: argparse.Namespace) -> None:
    named = argv and (argv[0] in ("-h", "--help", "--version") or not argv[0].startswith("-"))
    words = argv if named else ["play", *argv]  # a wrong command is no prompt
    summary = "A small GPT in your terminal: step it, see every number, switch parts off."
    parser = _Parser(prog="playground", description=summary, epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"playground {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=_Parser)
    for name, module in ALL.items():
        summary = (module.__doc__ or "").partition("\n")[0]
        command = commands.add_parser(name, help=summary, description=module.__doc__, epilog=module.EXAMPLES)
        if name == words[0]:  # what the others' options are made of need not load
            module.add_arguments(command)
    parser.parse_args(words, args)
    if not named and args.text in ALL:
        parser.error(f"a command comes first: playground {args.text} ...")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, safe to print, and where to read more."""

    def __init__(self, **given: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **given)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Complain of what is left over as the command it was meant for."""
        found, left = super().parse_known_args(args, namespace)
        if left:
            self.error(f"unrecognized arguments: {' '.join(left)}")
        return found, left

    def error(self, message: str) -> NoReturn:
        _complain(str(UserError(message, f"see {self.prog} --help")))
        sys.exit(2)


def _fault(error: Exception, argv: Sequence[str]) -> tuple[str, int]:
    """One sentence, and the exit status."""
    if isinstance(error, UserError):
        return str(error), 2
    if isinstance(error, OSError):
        place = f" ({shown(Path(os.fsdecode(error.filename)))})" if error.filename else ""
        return str(UserError(f"{error.strerror or error}{place}", "the system refused; nothing more was written")), 4
    fault = UserError(f"a fault of the program: {type(error).__name__}: {error}")
    return f"{fault} - {_log(argv)}", 70


def _log(argv: Sequence[str]) -> str:
    """Write what a report of the fault needs, and say where."""
    import platform
    import tempfile
    import traceback

    facts = f"playground {__version__}, Python {platform.python_version()}, {platform.platform()}\n{list(argv)!r}\n\n"
    try:
        handle, name = tempfile.mkstemp(prefix="playground-", suffix=".log")
        with open(handle, "w", encoding="utf-8", errors="backslashreplace") as log:
            log.write(facts + traceback.format_exc())
    except OSError:
        return "and its log could not be written"
    return f"please report it with {shown(Path(name))}"


def _tell(sentence: str, code: int) -> None:
    """Say so to a program that watches the training by its events."""
    from models.runs.events import Failed, encode

    with suppress(OSError):  # nobody may read it any more
        os.write(1, encode(Failed(sentence, code)).encode() + b"\n")


def _complain(sentence: str) -> None:
    print("error:", visible(sentence), file=sys.stderr)
