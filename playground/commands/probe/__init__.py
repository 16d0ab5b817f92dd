"""Ask a model of the little world what it can do, and which of its parts it does it with.

Every probe asks for one word in texts that hold a combination training never made. Beside the score stand what a
bigram counted on the same kind of texts scores, and what a guess would. Then every head and layer is switched off by
itself, and the large parts everywhere, to see what the ability needs. No probe has learned anything: they only ask.
A recurrent baseline has no parts to switch off and is only asked.
"""

from __future__ import annotations

import argparse

from playground.commands import options

EXAMPLES = """\
examples:
  playground probe little-world
  playground probe ./my-model --no-cuts
  playground probe little-world --probe facts --probe few-shot --examples
  playground probe little-world --inside
  playground probe runs/world --snapshots
  playground probe little-world --json | jq '.probes[] | {name, score}'

For a model of 400,000 parameters the scores take about 4 seconds of one core, most of it for finding the cases. To
switch every part off in turn asks each probe some 25 times more, about 25 seconds; --no-cuts leaves that out.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of probe."""
    add = parser.add_argument
    says = "a bundled model or a model folder that knows the little world's words; default: %(default)s"
    add("model", metavar="MODEL", nargs="?", default="little-world", help=says)
    says = "only this one; may be repeated; a wrong one gets the list of all"
    add("--probe", metavar="NAME", action="append", default=[], help=says)
    says = "find out which parts each probe needs; the slow half"
    add("--cuts", action=argparse.BooleanOptionalAction, default=True, help=says)
    says = "also show N cases of each probe (3 without a number) and what the model said, wrong answers first"
    add("--examples", metavar="N", nargs="?", type=options.count, const=3, default=0, help=says)
    says = "also look inside: after which layer it knows, which heads look back, where facts are looked up, "
    add("--inside", action="store_true", help=says + "what each part of the world costs in bits")
    says = "of a run, whose folder is MODEL: the scores at each of its snapshots, and the heads that look back"
    add("--snapshots", action="store_true", help=says)
    options.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print what was found; UserError for a model without the little world's words, or a probe there is not."""
    from playground.commands.probe import report

    return report.make(args)
