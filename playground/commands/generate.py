"""Write on after a text.

The text and its continuation are printed as they come: to a terminal with marks for what it must not be sent, as ␛,
into a pipe or a file as their very bytes, with nothing added. The same seed gives the same continuation; with --compare
the intact model, the one with your switches and the bigram draw with the same random numbers, side by side.
"""

from __future__ import annotations

import argparse
import codecs
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING, Any

from models.errors import UserError
from playground.commands import options, output
from playground.commands.play import in_sentences
from playground.kit.numbers import again, counted
from playground.looking.labels import label
from playground.text import running, visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.baselines.gru import GRU
    from models.contract import LanguageModel
    from models.gpt import GPT
    from models.sampling import Draw, Sampler
    from models.switches import Switch
    from models.tokenizers import Tokenizer
    from playground.commands.options import Opened

EXAMPLES = """\
examples:
  playground generate "ROMEO:" --tokens 300
  playground generate "To be" --temperature 0.7 --top-k 20 --seed 5
  playground generate "To be" --switch mask-off --compare
  echo -n "To be" | playground generate --json | jq '.steps[].p'

Standard input is taken as it is, a newline at its end included. Without any text it starts on an empty line.
A file gets the UTF-8 bytes of the text, also those of a character that a model of bytes left unfinished; --json has
U+FFFD in its place. Tables, sentences and cards, here and in other commands, are for reading: they keep the marks.
In --json every step has: position (its place), id, text, p (as the model gave it), p_filtered (after temperature,
top-k and top-p), kept (how many tokens were left to choose from) and u (the random number that chose). cycle is how
many tokens the end of the text repeats again and again; 0: it does not.
"""
WINDOW = 8  # tokens: what a token says may depend on so many before it


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of generate."""
    options.add_text(parser, "what to go on from")
    options.add_model(parser)
    parser.add_argument("--tokens", metavar="N", type=options.count, default=200, help="how many; default: %(default)s")
    says = "stop where the model ends its text with the token for that, if it has one"
    parser.add_argument("--until-end", action="store_true", help=says)
    options.add_sampler(parser)
    parser.add_argument("--compare", action="store_true", help="intact, switched and bigram side by side")
    parser.add_argument("--plain", action="store_true", help="step by step in sentences, for screen readers")
    options.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print a continuation, several, or their steps as JSON."""
    if args.plain:
        if args.json or args.compare or args.until_end:
            raise UserError("--plain answers in sentences", "leave out --json, --compare and --until-end with it")
        return in_sentences(args, options.argument_of(args))
    given = options.text_of(args)
    opened = options.open_any(args)
    prompt, tokens = opened.encoded(given)
    _notes(opened, prompt, tokens)
    runs = _runs(args, opened, tokens, _end(opened) if args.until_end else None)
    if args.json:
        told = {name: _facts(opened.tokenizer, tokens, draws) for name, draws in runs.items()}
        facts = opened.facts() | {"prompt": prompt, "prompt_tokens": tokens}
        facts |= {name: getattr(args, name) for name in ("seed", "temperature", "top_k", "top_p")}
        output.emit(facts | ({"runs": told} if args.compare else told["text"]))
    elif args.compare:
        _side_by_side(opened.tokenizer, tokens, runs)
    else:
        written = list[int]()
        _write(opened.tokenizer, prompt, tokens, _kept(runs["text"], written))
        _remarks(args, written)
    return 0


def _write(tokenizer: Tokenizer, prompt: str, tokens: Sequence[int], drawn: Iterable[int]) -> None:
    """The text as it comes: to be seen in a terminal, as it is anywhere else."""
    if sys.stdout and sys.stdout.isatty():
        for piece in running(chain([prompt], pieces(tokenizer, tokens, drawn)), keep="\n"):
            print(piece, end="", flush=True)
        print()
    else:
        output.pour(chain([prompt.encode()], spelled(tokenizer, tokens, drawn)))


def _kept(draws: Iterable[Draw], written: list[int]) -> Iterator[int]:
    """The tokens drawn, each put to those `written` as it comes."""
    for draw in draws:
        written.append(draw.token)
        yield draw.token


def _remarks(args: argparse.Namespace, written: Sequence[int]) -> None:
    """What to know of a text that was written."""
    from models.sampling import cycle

    if len(written) < args.tokens:
        output.note(f"the model ended its text after {counted(len(written), 'token')}")
    if args.temperature == 0 and (length := cycle(written)):
        output.note(f"greedy, and it ends in {again(length)} - a --temperature above 0 draws others")


def _notes(opened: Opened[GPT | GRU], prompt: str, tokens: Sequence[int]) -> None:
    """What to know of the model before its text is read."""
    model = opened.model
    opened.note_unknown(prompt)
    context = getattr(model.config, "block_size", len(tokens))  # a GRU has none
    if len(tokens) > context:
        output.note(f"the text has {len(tokens):,} tokens; the model sees the last {context:,}")
    if opened.sees_the_future:
        output.note(f"{model.name} was built without the causal mask: it sees texts whole, and cannot write on")


