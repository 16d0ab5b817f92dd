"""One token through every part of the model, stop by stop, with real numbers and shapes."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING, Any

from models.errors import UserError, check_index
from playground.commands import options, output
from playground.commands.inside import asked as question
from playground.commands.inside.asked import Asked, asked
from playground.inside.stops_in_words import counted_sum, switched_in, ways_of

if TYPE_CHECKING:
    from models.lenses.inside.at_stop import Place, Value
    from models.lenses.inside.walk import Stop

EXAMPLES = """\
examples:
  playground inside walk little-world "greece is far away . the capital is" --head 3
  playground inside walk little-world "michael jordan plays" --stop 1.scores --row 2
  playground inside walk little-world "michael jordan plays" --stop norm --json | jq '.stops[].sums'
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """As all, then which position, head, column and stop."""
    question.add_arguments(parser)
    add = partial(parser.add_argument, metavar="N", type=int)
    add("--row", help="the place that is followed; default: the last")
    add("--head", default=0, help="the head looked at in each layer; default: %(default)s")
    add("--column", help="the place it is held against; default: the one it looks at most")
    parser.add_argument("--stop", metavar="NAME", help="that stop alone: scores in every layer, or 1.scores in one")
    options.add_sampler(parser)


def run(args: argparse.Namespace) -> int:
    """Every stop: what happens, what goes in and out, and how a number came about."""
    from models.lenses.inside import walk

    sampler = options.sampler_of(args)
    of = asked(args)
    place = _place(args, of, sampler)
    keys = walk.find(of.opened.model.config, args.stop) if args.stop else walk.route(of.opened.model.config)
    if args.json:
        stops = [_facts(walk.stop(of.trace, place, key)) for key in keys]
        output.emit(of.facts() | {"row": place.row, "head": place.head, "stops": stops})
        return 0
    token = of.labels[place.row]
    output.say(f"place {place.row + of.trace.dropped} '{token}' through {of.opened.model.name}, head {place.head}\n")
    for key in keys:
        _tell(walk.stop(of.trace, place, key))
    return 0


def _place(args: argparse.Namespace, of: Asked, sampler: Any) -> Place:
    from models.lenses.inside.at_stop import Place

    length, config = len(of.trace), of.opened.model.config
    row = length - 1 if args.row is None else args.row - of.trace.dropped
    column = None if args.column is None else args.column - of.trace.dropped
    for name, at in (("row", row), ("column", column)):
        if at is not None and not 0 <= at < length:
            first = of.trace.dropped
            do = f"the pass has {first} to {first + length - 1}"
            raise UserError(f"there is no place {at + first}", do, where=f"--{name}")
    check_index("head", args.head, config.n_head, of="--head")
    return Place(row, args.head, column, sampler, args.seed)


def _facts(stop: Stop) -> dict[str, Any]:
    return {
        "stop": str(stop.key),
        "name": stop.title,
        "layer": stop.key.layer,
        "says": stop.says,
        "in": [_value(each) for each in stop.reads],
        "out": [_value(each) for each in stop.gives],
        "sums": [
            {"of": each.of, "form": each.form, "numbers": each.numbers, "given": each.given, "holds": each.holds}
            for each in stop.sums
        ],
        "facts": dict(stop.facts),
        "switches": list(stop.switched),
    }


def _value(value: Value) -> dict[str, Any]:
    here = None if value.here is None else [float(each) for each in value.here]
    return {"name": value.name, "letters": value.letters, "shape": value.shape, "here": here}


def _tell(stop: Stop) -> None:
    where = "" if stop.key.layer is None else f" of layer {stop.key.layer}"
    output.say(f"{stop.title}{where}")
    output.say(f"  {stop.says}")
    if switched := switched_in(stop):
        output.say(f"  {switched}")
    for arrow, values in (("in ", stop.reads), ("out", stop.gives)):
        for value in values:
            shape, told = ways_of(value)[0]
            output.say(f"  {arrow}  {value.name}  {shape}  {told}".rstrip())
    for each in stop.sums:
        output.say(f"  {counted_sum(each, stop.switched)}")
    output.say()
