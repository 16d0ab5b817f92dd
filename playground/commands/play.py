"""Open the screen (this is what "playground" alone does).

Type a prompt, step the model token by token, look at every head, switch parts off, compare with a bigram.
The first time it offers three ways to begin; later it begins where you left, unless a model or a text is given.
With --plain there is no screen: commands are read line by line and answered in sentences.
"""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import UserError
from playground.commands import options

if TYPE_CHECKING:
    from playground.looking.session import Session

# `screens.NAMES`, which a parser cannot wait for: it brings Textual along
SCREENS = ("play", "train", "compare", "inside", "learn")

EXAMPLES = """\
examples:
  playground play "ROMEO:"                       start with this text
  playground play --switch head-off:0.2          ... with a head silenced
  playground play --model ./my-model             ... with a model of your own
  playground play --screen train                 watch a model learn
  playground play --screen compare "ROMEO:"      models side by side on this text
  playground play --plain "To be"                in sentences, for screen readers
  printf 'step 5\\ncandidates\\n' | playground play --plain "To be"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of play."""
    parser.add_argument("text", metavar="TEXT", nargs="?", help="the text to start with")
    parser.add_argument("--prompt", metavar="TEXT", help="the same as TEXT")
    parser.add_argument("--plain", action="store_true", help="no screen: sentences, one command a line (try: help)")
    parser.add_argument("--screen", choices=SCREENS, help="to begin with; default: play, or where you left")
    parser.add_argument("--runs", metavar="DIR", help="the folder of training runs")
    says = "MB of what was computed that are kept, to be there at once; default: as settings.json says, or 256"
    parser.add_argument("--memory", metavar="MB", type=options.count, help=says)
    options.add_model(parser)
    parser.set_defaults(model=None)  # so that one that is named is told from the default
    options.add_sampler(parser)


def run(args: argparse.Namespace) -> int:
    """Open the screen or the plain mode; 2 where there is no terminal for a screen."""
    prompt = options.argument_of(args)
    goes_on = _asks_for_nothing(args)
    args.model = args.model or options.DEFAULT_MODEL
    if args.plain:
        return in_sentences(args, prompt)
    check_terminal()
    from playground import app

    runs = Path(args.runs) if args.runs is not None else None
    begin = partial(_session_of, args)
    return app.run(app.Playground(args.model, prompt, begin, runs, args.screen, args.memory, goes_on=goes_on))


def _asks_for_nothing(args: argparse.Namespace) -> bool:
    """Whether it may begin where the person left: no model, text, switch or way of drawing tokens was given."""
    drawn = args.seed, args.temperature, args.top_k, args.top_p
    return (
        all(each is None for each in (args.text, args.prompt, args.model)) and not args.switch and drawn == (1, 1, 0, 1)
    )


def _session_of(args: argparse.Namespace) -> Session:
    from models.switches import parse
    from playground.looking.session import Session

    switches, sampler = tuple(map(parse, args.switch)), options.sampler_of(args)
    return Session("", switches=switches, sampler=sampler, seed=args.seed)


def in_sentences(args: argparse.Namespace, prompt: str | None) -> int:
    """The plain mode; UserError for a model, a text or an option that cannot be used."""
    from playground.looking.session import Session, write
    from playground.plain.mode import run as plain

    opened, sampler = options.open_gpt(args), options.sampler_of(args)
    text, tokens = opened.encoded(prompt)
    opened.note_unknown(text)
    session = Session(opened.model.name, switches=opened.switches, sampler=sampler, seed=args.seed)
    return plain(opened.model, opened.baselines, write(session, tuple(tokens), text))


def check_terminal() -> None:
    """UserError where there is none that a screen could be drawn on."""
    streams = {"standard input": sys.stdin, "standard output": sys.stdout, "standard error": sys.stderr}
    missing = [name for name, stream in streams.items() if not (stream and stream.isatty())]
    if missing:
        raise UserError(f"this screen needs a terminal, and {missing[0]} is not one", "use playground --plain")
    if os.environ.get("TERM") == "dumb":
        what = "this screen needs a terminal that can move its cursor (TERM is dumb)"
        raise UserError(what, "use playground --plain")
