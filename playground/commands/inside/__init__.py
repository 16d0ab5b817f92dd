"""Look inside one pass: which part said it, what it looked at, and what would have happened without.

Each question is a command of its own, with the model and the text it is about. Numbers are those of the Inside screen.
"""

from __future__ import annotations

import argparse
from types import ModuleType

from playground.commands.inside import attribute, edges, lens, neurons, patch, senses, sweep, texts, walk, words

EXAMPLES = """\
examples:
  playground inside lens little-world "michael jordan plays"
  playground inside lens little-world "michael jordan plays" --switch mlp-off:1 --json | jq .layers
  playground inside sweep little-world "michael jordan plays"
  playground inside attribute little-world "the bee near the hills" --token buzzes --against buzz
  playground inside patch little-world "michael jordan plays" "serena jordan plays"
  playground inside neurons little-world "michael jordan plays"
  playground inside words little-world "king - man + woman = queen"
  playground inside senses little-world "tom left early" "tom turned left at the"
  playground inside walk little-world "michael jordan plays" --stop 1.scores
  playground inside texts little-world 'the capital is' --page 'greece is far away .' --page 'france is far away .'
  playground inside edges little-world "france : paris ; italy : rome ; japan :" --layer 0 --head 3

Each question says more: playground inside QUESTION --help
"""

ALL: dict[str, ModuleType] = {
    "lens": lens,
    "sweep": sweep,
    "attribute": attribute,
    "patch": patch,
    "neurons": neurons,
    "words": words,
    "senses": senses,
    "walk": walk,
    "texts": texts,
    "edges": edges,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A command for each question."""
    questions = parser.add_subparsers(dest="question", metavar="QUESTION", required=True)
    for name, module in ALL.items():
        summary = (module.__doc__ or "").partition("\n")[0]
        question = questions.add_parser(name, help=summary, description=module.__doc__, epilog=module.EXAMPLES)
        module.add_arguments(question)


def run(args: argparse.Namespace) -> int:
    """What the question's own command gives."""
    status: int = ALL[args.question].run(args)
    return status
