"""Hold the GPT against models that only count over a text, token by token.

Each line says how many bits of surprise the token was worth to each model. "won" is what the GPT's context saved over
the first of them, the bigram, marked * where it saved anything; the sums at the end are comparable because all models
predict the same tokens.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from models.errors import UserError
from playground.commands import options, output
from playground.kit import numbers
from playground.looking.labels import label_at

if TYPE_CHECKING:
    from models.baselines.gru import GRU
    from models.gpt import GPT
    from playground.commands.options import Opened

EXAMPLES = """\
examples:
  playground compare "To be, or not to be"
  playground compare --summary < my-text.txt
  playground compare "To be, or not to be" --switch positions-off
  playground compare --json < my-text.txt | jq .bits_per_token

A text longer than the model's context is read in windows that overlap by half, for all models alike: each token is
predicted once, from at least half a context (in the first window from all there is). The first token is predicted by
nobody and not counted. A GRU, which has no context, is read in windows of 1,024 tokens.
"""
GRU_WINDOW = 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of compare."""
    options.add_text(parser, "the text to compare on")
    options.add_model(parser)
    parser.add_argument("--summary", action="store_true", help="only the sums, not every token")
    options.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the comparison; UserError for an empty text or a model without baselines."""
    from models.baselines import ALL

    text = options.text_of(args) or options.refuse_empty()
    opened = options.open_any(args)
    name = opened.model.name
    if not opened.baselines:
        what = f"{name} has no {ALL[0].file('').name} or the like beside it to compare with"
        raise UserError(what, "name a model that was trained here")
    if opened.sees_the_future:
        seen = f"{name} was built without the causal mask and sees every token that it predicts"
        output.note(f"{seen}: its bits are no fair score")
    opened.note_unknown(text)
    tokens, tally = opened.tokenizer.encode(text), Tally([options.kind_of(opened.model), *opened.baselines])
    if args.json:
        output.emit(_facts(opened, tokens, tally, args.summary))
    else:
        _print(opened, tokens, tally, args.summary)
    if math.isnan(tally.bits[tally.own]):
        output.note(f"the scores of the {tally.own} are {output.DAMAGED}")
    return 0


def surprises(opened: Opened[GPT | GRU], tokens: Sequence[int]) -> Iterator[tuple[int, dict[str, float]]]:
    """Position and bits by model (first "gpt" or "gru", then the baselines), for every token but the first."""
    from models.gpt import GPT
    from models.lenses.surprises import windows
    from models.measures import surprise
    from models.tracing import trace

    model, switches = opened.model, opened.switches
    for start, first, stop in windows(len(tokens), _context(model)):
        seen = tokens[start:stop]
        own = trace(model, seen, switches).logits if isinstance(model, GPT) and switches else model.logits(seen)
        bits = {options.kind_of(model): surprise(own, seen)}
        bits |= {name: surprise(baseline.logits(seen), seen) for name, baseline in opened.baselines.items()}
        for at in range(first, stop):
            yield at, {name: float(each[at - start]) for name, each in bits.items()}


def _context(model: GPT | GRU) -> int:
    """How many tokens are read at a time."""
    return max(2, getattr(model.config, "block_size", GRU_WINDOW))


def _print(opened: Opened[GPT | GRU], tokens: Sequence[int], tally: Tally, summary: bool) -> None:
    names = [*tally.bits]
    if not summary:
        heads, widths = ("place", "token", "id", *names, "won", ""), (-8, 14, -6, *[-8] * len(names), -8, 1)
        table = output.Table(heads, widths)

    def line(at: int, told: Sequence[str], won: str = "", mark: str = "") -> None:
        if not summary:
            table.line(str(at), label_at(opened.tokenizer, tokens, at), str(tokens[at]), *told, won, mark)

    line(0, [numbers.ABSENT] * len(names))
    for at, bits in surprises(opened, tokens):
        won = tally.add(bits)
        saved = numbers.ABSENT if math.isnan(won) else f"{won:+.2f}"
        line(at, [numbers.bits_or_dash(bits[name]) for name in names], saved, "*" if won > 0 else "")
    if not summary:
        output.say()
    _sums(tally, len(tokens))


def _sums(tally: Tally, length: int) -> None:
    table = output.Table(("", "bits", "bits per token"), (14, -14, -14))
    for name, total in tally.bits.items():
        table.line(name, numbers.bits(total), numbers.bits_or_dash(tally.per_token(name)))
    output.say(f"{length:,} tokens, {tally.predicted:,} of them predicted")
    output.say(f"context beat the {tally.rival} at {tally.won:,} of {tally.predicted:,} tokens")


class Tally:
    """Sums over a text that may be long."""

    def __init__(self, names: Sequence[str]) -> None:
        """All at zero; the first name is the model's, the second that of the one which it is to win over."""
        self.own, self.rival = names[:2]
        self.bits = dict.fromkeys(names, 0.0)
        self.predicted = 0
        self.won = 0

    def add(self, bits: Mapping[str, float]) -> float:
        """Count one token; what context saved over the rival, in bits."""
        self.predicted += 1
        for name, value in bits.items():
            self.bits[name] += value
        won = bits[self.rival] - bits[self.own]
        self.won += won > 0
        return won

    def per_token(self, name: str) -> float:
        """Mean bits; NaN for a text of one token."""
        return self.bits[name] / self.predicted if self.predicted else float("nan")


def _facts(opened: Opened[GPT | GRU], tokens: Sequence[int], tally: Tally, summary: bool) -> dict[str, Any]:
    steps: list[dict[str, Any]] = []
    for at, bits in surprises(opened, tokens):
        won = tally.add(bits)
        if not summary:
            told = {"position": at, "id": tokens[at], "text": opened.tokenizer.token(tokens[at])}
            steps.append(told | {"bits": bits, "won": won})
    facts = opened.facts() | {
        "context": _context(opened.model),
        "predicted": tally.predicted,
        "bits": tally.bits,
        "bits_per_token": {name: tally.per_token(name) for name in tally.bits},
        "context_won": tally.won,
    }
    return facts if summary else facts | {"tokens": steps}
