"""The options commands share, and what they name: a model, a text, switches, a sampler."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from models.errors import UserError
from playground.commands import output

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.baselines import Baseline
    from models.baselines.gru import GRU
    from models.gpt import GPT
    from models.sampling import Sampler
    from models.switches import Switch
    from models.tokenizers import Tokenizer

Model = TypeVar("Model", "GPT", "GRU", "GPT | GRU")
DEFAULT_MODEL = "shakespeare-char"
MOST_BYTES = 64 << 20  # of standard input
MOST = 10**9  # of anything that is counted


def add_model(parser: argparse.ArgumentParser) -> None:
    """--model and --switch."""
    says = f'a bundled model ("playground models" lists them) or a model folder; default: {DEFAULT_MODEL}'
    parser.add_argument("--model", metavar="NAME", default=DEFAULT_MODEL, help=says)
    add_switch(parser)


def add_switch(parser: argparse.ArgumentParser) -> None:
    """--switch."""
    says = "switch a part of the model: head-off:0.2 silences head 2 of layer 0, mask-off opens the causal mask; "
    says += "may be repeated; a wrong one gets the list of all"
    parser.add_argument("--switch", metavar="SWITCH", action="append", default=[], help=says)


def add_text(parser: argparse.ArgumentParser, what: str) -> None:
    """The text, as an argument, as --prompt, or from standard input."""
    parser.add_argument("text", metavar="TEXT", nargs="?", help=what + '; "-", or a pipe, reads standard input')
    parser.add_argument("--prompt", metavar="TEXT", help="the same as TEXT")


def add_sampler(parser: argparse.ArgumentParser) -> None:
    """--seed, --temperature, --top-k and --top-p."""
    add = parser.add_argument_group("choosing tokens").add_argument
    add("--seed", metavar="N", type=int, default=1, help="same seed, same text; default: %(default)s")
    says = "below 1 surer, above 1 bolder, 0 always the likeliest; default: %(default)s"
    add("--temperature", metavar="X", type=float, default=1.0, help=says)
    add("--top-k", metavar="N", type=int, default=0, help="draw among the N likeliest only; 0: all")
    add("--top-p", metavar="X", type=float, default=1.0, help="draw among the likeliest that together have X; 1: all")


def add_json(parser: argparse.ArgumentParser) -> None:
    """--json."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text (null: not a number)")


def count(text: str) -> int:
    """An argparse type: a whole number from 1 to a billion."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number from 1 to {MOST:,}")
    return int(text)


def argument_of(args: argparse.Namespace) -> str | None:
    """The text given as an argument or as --prompt; UserError if both are."""
    if args.text is not None and args.prompt is not None:
        raise UserError("the text is given twice, as an argument and as --prompt", "give it once")
    given: str | None = args.prompt if args.text is None else args.text
    return given


def text_of(args: argparse.Namespace) -> str | None:
    """The text asked for, or piped in; None if there was none. UserError for input that is not text."""
    given = argument_of(args)
    if given == "-":
        return _standard_input()
    if given is None and sys.stdin and not sys.stdin.isatty():
        return _standard_input() or None
    return given


@dataclass(frozen=True)
class Opened(Generic[Model]):
    """The model asked for, with what goes with it: `place` is its name or folder, as it was given."""

    model: Model
    tokenizer: Tokenizer
    switches: tuple[Switch, ...]
    place: str

    @property
    def sees_the_future(self) -> bool:
        """Whether it was built without the causal mask: every token it predicts, it has seen."""
        return "mask" in getattr(self.model.config, "without", ())

    @cached_property
    def baselines(self) -> Mapping[str, Baseline]:
        """What was counted beside it, by slug; fewer where files are missing: said, where they should not be."""
        from models import baselines, folder

        found = baselines.look(folder(self.place), self.tokenizer)
        for fault in found.faults:
            output.note(str(fault))
        return found.models

    def facts(self) -> dict[str, Any]:
        """What every answer in JSON begins with."""
        return {"model": self.model.name, "switches": [str(switch) for switch in self.switches]}

    def note_unknown(self, text: str) -> None:
        """Name the words of a text that the model does not know, on standard error."""
        if says := self.tokenizer.unread(text, self.model.name):
            output.note(says)

    def encoded(self, text: str | None) -> tuple[str, list[int]]:
        """The text and its tokens; without one an empty line, or the first token where a line end is none.

        UserError for an empty text or a character the model has never seen.
        """
        if text is not None:
            tokens = self.tokenizer.encode(text)
            return (text, tokens) if tokens else refuse_empty()
        try:
            tokens = self.tokenizer.encode("\n")
        except UserError:
            tokens = []
        return ("\n", tokens) if tokens else (self.tokenizer.token(0), [0])


def open_gpt(args: argparse.Namespace) -> Opened[GPT]:
    """The GPT asked for; UserError in one sentence for whatever is wrong with it, or with the switches."""
    from models import load

    state_memory(args.model)
    return _opened(load(args.model), args)


def open_any(args: argparse.Namespace) -> Opened[GPT | GRU]:
    """The same, where a GRU will do as well."""
    from models import load_any

    state_memory(args.model)
    return _opened(load_any(args.model), args)


def state_memory(name: str) -> None:
    """What a large model will take, on standard error, before it is read."""
    from models.model_folders import stated

    if said := stated(name):
        output.note(said)


def _opened(model: Model, args: argparse.Namespace) -> Opened[Model]:
    for note in getattr(model, "notes", ()):
        output.note(note)
    return Opened(model, tokenizer_of(model), _switches(args, model), args.model)


def tokenizer_of(model: GPT | GRU) -> Tokenizer:
    """What turns text into its tokens; UserError if its folder has none."""
    from models.model_folders import tokenizer_of as found

    return found(model)


def kind_of(model: GPT | GRU) -> str:
    """What a model is called beside others: "gpt" or "gru"."""
    from models.gpt import GPT

    return "gpt" if isinstance(model, GPT) else "gru"


def family_of(model: GPT | GRU) -> str:
    """What people call models of its kind: "GPT-2", "Llama", "GRU"."""
    from models import model_folders
    from models.gpt import GPT

    return model_folders.family_of(model) if isinstance(model, GPT) else "GRU"


def _switches(args: argparse.Namespace, model: GPT | GRU) -> tuple[Switch, ...]:
    """The switches asked for, in their one order; UserError lists what exists."""
    from models.gpt import GPT
    from models.switches import check, parse

    if not isinstance(model, GPT):
        if args.switch:
            raise UserError(f"{model.name} is a GRU and has no parts to switch", "leave out --switch")
        return ()
    return check(map(parse, args.switch), model.config)


def sampler_of(args: argparse.Namespace) -> Sampler:
    """The sampler asked for; UserError for a number out of range."""
    from models.sampling import Sampler, uniform

    uniform(args.seed, 0)  # says what is wrong with the seed before anything is written
    return Sampler(args.temperature, args.top_k, args.top_p)


def refuse_empty() -> NoReturn:
    """There is nothing to work on."""
    raise UserError("there is no text", 'give one, for example "To be, or not to be", or pipe it in')


def _standard_input() -> str:
    from models.corpora.foreign import guess, not_utf8

    if not sys.stdin:
        return ""
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise UserError(f"standard input is more than {MOST_BYTES >> 20} MB", "give a shorter text")
    try:
        text, wrong = data.decode(), data.find(0)
    except UnicodeDecodeError as error:
        raise not_utf8("standard input", data, error.start, None) from None
    if wrong >= 0 and guess(data, wrong):
        raise not_utf8("standard input", data, wrong, None)
    return text
