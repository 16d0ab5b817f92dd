"""Pages and a question in one text: what the question looks at there, and what it loses where it may not."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import UserError
from playground import text
from playground.commands import options, output
from playground.commands.inside.asked import Asked
from playground.inside.texts_in_words import places_told
from playground.kit import numbers

if TYPE_CHECKING:
    from models.lenses.inside.texts import Losses, Lost, Parts, Ranking
    from models.ops import Array

EXAMPLES = """\
examples:
  playground inside texts little-world 'the capital is' --page 'greece is far away .' --page 'france is far away .'
  playground inside texts little-world 'the capital is' --file pages.txt --json | jq .pages
"""
PAGE = 30  # cells of a page's words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Model, question, pages."""
    parser.add_argument("model", metavar="MODEL", help="a bundled model, a run or a model folder")
    options.add_text(parser, "the question, after the pages")
    add = parser.add_argument
    add("--page", metavar="TEXT", action="append", default=[], help="a page before the question; may be repeated")
    add("--file", metavar="FILE", help="pages from a file of text, one a line, after those of --page")
    options.add_switch(parser)
    options.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """The answer, what each page and head is worth to it, and the pages ranked by vectors."""
    from models.lenses.inside import texts

    of, parts = _asked(args)
    *_, lost = texts.losses(of.trace, parts)
    ids = of.trace.tokens
    pages = [ids[page.start : page.stop] for page in parts.pages]
    ranks = texts.ranking(of.opened.model, pages, ids[parts.question.start : parts.question.stop])
    if args.json:
        output.emit(of.facts() | _facts(of, parts, lost, ranks))
    else:
        _tell(of, parts, lost, ranks)
    return 0


def _asked(args: argparse.Namespace) -> tuple[Asked, Parts]:
    """The pass over pages and question; UserError for what cannot be used."""
    from models.lenses.inside.texts import parted
    from models.tracing import trace
    from playground.inside.texts_in_words import joined, lines_of

    question = options.text_of(args) or options.refuse_empty()
    opened = options.open_gpt(args)
    given = joined([*args.page, *(lines_of(Path(args.file)) if args.file else ())], question)
    opened.note_unknown(given)
    found = trace(opened.model, opened.tokenizer.encode(given), opened.switches)
    output.note_numbers(found)
    parts = parted([opened.tokenizer.token(token) for token in found.tokens])
    if parts is None:
        raise UserError("there is no page before the question", "give one with --page or --file")
    if found.dropped:
        output.note(f"the first {numbers.counted(found.dropped, 'token')} do not fit the context and are left out")
    return Asked(opened, found), parts


def _facts(of: Asked, parts: Parts, lost: Losses, ranks: Ranking) -> dict[str, Any]:
    shares = {way: ranks.shares(way) for way in ("mean", "best")}
    pages = [
        {
            "page": number,
            "columns": [page.start, page.stop - 1],
            "text": _words(of, page),
            **_lost(of, lost.pages, number),
            "similarity": {way: getattr(ranks, way)[:, number].tolist() for way in shares},
            "share": {way: found[:, number].tolist() for way, found in shares.items()},
        }
        for number, page in enumerate(parts.pages)
    ]
    heads = lost.heads.bits.shape
    return {
        "question": {"rows": [parts.question.start, parts.question.stop - 1], "text": _words(of, parts.question)},
        "answer": {"token": of.word(lost.answer), "p": lost.p},
        "closed": _lost(of, lost.whole, ()) | {"switch": str(parts.closed())},
        "pages": pages,
        "heads": [
            {"layer": layer, "head": head, **_lost(of, lost.heads, (layer, head))}
            for layer in range(heads[0])
            for head in range(heads[1])
        ],
    }


def _lost(of: Asked, lost: Lost, at: Any) -> dict[str, Any]:
    return {"effect_bits": float(lost.bits[at]), "p": float(lost.p[at]), "top": of.word(int(lost.top[at]))}


def _words(of: Asked, part: range) -> str:
    return of.opened.tokenizer.decode(of.trace.tokens[part.start : part.stop]).strip("\n")


def _tell(of: Asked, parts: Parts, lost: Losses, ranks: Ranking) -> None:
    answer = of.label(lost.answer)
    output.say(f"answer: {answer} {numbers.probability(lost.p)}")
    output.say(f"pages closed: {answer} {numbers.probability(float(lost.whole.p))}, {_costs(of, lost.whole, ())}")
    output.say(f"the switch: {parts.closed()}\n")
    depths = ("wte", *(f"after {layer}" for layer in range(len(ranks.mean) - 1)))
    heads = ("page", "words", "closed alone", *(f"{depth} {way}" for depth in depths for way in ("mean", "best")))
    table = output.Table(heads, (-4, PAGE, 34, *(-12 for _ in heads[3:])), output.columns())
    shares = {way: ranks.shares(way) for way in ("mean", "best")}
    for number, page in enumerate(parts.pages):
        told = [f"{shares[way][depth, number]:.2f}" for depth in range(len(depths)) for way in shares]
        table.line(str(number + 1), text.cut(_words(of, page), PAGE), _costs(of, lost.pages, number), *told)
    output.say("\nall pages closed in one head alone:")
    for layer, head in _strongest(lost.heads.bits):
        output.say(f"  L{layer}H{head}  {_costs(of, lost.heads, (layer, head))}")
    output.say(f"\n{places_told(ranks, lost.needed)}")


def _costs(of: Asked, lost: Lost, at: Any) -> str:
    return f"{numbers.bits(float(lost.bits[at]))} bits, says {of.label(int(lost.top[at]))}"


def _strongest(bits: Array) -> list[tuple[int, int]]:
    """The heads that cost most, five at most."""
    from models.measures import ranked

    return [divmod(int(place), bits.shape[1]) for place in ranked(bits.ravel(), 5)]
