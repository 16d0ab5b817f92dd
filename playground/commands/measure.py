"""Measure a trained model again, and write its card anew: its losses, and of the little world what it can do.

As at the end of its training. Its weights stay as they are. Needs torch.
"""

from __future__ import annotations

import argparse

from playground.commands import options, output

EXAMPLES = """\
examples:
  playground measure runs/world                  a run that learned the little world
  playground measure runs/book book.txt          one that learned a text
  playground measure little-world --json         all that was measured, as JSON

A model of the little world takes about a minute of one core; ctrl+c leaves everything as it was.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of measure."""
    add = parser.add_argument
    add("model", metavar="MODEL", help="a run, a model folder or a bundled model, made by playground train")
    add("text", metavar="TEXT", nargs="*", help="what it learned from; nothing for the little world and the digits")
    options.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Say what was written; UserError for what cannot be measured or written."""
    from models.model_folders import folder
    from playground.commands.train import check_torch

    check_torch("measuring")
    from models.corpora.token_files import unseen
    from models.training.again import measure_again
    from playground.commands.train.progress_bar import Bar

    with Bar() as bar:
        model = measure_again(args.model, args.text, bar.prepare if bar.is_seen else unseen)
    if args.json:
        output.emit(model.training)
    else:
        output.say(f"measured {model.name}; its card is {folder(args.model) / 'README.md'}")
    return 0
