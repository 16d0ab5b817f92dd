"""Look into one pass over a text: every named value, as a table, JSON or NumPy file.

The table has a line a token: how much it surprised the model, and what the model had expected in its place. With
--layer and --head it shows that head's pattern as well: rows look at columns.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from models.errors import UserError, check_index
from playground.commands import options, output
from playground.kit import numbers
from playground.looking.labels import label, labelled
from playground.text import cut

if TYPE_CHECKING:
    from models.gpt import GPT
    from models.tokenizers import Tokenizer
    from models.tracing import Trace
    from playground.commands.options import Opened

EXAMPLES = """\
examples:
  playground trace "To be, or not"                            a line a token
  playground trace "To be, or not" --layer 0 --head 2         ... and that head's pattern
  playground trace "To be" --only pattern,logits --json       exact numbers
  playground trace "To be" --out pass.npz                     everything, for numpy.load("pass.npz")
  playground trace "To be" --switch mask-off --out open.npz   ... with the causal mask open

Names and shapes, T tokens, C width, H heads, D width of a head, F width of the MLP, V vocabulary:
  visible T T   embed, pos_embed, ln_final T C   logits T V   and in every layer, for example blocks.0.pattern:
  resid_pre, ln_1, attn_out, resid_mid, ln_2, mlp_out, resid_post T C   mlp_pre, mlp_act T F
  q, k, v, z H T D   scores, pattern H T T   of a gated MLP mlp_pre_linear T F, of rotary positions angles T D/2
In JSON null stands for what is no number: -inf in scores, where a row may not look, what a switch sent to infinity,
and the surprise of the first token, which nothing predicted.
"""
TOP = 5  # columns named a row where the pattern is too wide to print


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of trace."""
    options.add_text(parser, "the text to look at")
    options.add_model(parser)
    parser.add_argument("--format", choices=("table", "json", "npz"), help="default: by --out's ending, else table")
    parser.add_argument("--out", metavar="FILE", help="write there instead of to standard output")
    parser.add_argument("--only", metavar="NAMES", help="in json and npz only these values, separated by commas")
    parser.add_argument("--layer", metavar="L", type=int, help="in the table, the pattern of a head of this layer")
    parser.add_argument("--head", metavar="H", type=int, help="... this head")
    parser.add_argument("--json", action="store_true", help="the same as --format json")


def run(args: argparse.Namespace) -> int:
    """Print or write one trace; UserError for binary to a terminal, a name or a head that does not exist."""
    form = _format(args)
    text = options.text_of(args) or options.refuse_empty()
    opened = options.open_gpt(args)
    _check_head(args, opened.model)
    opened.note_unknown(text)
    from models.tracing import trace

    passed = trace(opened.model, text, opened.switches)
    output.note_numbers(passed)
    if form == "table":
        columns = None if args.out else output.columns()
        output.deliver_text(args.out, table(opened, passed, args.layer, args.head, columns))
        return 0
    written = _write_json if form == "json" else _write_npz
    output.deliver(args.out, lambda file: written(file, facts(opened, passed), values(passed, args.only)))
    return 0


def facts(opened: Opened[GPT], passed: Trace) -> dict[str, Any]:
    """What went in, in words: for JSON, and as small arrays in npz."""
    from models.measures import surprise

    return opened.facts() | {
        "dropped": passed.dropped,
        "tokens": list(passed.tokens),
        "texts": [opened.tokenizer.token(each) for each in passed.tokens],
        "surprise_bits": surprise(passed.logits, passed.tokens),
    }


def values(passed: Trace, only: str | None = None) -> dict[str, Any]:
    """Every array by name, a layer's as blocks.L.name; UserError for a name there is not."""
    from models.gpt import BLOCK_NAMES, LETTERS, MODEL_NAMES

    offers = passed.tape.model.config.offers
    in_layers = [each for each in LETTERS if each in BLOCK_NAMES or each not in MODEL_NAMES and offers(each)]
    known = [*MODEL_NAMES, *in_layers]
    wanted = [name.strip() for name in only.split(",")] if only else known
    for name in wanted:
        if name not in known:
            raise UserError(f"there is no value {name!r}", f"there are {', '.join(known)}")
    found = {name: getattr(passed, name) for name in MODEL_NAMES if name in wanted}
    for layer, block in enumerate(passed.blocks):
        found |= {f"blocks.{layer}.{name}": getattr(block, name) for name in in_layers if name in wanted}
    return found


def table(
    opened: Opened[GPT], passed: Trace, layer: int | None, head: int | None, columns: int | None
) -> Iterator[str]:
    """Lines: a token each, what is expected next, and the pattern of a head if one is named.

    A pattern wider than `columns` cells becomes the strongest columns of each row; None is as wide as needed.
    """
    yield from _tokens(opened, passed)
    if layer is not None and head is not None:
        yield ""
        yield f"layer {layer}, head {head}: rows look at columns"
        yield from _pattern(opened, passed, passed.blocks[layer].pattern[head], columns)


