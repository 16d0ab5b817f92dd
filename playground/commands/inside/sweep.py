"""What mattered: every head and every MLP switched off in turn, and what that does to the next token."""

from __future__ import annotations

import argparse

from playground.commands import output
from playground.commands.inside.asked import add_arguments as add_arguments
from playground.commands.inside.asked import asked
from playground.kit import numbers

EXAMPLES = """\
examples:
  playground inside sweep little-world "michael jordan plays"
  playground inside sweep little-world "michael jordan plays" --switch mlp-off:1 --json | jq '.parts[0]'
"""


def run(args: argparse.Namespace) -> int:
    """A row a part, what matters most first: how far the next token's probabilities move, and what it becomes."""
    from models.lenses.inside.sweep import sweep

    of = asked(args)
    found = sweep(of.trace)
    if args.json:
        answer = int(of.trace.logits[-1].argmax())
        parts = [{"part": lost.name, "kl_bits": lost.effect.kl, "top": of.word(lost.effect.now)} for lost in found]
        output.emit(of.facts() | {"top": of.word(answer), "parts": parts})
        return 0
    table = output.Table(("part off", "KL bits", "top token", "then"), (12, -12, 20, 20), output.columns())
    for lost in found:
        was, now = of.label(lost.effect.was), of.label(lost.effect.now)
        table.line(lost.name, numbers.bits(lost.effect.kl), was, now if now != was else "stays")
    return 0
