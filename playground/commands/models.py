"""What models there are, and what is known about one.

"list" shows the bundled models; "show" describes one of them, or a model of your own, and prints its model card.
"import" writes whatever opens here as a new folder in the Hugging Face layout, with its weights in safetensors.
"seal" says that a folder you changed is right as it is: what its files are by now is written into its training.json,
and damage to one of them is noticed from then on.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import UserError
from models.formats import records
from models.formats.files import quoted, shown
from models.runs.measurement import UNFAIR, Measurement
from models.units import BITS
from playground.commands import options, output
from playground.kit import numbers

if TYPE_CHECKING:
    from models.baselines.gru import GRU
    from models.gpt import GPT

DTYPES = ("float32", "float16")
EXAMPLES = """\
examples:
  playground models                        the same as playground models list
  playground models show shakespeare-char
  playground models show ./my-model --json
  playground models import ./their-model --out ./my-model --dtype float16
  playground models seal ./my-model        after you changed a file of it
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of models."""
    parser.add_argument(
        "what", nargs="?", choices=("list", "show", "import", "seal"), default="list", help="default: %(default)s"
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="but for list: a bundled model, or a model of your own")
    parser.add_argument("--out", metavar="DIR", help="for import: the folder to write, which must not be there yet")
    says = f"for import: what its numbers are stored as; default: {DTYPES[0]}"
    parser.add_argument("--dtype", choices=DTYPES, help=says)
    options.add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Print the list or one description, import or seal one; UserError for a model that cannot be read or written."""
    for name in ("out", "dtype"):
        if getattr(args, name) is not None and args.what != "import":
            raise UserError(f"--{name} is for playground models import", f"leave --{name} out")
    if args.what == "import":
        _import(args.name, args.out, args.dtype or DTYPES[0], args.json)
    elif args.what == "seal":
        _seal(args.name, args.json)
    elif args.what == "show":
        _show(args.name or options.DEFAULT_MODEL, args.json)
    elif args.name:
        raise UserError("list takes no name", f"write playground models show {quoted(args.name)}")
    else:
        _list(args.json)
    return 0


def _list(as_json: bool) -> None:
    from models import available, load

    found: list[dict[str, Any]] = []
    for name in available():
        try:
            found.append({"name": name} | _facts(load(name)))
        except UserError as error:  # one damaged model must not hide the others
            found.append({"name": name, "problem": str(error)})
    if as_json:
        output.emit({"models": found})
        return
    header = ("name", "parameters", "layers", "heads", "width", "context", "tokens", "loss")
    longest = max([len("name"), *(len(facts["name"]) for facts in found)])
    table = output.Table(header, (longest, -11, -6, -5, -5, -7, 12, -8))
    for facts in found:
        if "problem" in facts:
            output.say(f"{facts['name']}: {facts['problem']}")
        else:
            table.line(*_cells(facts))
    output.say("\nloss: bits a token on held-out text. Folders of your own: --model FOLDER with any command.")


def _cells(facts: dict[str, Any]) -> tuple[str, ...]:
    tokens = f"{facts['tokenizer']} {facts['vocab_size']:,}"
    sizes = (str(facts[name]) for name in ("layers", "heads", "width", "context"))
    return (facts["name"], f"{facts['parameters']:,}", *sizes, tokens, _loss(facts["held_out"]))


def _loss(held_out: dict[str, Any] | None) -> str:
    if held_out is None:
        return numbers.ABSENT
    return numbers.fixed(held_out["bits"], 4) + (f" ({UNFAIR})" if held_out["looks_ahead"] else "")


def _show(name: str, as_json: bool) -> None:
    from models import baselines, folder, load_any

    options.state_memory(name)
    model, place = load_any(name), folder(name)
    there = sorted(place.iterdir()) if place.is_dir() else [place]  # a checkpoint is a file
    files = {file.name: file.stat().st_size for file in there if os.path.isfile(file)}
    faults = [*getattr(model, "notes", ()), *map(str, baselines.look(place, model.tokenizer).faults)]
    facts: dict[str, Any] = {"name": model.name, "folder": str(place)}
    facts |= _facts(model) | _needs(model) | {"files": files, "faults": faults}
    if as_json:
        output.emit(facts)
        return
    told = {**facts, "memory": numbers.file_size(facts["memory"]), "held-out": (facts["held_out"] or {}).get("says")}
    for key, value in told.items():
        if not isinstance(value, dict | list) and key != "held_out":
            shown = numbers.ABSENT if value is None else f"{value:,}" if isinstance(value, int) else value
            output.say(f"{key + ':':<13}{shown}")
    for file, size in files.items():
        output.say(f"{'file:':<13}{file}, {size:,} bytes")
    for fault in faults:
        output.note(fault)
    card = place / "README.md"
    if os.path.isfile(card):
        from models.corpora.text import read_text

        output.say("\n" + _body(read_text(card)).strip())


