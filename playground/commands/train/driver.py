"""Begins or resumes a run, and shows it until it ends."""

from __future__ import annotations

import argparse
import math
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue

from models.corpora.token_files import Progress
from models.runs import catalogue
from models.runs.events import Ended, Event, Inbox, Leave, Working
from models.training import opening
from models.training.run import EVERY, How, Run
from playground.commands.train import signals
from playground.commands.train import training_options as options
from playground.commands.train.lines import CLOSED, Lines, listen
from playground.commands.train.order import order_of, replacing
from playground.commands.train.progress_bar import Bar
from playground.text import visible

SHOWN_EVERY = 0.5  # seconds between steps in a file of JSON lines


def drive(args: argparse.Namespace) -> int:
    """Train to the end, and return the exit status."""
    if signals.by_torchrun():
        signals.end_with_torchrun()  # the others end with this one
    inbox: Inbox = SimpleQueue()
    how = How(args.paused, args.on_full_disk == "stop", _every(args), args.measure == options.WHOLE)
    with _view(args, inbox) as (show, prepare):
        with signals.at_once():
            begun = _run(args, prepare)
        try:
            with begun, signals.into(inbox):
                for event in begun.events(inbox, how):
                    show(event)
        except KeyboardInterrupt:  # the second ctrl+c
            _say(f"left at once - go on with: {begun.onward}", args)
            return 130
    assert isinstance(event, Ended)
    onward = f" - go on with: {event.onward}" if event.onward else ""
    _say(f"{'error: ' if event.status in (4, 5) else ''}{event.why}{onward}", args)
    return event.status


def _every(args: argparse.Namespace) -> float:
    return SHOWN_EVERY if args.json else EVERY


def _say(sentence: str, args: argparse.Namespace) -> None:
    """The last line, for a person."""
    if not args.events:
        with suppress(OSError):  # the terminal may be what ended it
            print(visible(sentence), file=sys.stderr)


def follow(args: argparse.Namespace) -> int:
    """Be one of several processes that is not the main one: print nothing, write nothing, end when that one does."""
    config = catalogue.open(args.resume).config if args.resume is not None else options.config_of(args)
    opening.follow(config.device, signals.ignore)
    return 0


def _run(args: argparse.Namespace, prepare: Progress) -> Run:
    if args.resume is not None:
        return opening.resume(Path(args.resume), prepare)
    order, out = order_of(args), Path(args.out)
    with replacing(out):
        return opening.create(out, order.config, order.spec, order.command, order.start, order.store, prepare)


@contextmanager
def _view(args: argparse.Namespace, inbox: Inbox) -> Iterator[tuple[Callable[[Event], None], Progress]]:
    """What shows the events, and what is done before the first; with --events it also takes the commands."""
    if not (args.json or args.events):
        with Bar() as bar:
            yield bar.show, bar.prepare
        return
    with _own_output() as descriptor:
        lines = Lines(descriptor, lambda: inbox.put(Leave("as nobody reads what it says", CLOSED)))
        if args.events:
            listen(sys.__stdin__.fileno() if sys.__stdin__ else os.open(os.devnull, os.O_RDONLY), inbox, lines.show)
        try:
            yield lines.show, _telling(lines.show, _every(args))
        finally:
            lines.close()


def _telling(show: Callable[[Event], None], every: float) -> Progress:
    """Progress as events, not more often than that."""
    told = ("", -math.inf)

    def tell(doing: str, share: float) -> None:
        nonlocal told
        now = time.monotonic()
        if doing != told[0] or now - told[1] >= every:
            told = (doing, now)
            show(Working(doing, share))

    return tell


@contextmanager
def _own_output() -> Iterator[int]:
    """Standard output for the events alone: whatever else is printed meanwhile goes to standard error."""
    own = os.dup(1)
    os.dup2(2, 1)
    try:
        yield own
    finally:
        os.dup2(own, 1)
        os.close(own)
