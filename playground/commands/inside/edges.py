"""What each edge of attention is worth: its weight, and what the answer loses without it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from models.errors import UserError, check_index
from playground.commands import output
from playground.commands.inside import asked as asking
from playground.commands.inside.asked import Asked, asked
from playground.kit import numbers

if TYPE_CHECKING:
    from models.lenses.inside.edge_lists import Known, Lists
    from models.lenses.inside.edges import Edges

EXAMPLES = """\
examples:
  playground inside edges little-world "france : paris ; italy : rome ; japan :" --layer 0 --head 3
  playground inside edges little-world "france : paris ; italy : rome ; japan :" --json | jq .cut_this_one
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Model, text, and which row of which head; without one all heads are gone through."""
    asking.add_arguments(parser)
    for name, says in (("layer", "of one head; without it: all heads"), ("head", "the head in that layer")):
        parser.add_argument(f"--{name}", metavar="N", type=int, help=says)
    parser.add_argument("--row", metavar="N", type=int, help="the token that looks, from 0; default: the last")
    says = "leave the row's other weights as they are, instead of letting them make up for the one that is cut"
    parser.add_argument("--plain", action="store_true", help=says)


def run(args: argparse.Namespace) -> int:
    """The edges of a row, or two lists: those without which the answer changes, and heavy ones it does not need."""
    of = asked(args)
    if not of.trace.tape.model.config.has("attention"):
        name = of.opened.model.name
        raise UserError(f"{name} was built without attention: no head looks anywhere", "ask another model")
    if args.layer is None and args.head is None and args.row is None:
        _tell_lists(of, args)
    else:
        _tell_row(of, args)
    return 0


def _tell_row(of: Asked, args: argparse.Namespace) -> None:
    from models.lenses.inside.edges import row_edges

    config, row = of.trace.tape.model.config, len(of.trace) - 1 if args.row is None else args.row
    for name, given in (("layer", args.layer), ("head", args.head)):
        if given is None:
            raise UserError(
                f"a row is one of one head, and there is no --{name}", "give --layer and --head, or neither"
            )
    for name, given, count in (("layer", args.layer, config.n_layer), ("head", args.head, config.n_head)):
        check_index(name, given, count, of=f"--{name}")
    if not 0 <= row < len(of.trace):
        raise UserError(f"there is no row {row}", f"this text has 0 to {len(of.trace) - 1}", where="--row")
    found = row_edges(of.trace, args.layer, args.head, row, plain=args.plain)
    if args.json:
        output.emit(of.facts() | _row_facts(found))
        return
    table = output.Table(("column", "token", "weight", "effect"), (-6, 14, -7, -13), output.columns())
    for column, (weight, effect) in enumerate(zip(found.weights.tolist(), found.effects.tolist(), strict=True)):
        told = f"{numbers.bits(effect)} bits"
        table.line(str(column), of.labels[column], numbers.weight(weight), told)
    output.say(f"rank correlation of weight and effect: {numbers.fixed(found.correlation, 2)}")


def _row_facts(found: Edges) -> dict[str, Any]:
    edges = enumerate(zip(found.weights.tolist(), found.effects.tolist(), strict=True))
    return {
        "layer": found.layer,
        "head": found.head,
        "row": found.row,
        "edges": [{"column": at, "weight": weight, "effect_bits": effect} for at, (weight, effect) in edges],
        "rank_correlation": found.correlation,
    }


def _tell_lists(of: Asked, args: argparse.Namespace) -> None:
    from models.lenses.inside.edge_lists import lists
    from models.switches.edge_off import PLACES

    found = [each for each in lists(of.trace, plain=args.plain) if each is not None][-1]
    if args.json:
        output.emit(of.facts() | _list_facts(found))
        return
    for title, known in (("cut this one", found.cut), ("heavy but nil", found.nil)):
        output.say(f"{title}:")
        table = output.Table(
            (*PLACES, "from", "to", "weight", "effect"), (5, 4, 4, 6, 14, 14, -7, -13), output.columns()
        )
        for edge, weight, effect in known:
            words = of.labels[edge.row], of.labels[edge.column]
            table.line(*map(str, edge), *words, numbers.weight(weight), f"{numbers.bits(effect)} bits")
        output.say()
    for sentence in said(found):
        output.say(sentence)


def said(found: Lists) -> list[str]:
    """What the lists come to, in sentences."""
    from models.lenses.inside.edges import HEAVY, NIL

    part = "" if found.looked == found.heavy else f" of {found.looked:,} looked at"
    said = (
        f"of {found.heavy:,} edges above {HEAVY}{part}, {numbers.percent(found.share)} change the answer by less than"
    )
    told = f"rank correlation of weight and effect, of these edges: {numbers.fixed(found.correlation, 2)}"
    return [f"{said} {NIL} bits", told] if found.heavy else [f"no edge is above {HEAVY}", told]


def _list_facts(found: Lists) -> dict[str, Any]:
    def facts(known: Known) -> dict[str, Any]:
        return known.edge._asdict() | {"weight": known.weight, "effect_bits": known.effect}

    return {
        "cut_this_one": [facts(each) for each in found.cut],
        "heavy_but_nil": [facts(each) for each in found.nil],
        "heavy": found.heavy,
        "looked_at": found.looked,
        "without_effect": found.without,
        "share_without_effect": found.share,
        "rank_correlation": found.correlation,
    }
