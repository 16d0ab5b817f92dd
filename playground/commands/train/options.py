"""The options of train, and the settings they make."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from models.runs import TrainConfig

DEFAULT_PRESET = "small"
KINDS, STORES, ON_FULL_DISK = ("char", "word", "bpe"), ("float16", "float32"), ("continue", "stop")
NICE = 5  # with --events: whoever watches wants to see it smoothly


class Option(NamedTuple):
    """An option that sets one field of TrainConfig."""

    name: str
    field: str
    shown: str  # what stands for its value in --help; empty for one that takes none
    kind: Callable[[str], Any]
    says: str


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


KEPT = "what is kept"
# what they may be is checked by TrainConfig, by name: --help must not wait for it to load
GROUPS: dict[str, tuple[Option, ...]] = {
    "the model, where it differs from the preset": (
        Option("model", "model", "KIND", str, "gpt, or gru: a recurrent network of as many parameters"),
        Option("layers", "n_layer", "N", int, "blocks"),
        Option("heads", "n_head", "N", int, "attention heads in each"),
        Option("width", "n_embd", "N", int, "width of the residual stream; a multiple of the heads"),
        Option("context", "block_size", "N", int, "how many tokens it sees at once"),
        Option("positions", "positions", "KIND", str, "learned, sinusoidal or none"),
        Option("positions-start", "positions_start", "KIND", str, "learned ones begin random, or as sinusoids"),
        Option("activation", "activation", "KIND", str, "of the MLPs: gelu_new, gelu, relu, or none"),
        Option("without", "without", "PARTS", _parts, "build it without: mask,scale,norm,residual,mlp,attention"),
        Option("dropout", "dropout", "X", float, "share dropped at random while training"),
    ),
    "how it learns": (
        Option("steps", "steps", "N", int, "end after so many steps"),
        Option("minutes", "minutes", "X", float, "end after so many minutes"),
        Option("batch", "batch", "N", int, "windows of the context's length in a step"),
        Option("accumulate", "accumulate", "N", int, "take them in so many parts, to save memory"),
        Option("method", "method", "NAME", str, "muon or adamw, for the blocks' matrices; the rest learns by adamw"),
        Option("lr", "lr", "X", float, "learning rate at its highest"),
        Option("lr-rest", "lr_rest", "X", float, "adamw's beside muon, as a factor"),
        Option("schedule", "schedule", "NAME", str, "how the rate falls: linear, cosine, or flat (in the last half)"),
        Option("lr-end", "lr_end", "X", float, "where it ends, as a factor"),
        Option("warmup", "warmup", "N", int, "steps until it is highest"),
        Option("decay", "weight_decay", "X", float, "weight decay of the matrices"),
        Option("clip", "clip", "X", float, "greatest norm of a step's gradient"),
        Option("seed", "seed", "N", int, "same seed, same start and same windows"),
    ),
    KEPT: (
        Option("eval-every", "eval_every", "N", int, "steps between measurements of the held-out text"),
        Option("snapshot-every", "snapshot_every", "N", int, "steps between models for the timeline"),
        Option("save-every", "save_every", "N", int, "steps between checkpoints; both: 0, with each measurement"),
        Option("keep", "keep", "N", int, "checkpoints kept, beside the best"),
    ),
    "the machine": (
        Option("threads", "threads", "N", int, "threads; 0: as many as torch likes"),
        Option("device", "device", "NAME", str, "cpu or cuda"),
        Option("dtype", "dtype", "NAME", str, "of the matrix products: float32, bfloat16, or auto: measured"),
        Option("compile", "compile", "", str, "have torch compile the model first"),
    ),
}
OPTIONS = tuple(option for group in GROUPS.values() for option in group)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """--preset, --presets and an option for every setting; what is not given stays None."""
    parser.add_argument("--preset", metavar="NAME", help="settings known to be good; default: " + DEFAULT_PRESET)
    parser.add_argument("--presets", action=_ListPresets, help="list them with the time they take, and leave")
    for title, options in GROUPS.items():
        group = parser.add_argument_group(title)
        for name, field, shown, kind, says in options:
            if shown:
                group.add_argument(f"--{name}", dest=field, metavar=shown, type=kind, help=says)
            else:
                group.add_argument(f"--{name}", dest=field, action="store_const", const=True, help=says)
        if title == KEPT:
            group.add_argument(
                "--store", choices=STORES, help="type of the model's numbers in its file; default: float16"
            )


def add_vocabulary(parser: argparse.ArgumentParser) -> None:
    """--tokenizer and what belongs to it; what is not given stays None."""
    group = parser.add_argument_group("the vocabulary, made from the text")
    group.add_argument("--tokenizer", choices=KINDS, help="characters, words, or byte pairs; default: char")
    group.add_argument("--vocab", metavar="N", type=int, help="size of a BPE vocabulary; default: 1024")
    group.add_argument("--lowercase", action="store_true", default=None, help="words without capitals")
    group.add_argument("--min-count", metavar="N", type=int, help="rarer words become <unk>; default: 1")


def add_watching(parser: argparse.ArgumentParser) -> None:
    """How a run is shown and driven; all of it goes with --resume."""
    group = parser.add_argument_group("while it runs")
    shown = group.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="what happens, as JSON lines on standard output")
    shown.add_argument("--events", action="store_true", help="the same, and commands from standard input; see below")
    group.add_argument("--paused", action="store_true", help="wait for a command before the first step (with --events)")
    group.add_argument(
        "--on-full-disk", choices=ON_FULL_DISK, default="continue", help="when a save fails; default: %(default)s"
    )
    group.add_argument(
        "--nice", metavar="N", type=int, help=f"yield to others, 0 to 19; default: 0, and {NICE} with --events"
    )


def check(args: argparse.Namespace) -> None:
    """UserError for options that do not go together, or say nothing."""
    from models.errors import UserError

    if named := next((named for named, value in _places(args) if value == ""), ""):
        raise UserError(f"{named} is empty", "write . for the folder you are in")
    if args.resume is not None and (named := _beside_resume(args)):
        fault = f"{named} does not go with --resume, which goes on as the run was begun"
        raise UserError(f"{fault}", "leave it out, or begin another run --from this one")
    if args.resume is None and not args.text:
        raise UserError("there is nothing to learn from", "give a text file, a folder of them, or little-world")
    if args.resume is None and args.out is None and not args.dry_run:
        raise UserError("there is no place for the run", "give one with --out")
    _check_vocabulary(args)
    if args.model == "gru" and args.without:
        raise UserError("a gru has none of the parts that --without names", "leave one of the two out")
    if args.dry_run and os.environ.get("WORLD_SIZE", "1") != "1":
        raise UserError("--dry-run looks at one process", "leave torchrun out")
    if args.paused and not args.events:
        raise UserError("--paused needs someone to continue it", "use it with --events")
    if not 0 <= (args.nice or 0) <= 19:
        raise UserError(f"--nice is {args.nice}", "give a number from 0 to 19")


def _places(args: argparse.Namespace) -> list[tuple[str, str | None]]:
    """Every name of a file or folder that was given, and by which option."""
    options = (("--out", args.out), ("--resume", args.resume), ("--from", args.start))
    return [*options, *(("the name of a text", name) for name in args.text)]


def _check_vocabulary(args: argparse.Namespace) -> None:
    """UserError for an option of another kind of vocabulary than the one asked for, and a number that is none."""
    from models.errors import UserError

    words = (("lowercase", args.lowercase, "word"), ("min-count", args.min_count, "word"))
    for name, value, kind in (("vocab", args.vocab, "bpe"), *words):
        if value is not None and args.start is None and (args.tokenizer or KINDS[0]) != kind:
            raise UserError(f"--{name} is for --tokenizer {kind}", f"give that as well, or leave --{name} out")
    if args.min_count is not None and args.min_count < 1:
        raise UserError(f"--min-count is {args.min_count}", "give 1 or more")


def _beside_resume(args: argparse.Namespace) -> str:
    """The first option that was given and says how a run begins."""
    own = {"text": "a text", "out": "--out", "force": "--force", "start": "--from", "preset": "--preset"}
    own |= {name: "--" + name.replace("_", "-") for name in ("tokenizer", "vocab", "lowercase", "min_count", "store")}
    own |= {option.field: "--" + option.name for option in OPTIONS} | {"dry_run": "--dry-run"}
    return next((shown for name, shown in own.items() if getattr(args, name) not in (None, False, [])), "")


def given(args: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given, by TrainConfig's names."""
    values = {option.field: getattr(args, option.field) for option in OPTIONS}
    return {field: value for field, value in values.items() if value is not None}


def config_of(args: argparse.Namespace, preset_name: str = DEFAULT_PRESET) -> TrainConfig:
    """The preset asked for, else that one, with what was given in place of its own; UserError if that cannot work."""
    from models.errors import UserError
    from models.runs import preset

    base, own = preset(preset_name if args.preset is None else args.preset), given(args)
    if ("minutes" in own) != ("steps" in own):  # one end given: it is the only one
        own = {"minutes": None, "steps": None} | own
    try:
        return replace(base, **own)
    except UserError as error:
        raise UserError(_by_option(str(error))) from None


def _by_option(fault: str) -> str:
    """A sentence about settings, each called what its option is called."""
    names = {option.field: f"--{option.name}" for option in OPTIONS if option.field != option.name}
    return re.sub(r"\b[a-z]+_[a-z_]+\b", lambda found: names.get(found[0], found[0]), fault)


class _ListPresets(argparse.Action):
    """Prints the presets."""

    def __init__(self, option_strings: list[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from models.runs import PRESETS

        for name, make in PRESETS.items():
            print(f"{name:<14} {make.__doc__}")
        parser.exit()