def pieces(tokenizer: Tokenizer, before: Sequence[int], tokens: Iterable[int]) -> Iterator[str]:
    """What each token adds to the text after `before`; a character that comes in several tokens comes whole."""
    from models.tokenizers import HALF

    if tokenizer.kind == "bpe":
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        decoder.decode(tokenizer.spell(before[-WINDOW:]))
        yield from (decoder.decode(tokenizer.spell([each])) for each in tokens)
        yield decoder.decode(b"", final=True)
        return
    window = _tail(tokenizer, list(before))
    shown = len(tokenizer.decode(window))
    for each in tokens:
        window.append(each)
        text = tokenizer.decode(window)
        if text.endswith(HALF):  # which the next may complete
            yield ""
            continue
        yield text[shown:]
        window = _tail(tokenizer, window)
        shown = len(tokenizer.decode(window))
    yield tokenizer.decode(window)[shown:]


def _tail(tokenizer: Tokenizer, tokens: list[int]) -> list[int]:
    """The last of the tokens, or all where those would say something else alone: half a character, half a word."""
    tail = tokens[-WINDOW:]
    return tail if tokenizer.decode(tokens).endswith(tokenizer.decode(tail)) else tokens


def spelled(tokenizer: Tokenizer, before: Sequence[int], tokens: Iterable[int]) -> Iterator[bytes]:
    """The same in bytes: those of a character that comes in several tokens as they come, and if it never is whole."""
    if tokenizer.kind == "bpe":
        return (tokenizer.spell([each]) for each in tokens)
    return (piece.encode() for piece in pieces(tokenizer, before, tokens))


def _end(opened: Opened[GPT | GRU]) -> int:
    """The token the model ends a text with; UserError if it has none."""
    if opened.tokenizer.end is None:
        what = f"{opened.model.name} has no token that ends a text"
        raise UserError(what, "leave out --until-end, and say how many with --tokens")
    return opened.tokenizer.end


def _runs(
    args: argparse.Namespace, opened: Opened[GPT | GRU], tokens: Sequence[int], end: int | None
) -> Mapping[str, Iterable[Draw]]:
    """The continuations asked for, by name, none beyond `end`; drawn while they are read."""
    model, switches = opened.model, opened.switches
    how = (options.sampler_of(args), args.seed, args.tokens, end)
    if not args.compare:
        return {"text": drawn(model, tokens, switches, *how)}
    runs = {"intact": drawn(model, tokens, (), *how)}
    if switches:
        runs["changed"] = drawn(model, tokens, switches, *how)
    return runs | {name: drawn(beside, tokens, (), *how) for name, beside in islice(opened.baselines.items(), 1)}


def drawn(
    model: LanguageModel,
    tokens: Sequence[int],
    switches: Sequence[Switch],
    sampler: Sampler,
    seed: int,
    n: int,
    end: int | None = None,
) -> Iterator[Draw]:
    """At most n draws in a row after the tokens, none from `end` on; under the switches, which only a GPT has."""
    from models.gpt import GPT
    from models.sampling import draws, until, write_on
    from models.tracing import trace

    if isinstance(model, GPT):
        drawn = islice(write_on(model, trace(model, tokens, switches), sampler, seed), n)
    else:
        drawn = islice(draws(model, tokens, sampler, seed), n)
    return drawn if end is None else until(drawn, end)


def _facts(tokenizer: Tokenizer, tokens: Sequence[int], draws: Iterable[Draw]) -> dict[str, Any]:
    """What one of them wrote, and how."""
    from models.sampling import cycle

    steps = list(draws)
    written = [draw.token for draw in steps]
    told = {"text": "".join(pieces(tokenizer, tokens, written)), "cycle": cycle(written)}
    return told | {"steps": [_step(tokenizer, draw) for draw in steps]}


def _step(tokenizer: Tokenizer, draw: Draw) -> dict[str, Any]:
    return {
        "position": draw.position,
        "id": draw.token,
        "text": tokenizer.token(draw.token),
        "p": float(draw.raw[draw.token]),
        "p_filtered": float(draw.filtered[draw.token]),
        "kept": int(draw.kept.sum()),
        "u": draw.u,
    }


def _side_by_side(tokenizer: Tokenizer, tokens: Sequence[int], runs: Mapping[str, Iterable[Draw]]) -> None:
    """A column each, and where they part."""
    written = {name: [draw.token for draw in draws] for name, draws in runs.items()}
    wide = max(12, (shutil.get_terminal_size((100, 24)).columns + 2) // len(runs) - 2)
    columns = [_wrapped("".join(pieces(tokenizer, tokens, each)), wide) for each in written.values()]
    table = output.Table(list(written), [wide] * len(written))
    table.line(*["-" * wide] * len(written))
    for cells in zip_longest(*columns, fillvalue=""):
        table.line(*cells)
    intact = written.pop("intact")
    for name, other in written.items():
        at = next((at for at, (a, b) in enumerate(zip_longest(intact, other)) if a != b), None)
        output.say("\n" + _parting(tokenizer, tokens, name, intact, other, at), end="")
    print()


def _parting(
    tokenizer: Tokenizer, tokens: Sequence[int], name: str, intact: Sequence[int], other: Sequence[int], at: int | None
) -> str:
    if at is None:
        return f"intact and {name} write the same."
    known = *tokens, *intact[:at]
    here, there = (f"'{label(tokenizer, of[at], known)}'" if at < len(of) else "the end" for of in (intact, other))
    return f"intact and {name} part at token {at + 1}: {here} and {there}."


def _wrapped(text: str, wide: int) -> list[str]:
    """Lines of at most so many cells, broken anywhere: every character counts."""
    from playground.cells import chop

    return [part for line in visible(text, keep="\n").split("\n") for part in chop(line, wide) or [""]]