def _tokens(opened: Opened[GPT], passed: Trace) -> Iterator[str]:
    from models.measures import softmax, surprise

    widths = (-8, 14, -6, -8, 14, -7)
    yield output.row(("place", "token", "id", "bits", "expected", "p"), widths)
    p, bits = softmax(passed.logits), surprise(passed.logits, passed.tokens)
    labels = labelled(opened.tokenizer, passed.tokens)
    for at, each in enumerate(passed.tokens):
        expected = ("", "") if at == 0 else _best(opened.tokenizer, p[at - 1], passed.tokens[:at])
        figures = str(each), numbers.bits_or_dash(bits[at])
        yield output.row((str(at + passed.dropped), labels[at], *figures, *expected), widths)
    best = _best(opened.tokenizer, p[-1], passed.tokens)
    yield output.row((str(len(passed) + passed.dropped), "(next)", "", "", *best), widths)
    counted = bits[1:]
    if len(counted):
        yield ""
        total, mean = map(numbers.bits, (counted.sum(), counted.mean()))
        yield f"{total} bits over {len(counted)} predicted tokens, {mean} bits per token"
    if passed.dropped:
        yield f"the first {passed.dropped:,} tokens no longer fit the context of {opened.model.config.block_size:,}"


def _best(tokenizer: Tokenizer, p: Any, before: Sequence[int]) -> tuple[str, str]:
    """The likeliest token after those before it, and its probability."""
    best = int(p.argmax())
    return label(tokenizer, best, before), numbers.probability(float(p[best]))


def _pattern(opened: Opened[GPT], passed: Trace, pattern: Any, columns: int | None) -> Iterator[str]:
    labels = labelled(opened.tokenizer, passed.tokens)
    positions = [str(at + passed.dropped) for at in range(len(labels))]
    widths = (-8, 8, *[-5] * len(labels))
    if columns is not None and sum(map(abs, widths)) + 2 * len(widths) > columns:
        yield from _strongest(pattern, labels, positions)
        return
    yield output.row(("", "", *positions), widths)
    yield output.row(("place", "token", *(cut(label, 5) for label in labels)), widths)
    for at, weights in enumerate(pattern):
        yield output.row((positions[at], labels[at], *(f"{weight:.3f}" for weight in weights)), widths)


def _strongest(pattern: Any, labels: Sequence[str], positions: Sequence[str]) -> Iterator[str]:
    from models.measures import ranked

    for at, weights in enumerate(pattern):
        strong = [column for column in ranked(weights, TOP).tolist() if weights[column] > 0]
        looks = ", ".join(f"{positions[each]} {labels[each]} {weights[each]:.3f}" for each in strong)
        yield f"{positions[at]:>8}  {labels[at]} looks at: {looks or 'nothing'}"


def _write_json(file: IO[bytes], told: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
    """One object, written value by value: a trace may be large."""
    for key, value in told.items():
        start = "{" if key == "model" else ", "
        file.write(f"{start}{json.dumps(key)}: {json.dumps(_finite(value), allow_nan=False)}".encode())
    file.write(b', "values": {')
    for at, (name, array) in enumerate(arrays.items()):
        file.write(f"{', ' if at else ''}{json.dumps(name)}: {json.dumps(_finite(array), allow_nan=False)}".encode())
    file.write(b"}}\n")


def _finite(value: Any) -> Any:
    """Plain lists with None where there is no number."""
    import numpy as np

    return np.where(np.isfinite(value), value, np.array(None)).tolist() if isinstance(value, np.ndarray) else value


def _write_npz(file: IO[bytes], told: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
    import numpy as np

    words: dict[str, Any] = {
        key: np.asarray(value, dtype=np.str_ if key == "switches" else None) for key, value in told.items()
    }
    np.savez(file, **words, **arrays)


def _format(args: argparse.Namespace) -> str:
    endings = {".json": "json", ".npz": "npz"}
    by_name = endings.get(os.path.splitext(args.out or "")[1].lower(), "table")
    form: str = args.format or ("json" if args.json else by_name)
    if form == "npz" and not args.out and sys.stdout and sys.stdout.isatty():
        raise UserError("npz is binary and would garble the terminal", "add --out FILE.npz")
    if form != "table" and args.layer is not None:
        raise UserError("--layer and --head are for the table", "leave them out, or choose values with --only")
    if form == "table" and args.only:
        raise UserError("--only is for json and npz", "add --format json or --out FILE.npz")
    return form


def _check_head(args: argparse.Namespace, model: GPT) -> None:
    if (args.layer is None) != (args.head is None):
        raise UserError("a pattern needs both --layer and --head", "give the other one as well")
    for name, value, count in (("layer", args.layer, model.config.n_layer), ("head", args.head, model.config.n_head)):
        if value is not None:
            check_index(name, value, count)