def _needs(model: GPT | GRU) -> dict[str, Any]:
    """How much memory its weights take, in bytes, and what its tokenizer is made of."""
    tokenizer = model.tokenizer
    facts: dict[str, Any] = {"memory": sum(weight.nbytes for weight in model.weights.values())}
    if tokenizer is not None:
        begins = "".join(map(tokenizer.token, tokenizer.begin)) or None
        ends = None if tokenizer.end is None else tokenizer.token(tokenizer.end)
        facts |= {"made_of": tokenizer.made_of, "begins_with": begins, "ends_with": ends}
    return facts


def _import(name: str | None, out: str | None, dtype: str, as_json: bool) -> None:
    """Write a model of any format as a folder of ours; UserError for a folder that is there already."""
    from models import folder, load_any, save

    if name is None:
        raise UserError("there is nothing to import", "name a model's file or folder")
    if out is None:
        raise UserError("there is no place to write to", "name a new folder with --out")
    place = Path(out)
    if os.path.lexists(place):
        raise UserError(f"{shown(place)} is there already", "choose another place with --out")
    options.state_memory(name)
    model = load_any(name)
    for note in getattr(model, "notes", ()):
        output.note(note)
    training = {**model.training, "imported_from": folder(name).name}
    save(replace(model, training=training), place, dtype, new=True)
    facts = {"folder": str(place), "parameters": model.n_parameters, "dtype": dtype}
    if as_json:
        output.emit(facts)
    else:
        output.say(f"{model.name}: {model.n_parameters:,} parameters, written to {shown(place)} as {dtype}")


def _seal(name: str | None, as_json: bool) -> None:
    """Write down what the files of a folder are, and open the model to be certain that it can be."""
    from models import baselines, folder, load_any, model_folders
    from models.formats import digests

    if name is None:
        raise UserError("there is nothing to seal", "name a model folder")
    place = folder(name)
    if model_folders.is_checkpoint(place):
        fault = f"{shown(place)} is a checkpoint of another program's, which keeps no digests"
        raise UserError(fault, "write it as a folder with playground models import, and seal that")
    sealed = digests.seal(place)
    faults = [str(fault) for fault in baselines.look(place, load_any(name).tokenizer).faults]
    if as_json:
        output.emit({"folder": str(place), "sha256": sealed, "faults": faults})
        return
    for file, digest in sealed.items():
        output.say(f"{digest}  {file}")
    for fault in faults:
        output.note(fault)


def _facts(model: GPT | GRU) -> dict[str, Any]:
    config, measured = model.config, Measurement.of(model.training)
    return {
        "kind": options.kind_of(model),
        "family": options.family_of(model),
        "parameters": model.n_parameters,
        "layers": config.n_layer,
        "heads": getattr(config, "n_head", None),  # a GRU has neither these nor a context
        "width": config.n_embd,
        "context": getattr(config, "block_size", None),
        "attention": None if "attention" in getattr(config, "lacks", ()) else getattr(config, "attention", None),
        "positions": str(config.positions) if hasattr(config, "positions") else None,
        "activation": getattr(config, "activation", None),
        "without": ", ".join(getattr(config, "lacks", ())) or None,
        "tokenizer": model.tokenizer.kind if model.tokenizer else "none",
        "vocab_size": config.vocab_size,
        "held_out": measured and {"bits": measured.nats * BITS.nat, "says": measured.said(), **records.plain(measured)},
        "training": dict(model.training),
    }


def _body(card: str) -> str:
    """The card without the block of settings Hugging Face puts on top."""
    _, fence, rest = card.partition("\n---\n") if card.startswith("---\n") else ("", "", "")
    return rest if fence else card
