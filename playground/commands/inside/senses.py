"""A word in two texts: how alike its vectors are at each depth, and which parts moved them apart."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from playground.commands import options, output
from playground.kit import numbers
from playground.looking.labels import label

if TYPE_CHECKING:
    from models.gpt import GPT
    from models.lenses.inside.senses import TwoSenses
    from playground.commands.options import Opened

EXAMPLES = """\
examples:
  playground inside senses little-world "tom left early" "tom turned left at the"
  playground inside senses little-world "mary was by the river . she was late . the bank" \\
      "mary was in the city . she was late . the bank"
  playground inside senses little-world "tom left early" "tom turned left at the" --word tom --json | jq .depths
"""
SHOWN = 8  # parts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Model, two texts, the word, switches, JSON."""
    parser.add_argument("model", metavar="MODEL", help="a bundled model, a run or a model folder")
    parser.add_argument("one", metavar="ONE", help="a text that has the word")
    parser.add_argument("two", metavar="TWO", help="another")
    parser.add_argument("--word", metavar="WORD", help="the word, where it is last in each; default: the last of both")
    options.add_switch(parser)
    options.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """A line a depth, then the parts that moved the two apart, most first."""
    from models.lenses.inside.senses import nearest_senses, two_senses, without_each
    from models.lenses.probes.senses import sense_means

    opened = options.open_gpt(args)
    for given in (args.one, args.two):
        opened.note_unknown(given)
    found = two_senses(opened.model, args.one, args.two, args.word, opened.switches)
    output.note_numbers(*found.traces)
    off = without_each(found)
    means = sense_means(opened.model, found.word, opened.switches)
    nearest = nearest_senses(found, means) if means else []
    order = (-abs(found.shares[:, -1])).argsort(kind="stable").tolist()
    if args.json:
        parts = [{"part": str(part), "share": share.tolist(), "cosine_off": cosine.tolist()}
                 for part, share, cosine in zip(found.parts, found.shares, off, strict=True)]  # fmt: skip
        facts = opened.facts() | {"word": found.word, "depths": _depths(found, opened, nearest)}
        output.emit(facts | {"parts": [parts[number] for number in order]})
        return 0
    _say_depths(found, opened, nearest)
    output.say()
    table = output.Table(("part", "share", "cosine off"), (14, -8, -10), output.columns())
    for number in order[:SHOWN]:
        share, cosine = found.shares[number, -1], off[number, -1]
        table.line(str(found.parts[number]), numbers.percent(float(share)), numbers.weight(float(cosine), sign=True))
    return 0


def _depths(found: TwoSenses, opened: Opened[GPT], nearest: list[list[str]]) -> list[dict[str, Any]]:
    """What JSON says of each depth."""
    return [
        {
            "depth": depth,
            "cosine": float(found.cosine[depth]),
            "distance": float(found.distance[depth]),
            "said": [opened.tokenizer.token(int(row[depth])) for row in found.said],
            "nearest": [row[depth] or None for row in nearest],
        }
        for depth in range(found.depths)
    ]


def _say_depths(found: TwoSenses, opened: Opened[GPT], nearest: list[list[str]]) -> None:
    heads = (found.word, "cosine", "distance", "one says", "two says", *(("one is", "two is") if nearest else ()))
    table = output.Table(heads, (10, -7, -9, 14, 14, *[16] * len(nearest)), output.columns())
    for depth in range(found.depths):
        said = [
            label(opened.tokenizer, int(row[depth]), of.tokens[: at + 1])
            for row, of, at in zip(found.said, found.traces, found.places, strict=True)
        ]
        senses = [row[depth] or numbers.ABSENT for row in nearest]
        cosine, distance = (float(values[depth]) for values in (found.cosine, found.distance))
        name = f"after {depth - 1}" if depth else "before"
        table.line(name, numbers.weight(cosine, sign=True), numbers.fixed(distance, 2), *said, *senses)
