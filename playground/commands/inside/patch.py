"""How much of another text's answer each place of the pass carries over (activation patching), or a fact rewritten."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from playground.commands import output
from playground.commands.inside import asked as pass_asked
from playground.commands.inside.asked import Asked, asked
from playground.kit import numbers

if TYPE_CHECKING:
    from models.lenses.inside.patching import Carried
    from models.lenses.inside.rewriting import Report
    from models.tracing import Trace

EXAMPLES = """\
examples:
  playground inside patch little-world "michael jordan plays" "serena jordan plays"
  playground inside patch little-world "michael jordan plays" "serena jordan plays" --site z
  playground inside patch little-world "michael jordan plays" "serena jordan plays" --rewrite
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Model, two texts, what is patched, JSON."""
    pass_asked.add_arguments(parser)
    parser.add_argument("other", metavar="OTHER", help="another text of as many tokens, with another answer")
    says = (
        "patch only this: resid_pre (the stream), attn_out, mlp_out, or z, each head by itself; default: all but heads"
    )
    parser.add_argument("--site", choices=("resid_pre", "attn_out", "mlp_out", "z"), help=says)
    says = (
        "instead, write the other answer into the MLP of each layer where TEXT ends, once and more strongly, and tell "
    )
    says += "what that does to the text, to its neighbours and to the loss"
    parser.add_argument("--rewrite", action="store_true", help=says)


def run(args: argparse.Namespace) -> int:
    """A row a part, a column a position; or a row a rewritten layer."""
    from models.lenses.inside.patching import check_pair
    from models.tracing import trace

    of = asked(args)
    of.opened.note_unknown(args.other)
    there = trace(of.opened.model, of.opened.tokenizer.encode(args.other))
    check_pair(of.trace, there)
    (_rewrite if args.rewrite else _patch)(of, there, args)
    return 0


def _patch(of: Asked, there: Trace, args: argparse.Namespace) -> None:
    from models.lenses.inside.patching import carried, parts
    from models.switches.patched import HEADS

    chosen = parts(of.opened.model.config, heads=args.site == HEADS)
    found = carried(of.trace, there, [part for part in chosen if args.site in (None, part.site)])
    if args.json:
        output.emit(_facts(of, there) | _answers(of, found.answers) | {"parts": _parts(of, found)})
        return
    own, other = map(of.label, found.answers)
    output.say(f"from {own} (0) to {other} (1), with the part at that place as it is in the other text\n")
    labels = [f"{at} {label}" for at, label in enumerate(of.labels)]
    table = output.Table(("part", *labels), (14, *(-max(len(each), 5) for each in labels)), output.columns())
    for part, shares in zip(found.parts, found.shares.tolist(), strict=True):
        table.line(part.name, *(numbers.fixed(share, 2) for share in shares))


def _parts(of: Asked, found: Carried) -> list[dict[str, Any]]:
    return [
        {
            "part": part.name,
            "site": part.site,
            "layer": part.layer,
            "head": part.head,
            "shares": shares,
            "says": [of.word(token) for token in says],
        }
        for part, shares, says in zip(found.parts, found.shares.tolist(), found.says.tolist(), strict=True)
    ]


def _rewrite(of: Asked, there: Trace, args: argparse.Namespace) -> None:
    from models.lenses.inside.rewriting import choices, reports

    if args.switch:
        output.note("a fact is rewritten in the model as it was trained: the switches have no part in it")
    switches = choices(of.opened.model.config, of.trace.tokens, there.tokens)
    *_, found = (((),), *reports(of.opened.model, switches))
    if args.json:
        answers = found[0].was, found[0].wanted
        output.emit(_facts(of, there) | _answers(of, answers) | {"rewriting": [_report(of, each) for each in found]})
        return
    _table(of, found)


def _table(of: Asked, found: Sequence[Report]) -> None:
    from models.lenses.inside.rewriting import best

    first = found[0]
    output.say(f"{of.label(first.wanted)} in the place of {of.label(first.was)}, written into one MLP\n")
    heads = ("layer", "times", "says", "p", "both tenses", "others right", "bits before", "after")
    table = output.Table(heads, (-5, -5, 16, -6, -11, -12, -11, -6), output.columns())
    for each in found:
        near = each.neighbours
        said = f"{each.tenses} of {len(near.says)}" if near and near.says else numbers.ABSENT
        others = f"{near.after} of {near.asked}" if near else numbers.ABSENT
        bits = (numbers.fixed(value, 3) for value in each.bits)
        says = of.label(each.says), numbers.probability(each.p[1])
        table.line(str(each.switch.layer), f"{each.switch.scale:g}", *says, said, others, *bits)
    kept = best(found)
    if kept is not None and kept.works:
        output.say(f"\nto keep the best: --switch {kept.switch}")


def _report(of: Asked, each: Report) -> dict[str, Any]:
    near = each.neighbours
    return {
        "layer": each.switch.layer,
        "scale": each.switch.scale,
        "switch": str(each.switch),
        "says": of.word(each.says),
        "p_before": each.p[0],
        "p": each.p[1],
        "person": near.person if near else None,
        "tenses": [of.word(token) for token in near.says] if near else [],
        "others": {"right_before": near.before, "right": near.after, "of": near.asked} if near else None,
        "bits": {"before": each.bits[0], "after": each.bits[1], "tokens": each.tokens},
    }


def _facts(of: Asked, there: Trace) -> dict[str, Any]:
    return of.facts() | {"other": [of.word(token) for token in there.tokens]}


def _answers(of: Asked, answers: tuple[int, int]) -> dict[str, Any]:
    own, other = map(of.word, answers)
    return {"answers": {"own": own, "other": other}}
