"""What each part of the model wrote of a token's score: embedding, position, heads, MLPs and biases; they sum to it.

The score is the logit of the likeliest next token, or of --token; with --against it is the lead over another token.
Parts are told through the final norm, with the scale that it had in this pass (direct attribution, Elhage et al. 2021).
With --pair there stands beside that what is lost when the part is off, and how much of the other text's answer the part
carries over, taken from there at every place or at the last alone.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.errors import UserError
from playground.commands import output
from playground.commands.inside import asked as questions
from playground.commands.inside.asked import Asked, asked
from playground.kit import numbers

if TYPE_CHECKING:
    from models.lenses.inside.attribution import Attribution
    from models.lenses.inside.causes import CarriedOver, Lost

EXAMPLES = """\
examples:
  playground inside attribute little-world "france: paris; china: beijing; russia: moscow; japan:"
  playground inside attribute little-world "the bee near the hills" --token buzzes --against buzz
  playground inside attribute little-world "michael jordan plays" --pair "serena jordan plays"
  playground inside attribute little-world "michael jordan plays" --json | jq '.parts | max_by(.value)'
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Model, text, switches, which token, and where."""
    questions.add_arguments(parser)
    parser.add_argument("--token", metavar="T", help="the token whose score it is; default: the likeliest")
    parser.add_argument("--against", metavar="T", help="tell the token's lead over this one")
    says = "after which token of the text, counted from 0, or from the end if negative; default: the last"
    says = (
        "another text of as many tokens, answered otherwise: what each part is missed for, and carries over from there"
    )
    parser.add_argument("--pair", metavar="OTHER", help=says)
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
    causes = None if args.pair is None else _causes(of, args.pair, found)
    if args.json:
        other = {} if against is None else {"against": of.word(against)}
        told = {"row": row, "token": of.word(token), **other, "logit": found.logit}
        output.emit(of.facts() | told | _facts(of, found, causes) | {"error": found.error})
        return 0
    output.say(_heading(of, row, token, against))
    if causes is not None:
        own, new = (of.label(token, row) for token in causes.carried.answers)
        output.say(f"carried is how far from '{own}' (0) to '{new}' (1) the part brings it, as it is in the other text")
    _table(found, causes)
    output.say(f"the pass says {numbers.fixed(found.logit, 3)}; they sum to it within {found.error:.1e}")
    for sentence in found.unsplit:
        output.note(sentence)
    return 0


@dataclass(frozen=True)
class Causes:
    """What was found by trying, and the tokens of the other text."""

    lost: Lost
    carried: CarriedOver
    other: tuple[int, ...]


def _causes(of: Asked, pair: str, found: Attribution) -> Causes:
    from models.lenses.inside.causes import carried_over, lost_when_off
    from models.lenses.inside.patching import both

    of.opened.note_unknown(pair)
    here, there = both(of.trace, of.opened.tokenizer.encode(pair))
    *_, carried = filter(None, carried_over(here, there, found))
    *_, lost = filter(None, lost_when_off(of.trace, found))
    return Causes(lost, carried, there.tokens)


def _facts(of: Asked, found: Attribution, causes: Causes | None) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [
        {"part": str(part), "value": value} for part, value in zip(found.parts, found.values.tolist(), strict=True)
    ]
    if causes is None:
        return {"parts": parts}
    lost, carried = causes.lost.bits.tolist(), causes.carried
    beside = zip(lost, carried.everywhere.tolist(), carried.at_last.tolist(), strict=True)
    for part, (bits, everywhere, at_last) in zip(parts, beside, strict=True):
        part |= {"lost_bits": bits, "carried": everywhere, "carried_at_last": at_last}
    own, other = map(of.word, carried.answers)
    pair = {"tokens": [of.word(token) for token in causes.other], "answers": {"own": own, "other": other}}
    return {"pair": pair, "parts": parts}


def _table(found: Attribution, causes: Causes | None) -> None:
    heads, widths = ["part", "logits", "bits"], [-17, -9, -9]
    if causes is not None:
        heads, widths = [*heads, "lost when off", "carried", "at the last alone"], [*widths, -13, -7, -17]
    table = output.Table(heads, widths, output.columns())
    for at, (part, value) in enumerate(zip(found.parts, found.values.tolist(), strict=True)):
        table.line(str(part), f"{value:+.3f}", f"{value / math.log(2):+.2f}", *_beside(causes, at))
    table.line("sum", f"{found.total:+.3f}", f"{found.total / math.log(2):+.2f}", *([""] * (len(heads) - 3)))


def _beside(causes: Causes | None, at: int) -> list[str]:
    """What was found by trying of one part."""
    if causes is None:
        return []
    of_part = (float(of[at]) for of in (causes.lost.bits, causes.carried.everywhere, causes.carried.at_last))
    return [numbers.fixed(round(value, 2) + 0.0, 2) for value in of_part]  # no -0.00


def _heading(of: Asked, row: int, token: int, against: int | None) -> str:
    after = f"after '{of.labels[row]}'"
    if against is None:
        return f"the score of '{of.label(token, row)}' {after}"
    return f"the lead of '{of.label(token, row)}' over '{of.label(against, row)}' {after}"


def _row(row: int, length: int) -> int:
    """From 0; UserError for one that the text does not have."""
    if not -length <= row < length:
        fault = f"there is no row {row}"
        raise UserError(fault, f"the text has {numbers.counted(length, 'token')}: give 0 to {length - 1}")
    return row % length
