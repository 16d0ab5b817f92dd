"""What every question about a pass is given: a model, a text, switches; and how it answers."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playground import text
from playground.commands import options, output
from playground.looking.labels import label, labelled

if TYPE_CHECKING:
    from models.gpt import GPT
    from models.tracing import Trace
    from playground.commands.options import Opened


@dataclass(frozen=True)
class Asked:
    """The model, and the pass over the text under the switches."""

    opened: Opened[GPT]
    trace: Trace

    @property
    def labels(self) -> tuple[str, ...]:
        """The tokens of the pass, safe to print."""
        return labelled(self.opened.tokenizer, self.trace.tokens)

    def label(self, token: int, row: int | None = None) -> str:
        """One token that may follow a row, the last if none is named, safe to print."""
        end = len(self.trace) if row is None else row + 1
        return label(self.opened.tokenizer, token, self.trace.tokens[:end])

    def word(self, token: int) -> str:
        """One token as it is, for JSON."""
        return self.opened.tokenizer.token(token)

    def safe(self, word: str) -> str:
        """A token's word, safe to print."""
        return text.token(word)

    def facts(self) -> dict[str, Any]:
        """What every answer in JSON begins with."""
        return self.opened.facts() | {"tokens": [self.word(token) for token in self.trace.tokens]}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Model, text, switches, JSON."""
    parser.add_argument("model", metavar="MODEL", help="a bundled model, a run or a model folder")
    options.add_text(parser, "the text to look into")
    options.add_switch(parser)
    options.add_json(parser)


def asked(args: argparse.Namespace) -> Asked:
    """The pass; UserError for a model, a text or a switch that cannot be used."""
    from models.tracing import trace

    given = options.text_of(args) or options.refuse_empty()
    opened = options.open_gpt(args)
    opened.note_unknown(given)
    passed = trace(opened.model, opened.tokenizer.encode(given), opened.switches)
    output.note_numbers(passed)
    return Asked(opened, passed)
