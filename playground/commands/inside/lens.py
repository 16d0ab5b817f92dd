"""What the model would say next if it stopped after each layer, at every place (the logit lens)."""

from __future__ import annotations

import argparse

from playground.commands import output
from playground.commands.inside.asked import add_arguments as add_arguments
from playground.commands.inside.asked import asked
from playground.kit import numbers

EXAMPLES = """\
examples:
  playground inside lens little-world "michael jordan plays"
  playground inside lens little-world "michael jordan plays" --json | jq '.layers[-1][-1]'
"""


def run(args: argparse.Namespace) -> int:
    """A row a position: the likeliest token at each depth, before the layers and after each; where it was decided."""
    from models.lenses.logit_lens import decided, logit_lens

    of = asked(args)
    found = logit_lens(of.opened.model, of.trace)
    depths, positions = found.best.shape
    if args.json:
        layers = [
            [
                {
                    "token": of.word(int(best)) if (best := found.best[depth, at]) >= 0 else None,
                    "p": float(found.best_p[depth, at]),
                    "rank": int(found.rank[depth, at]) or None,
                }
                for at in range(positions)
            ]
            for depth in range(depths)
        ]
        output.emit(of.facts() | {"layers": layers})
        return 0
    names = ("before", *(f"after {layer}" for layer in range(depths - 1)))
    table = output.Table(("place", "token", *names, "decided"), (-8, 14, *[20] * depths, 8), output.columns())
    for at, label in enumerate(of.labels):
        told = (
            f"{of.label(int(best), at)} {numbers.probability(float(p))}" if best >= 0 else numbers.ABSENT
            for best, p in zip(found.best[:, at], found.best_p[:, at], strict=True)
        )
        since = decided(found, at)
        table.line(str(at), label, *told, numbers.ABSENT if since < 0 else names[since])
    return 0
