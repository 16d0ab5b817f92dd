"""What each part of the model wrote of a token's score: embedding, position, heads, MLPs and biases; they sum to it.

The score is the logit of the likeliest next token, or of --token; with --against it is the lead over another token.
Parts are told through the final norm, with the scale that it had in this pass (direct attribution, Elhage et al. 2021).
"""

from __future__ import annotations

import argparse
import math

from models.errors import UserError
from playground.commands import output
from playground.commands.inside import asked as questions
from playground.commands.inside.asked import Asked, asked
from playground.kit import numbers

EXAMPLES = """\
examples:
  playground inside attribute little-world "france: paris; china: beijing; russia: moscow; japan:"
  playground inside attribute little-world "the bee near the hills" --token buzzes --against buzz
  playground inside attribute little-world "michael jordan plays" --json | jq '.parts | max_by(.value)'
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Model, text, switches, which token, and where."""
    questions.add_arguments(parser)
    parser.add_argument("--token", metavar="T", help="the token whose score it is; default: the likeliest")
    parser.add_argument("--against", metavar="T", help="tell the token's lead over this one")
    says = "after which token of the text, counted from 0, or from the end if negative; default: the last"
    parser.add_argument("--row", metavar="R", type=int, default=-1, help=says)


def run(args: argparse.Namespace) -> int:
    """A row a part, in the order in which they write, and their sum."""
    from models.lenses.inside.attribution import attribute
    from models.lenses.inside.one_token import token_of

    of = asked(args)
    row = _row(args.row, len(of.trace))
    against = None if args.against is None else token_of(of.opened.model, args.against)
    token = int(of.trace.logits[row].argmax()) if args.token is None else token_of(of.opened.model, args.token)
    found = attribute(of.trace, row, token, against)
    parts = [{"part": str(part), "value": float(value)} for part, value in zip(found.parts, found.values, strict=True)]
    if args.json:
        other = {} if against is None else {"against": of.word(against)}
        told = {"row": row, "token": of.word(token), **other, "logit": found.logit}
        output.emit(of.facts() | told | {"parts": parts, "error": found.error})
        return 0
    output.say(_heading(of, row, token, against))
    table = output.Table(("part", "logits", "bits"), (-17, -9, -9), output.columns())
    for part, value in zip(found.parts, found.values.tolist(), strict=True):
        table.line(str(part), f"{value:+.3f}", f"{value / math.log(2):+.2f}")
    table.line("sum", f"{found.total:+.3f}", f"{found.total / math.log(2):+.2f}")
    output.say(f"the pass says {numbers.fixed(found.logit, 3)}; they sum to it within {found.error:.1e}")
    for sentence in found.unsplit:
        output.note(sentence)
    return 0


def _heading(of: Asked, row: int, token: int, against: int | None) -> str:
    after = f"after '{of.label(of.trace.tokens[row])}'"
    if against is None:
        return f"the score of '{of.label(token)}' {after}"
    return f"the lead of '{of.label(token)}' over '{of.label(against)}' {after}"


def _row(row: int, length: int) -> int:
    """From 0; UserError for one that the text does not have."""
    if not -length <= row < length:
        fault = f"there is no row {row}"
        raise UserError(fault, f"the text has {numbers.counted(length, 'token')}: give 0 to {length - 1}")
    return row % length
