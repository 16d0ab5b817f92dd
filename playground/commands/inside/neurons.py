"""Which neurons of the MLPs added to the answer, what each is for, and what is lost without it.

A neuron is a memory: it fires on certain texts, and writes certain words (Geva et al. 2020). --neuron looks at one.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from playground.commands import options, output
from playground.commands.inside import asked
from playground.commands.inside.asked import Asked
from playground.kit import numbers
from playground.looking.labels import labelled

if TYPE_CHECKING:
    from models.lenses.inside.neurons import Firing, Neurons

EXAMPLES = """\
examples:
  playground inside neurons little-world "michael jordan plays"
  playground inside neurons little-world "michael jordan plays" --token tennis --layer 2
  playground inside neurons little-world "michael jordan plays" --neuron 0.288
  playground inside neurons little-world "michael jordan plays" --json | jq '.neurons[0]'
"""
WORDS = 6  # that a neuron writes, either way
BEFORE = 12  # tokens shown before the one that fires


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is asked of the neurons."""
    asked.add_arguments(parser)
    add = parser.add_argument
    add("--layer", metavar="L", type=int, help="those of one layer; default: all")
    add("--row", metavar="R", type=int, help="after which place of the text, from 0; default: the last")
    add("--token", metavar="TOKEN", help="what they add to the score of this token; default: the likeliest")
    add("--neuron", metavar="L.N", help="one neuron: what it writes, and the texts that fire it most")
    add("--top", metavar="N", type=options.count, default=12, help="so many neurons, or texts; default: %(default)s")


def run(args: argparse.Namespace) -> int:
    """Neurons in the order of what they add, or one of them."""
    from models.lenses.inside import neurons
    from models.lenses.inside.one_token import token_of
    from models.switches import NeuronOff

    of = asked.asked(args)
    row = len(of.trace) - 1 if args.row is None else args.row
    one = None if args.neuron is None else NeuronOff.at(args.neuron)
    if one is not None:
        one.check(of.opened.model.config)
    layers = [one.layer] if one else None if args.layer is None else [args.layer]
    token = None if args.token is None else token_of(of.opened.model, args.token)
    found = neurons.neurons(of.trace, row, token, layers)
    which = [found.at(one.layer, one.neuron)] if one else found.ranked("adds", args.top)
    *_, found = neurons.measured(of.trace, found, which)
    lines = [_line(of, found, at) for at in which]
    facts = of.facts() | {"row": row, "token": of.word(found.token), "p": found.p}
    if one is None:
        return _list(args, of, facts, found, lines)
    return _one(args, of, facts, found, lines[0])


def _line(of: Asked, found: Neurons, at: int) -> dict[str, Any]:
    from models.lenses.inside.neurons import writes
    from models.measures import ranked

    layer, neuron = (int(number) for number in found.places[at])
    written = writes(of.trace, found.row, found.places[[at]])[0]
    sides = {"raises": ranked(written, WORDS), "lowers": ranked(-written, WORDS)}
    return {
        "layer": layer,
        "neuron": neuron,
        "activation": float(found.activation[at]),
        "adds": float(found.adds[at]),
        "off_bits": float(found.off_bits[at]),
        "off_lost": float(found.off_lost[at]),
        "off_top": of.word(int(found.off_top[at])),
    } | {
        side: [{"token": of.word(int(token)), "by": float(written[token])} for token in tokens]
        for side, tokens in sides.items()
    }


def _list(args: argparse.Namespace, of: Asked, facts: dict[str, Any], found: Neurons, lines: list[Any]) -> int:
    if args.json:
        output.emit(facts | {"neurons": lines})
        return 0
    wanted = of.label(found.token, found.row)
    print(f"after {found.row} '{of.labels[found.row]}', for '{wanted}': {numbers.probability(found.p)}")
    heads = ("neuron", "activation", "adds", "off: bits", "then", "writes")
    table = output.Table(heads, (10, -10, -7, -9, 12, 60), output.columns())
    for line in lines:
        words = " ".join(of.safe(each["token"]) for each in line["raises"])
        bits, then = numbers.fixed(line["off_bits"], 3), _then(of, found, line)
        figures = (f"{line['activation']:.2f}", f"{line['adds']:+.2f}", bits, then, words)
        table.line(f"L{line['layer']} N{line['neuron']}", *figures)
    return 0


def _then(of: Asked, found: Neurons, line: dict[str, Any]) -> str:
    """What follows without the neuron of a line, safe to print."""
    return of.label(int(found.off_top[found.at(line["layer"], line["neuron"])]), found.row)


def _one(args: argparse.Namespace, of: Asked, facts: dict[str, Any], measured: Neurons, line: dict[str, Any]) -> int:
    from models import folder
    from models.lenses.inside.neurons import firing
    from playground.inside.reading import texts_to_read

    model, one = of.opened.model, (line["layer"], line["neuron"])
    read = texts_to_read(model, folder(of.opened.place), of.trace.tokens)
    *_, found = firing(model, read.texts, *one)
    if args.json:
        here = of.trace.blocks[one[0]].mlp_act[:, one[1]].tolist()
        texts = [_text(of, found, *place) for place in found.strongest(args.top)]
        fires = {"often": found.often, "most": found.most, "words": found.words, "read": read.says, "texts": texts}
        output.emit(facts | line | {"here": here, "fires": fires})
        return 0
    print(f"L{line['layer']} N{line['neuron']}, after {measured.row} '{of.labels[measured.row]}'")
    wanted = of.label(measured.token, measured.row)
    print(f"activation  {line['activation']:.2f}, adds {line['adds']:+.2f} to '{wanted}'")
    print(f"off         {numbers.fixed(line['off_bits'], 3)} bits, then '{_then(of, measured, line)}'")
    for side in ("raises", "lowers"):
        print(f"{side:<12}" + " ".join(f"{of.safe(each['token'])} {each['by']:+.2f}" for each in line[side]))
    share = f"{numbers.percent(found.often)} of {numbers.counted(found.words, 'token')} of {read.says}"
    print(f"fires       most {found.most:.2f}; half as much or more at {share}")
    for text, position in found.strongest(args.top):
        tokens = found.texts[text][max(position + 1 - BEFORE, 0) : position + 1]
        *before, last = labelled(of.opened.tokenizer, tokens.tolist())
        print(f"{found.activations[text][position]:8.2f}  {' '.join(before)} [{last}]")
    return 0


def _text(of: Asked, found: Firing, text: int, position: int) -> dict[str, Any]:
    words = [of.word(int(token)) for token in found.texts[text]]
    return {"tokens": words, "activations": found.activations[text].tolist(), "position": position}
