"""The options of train, and the settings they make."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from itertools import groupby
from typing import Any

from models.errors import UserError
from models.formats.files import check_local
from models.parts import Store
from models.runs import PRESETS, TrainConfig, about, preset
from models.runs.config import KEPT, SETTINGS
from models.runs.settings import Setting

DEFAULT_PRESET = "small"
STORES: tuple[Store, ...] = ("float16", "float32")
KINDS, ON_FULL_DISK = ("char", "word", "bpe"), ("continue", "stop")
SAMPLE, WHOLE = "sample", "all"  # of the held-out text
NICE = 5  # with --events: whoever watches wants to see it smoothly


def add_settings(parser: argparse.ArgumentParser) -> None:
    """--preset, --presets and an option for every setting; what is not given stays None."""
    parser.add_argument("--preset", metavar="NAME", help="settings known to be good; default: " + DEFAULT_PRESET)
    listed = "\n".join(" ".join([f"{name:<14}", *filter(None, about(name)[::-1])]) for name in PRESETS)
    says = "list them with the time they take, and leave"
    parser.add_argument("--presets", action="version", version=listed, help=says)  # "version": print it, and leave
    for title, settings in groupby(SETTINGS.values(), lambda each: each.group):
        group = parser.add_argument_group(title)
        for each in settings:
            group.add_argument(f"--{each.option}", dest=each.name, help=_help(each), **_taken(each))
        if title == KEPT:
            says = "type of the model's numbers in its file; default: float16"
            group.add_argument("--store", choices=STORES, help=says)


def _help(setting: Setting) -> str:
    """What it is, and what there is to choose from."""
    if not setting.choices:
        return setting.says
    if setting.kind is tuple:
        return f"{setting.says}: {','.join(setting.choices)}"
    if setting.meanings:
        known = (f"{each} = {setting.meanings[each]}" if each in setting.meanings else each for each in setting.choices)
        return f"{setting.says}: {'; '.join(known)}"
    *first, last = setting.choices
    return f"{setting.says}: {', '.join(first)} or {last}"


def _taken(setting: Setting) -> dict[str, Any]:
    """How argparse reads its value; what that may be is checked by TrainConfig."""
    if setting.kind is bool:
        return {"action": "store_const", "const": True}
    kinds: dict[type, tuple[Any, str]] = {int: (int, "N"), float: (float, "X"), tuple: (_parts, "PARTS")}
    read, shown = kinds.get(setting.kind, (str, "KIND"))
    return {"type": read, "metavar": shown}


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def add_vocabulary(parser: argparse.ArgumentParser) -> None:
    """--tokenizer and what belongs to it; what is not given stays None."""
    add = parser.add_argument_group("the vocabulary, made from the text").add_argument
    add("--tokenizer", choices=KINDS, help="characters, words, or byte pairs; default: char")
    add("--vocab", metavar="N", type=int, help="size of a BPE vocabulary; default: 1024")
    add("--lowercase", action="store_true", default=None, help="words without capitals")
    add("--min-count", metavar="N", type=int, help="rarer words become <unk>; default: 1")


def add_watching(parser: argparse.ArgumentParser) -> None:
    """How a run is shown and driven; all of it goes with --resume."""
    group = parser.add_argument_group("while it runs")
    shown = group.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="what happens, as JSON lines on standard output")
    shown.add_argument("--events", action="store_true", help="the same, and commands from standard input; see below")
    add = group.add_argument
    add("--paused", action="store_true", help="wait for a command before the first step (with --events)")
    says = "how much of the held-out text at the end; default: %(default)s, of 131,072 tokens"
    add("--measure", choices=(SAMPLE, WHOLE), default=SAMPLE, help=says)
    add("--on-full-disk", choices=ON_FULL_DISK, default="continue", help="when a save fails; default: %(default)s")
    add("--nice", metavar="N", type=int, help=f"yield to others, 0 to 19; default: 0, and {NICE} with --events")


def check(args: argparse.Namespace) -> None:
    """UserError for options that do not go together, or say nothing."""
    places = [("--out", args.out), ("--resume", args.resume), ("--from", args.start)]
    for named, value in (*places, *(("the name of a text", name) for name in args.text)):
        if value == "":
            raise UserError(f"{named} is empty", "write . for the folder you are in")
        check_local(value)
    if args.resume is not None and (named := _beside_resume(args)):
        fault = f"{named} does not go with --resume, which goes on as the run was begun"
        raise UserError(fault, "leave it out, or begin another run --from this one")
    if args.resume is None and not args.text:
        raise UserError("there is nothing to learn from", "give a text file, a folder of them, little-world or digits")
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


def _check_vocabulary(args: argparse.Namespace) -> None:
    """UserError for an option of another kind of vocabulary than the one asked for, and a number that is none."""
    words = (("lowercase", args.lowercase, "word"), ("min-count", args.min_count, "word"))
    for name, value, kind in (("vocab", args.vocab, "bpe"), *words):
        if value is not None and args.start is None and (args.tokenizer or KINDS[0]) != kind:
            raise UserError(f"--{name} is for --tokenizer {kind}", f"give that as well, or leave --{name} out")
    if args.min_count is not None and args.min_count < 1:
        raise UserError(f"--min-count is {args.min_count}", "give 1 or more")


def _beside_resume(args: argparse.Namespace) -> str:
    """The first option that was given and says how a run begins, as every setting does."""
    own = {"text": "a text", "out": "--out", "force": "--force", "start": "--from", "preset": "--preset"}
    own |= {name: "--" + name.replace("_", "-") for name in ("tokenizer", "vocab", "lowercase", "min_count", "store")}
    own |= {name: f"--{each.option}" for name, each in SETTINGS.items()} | {"dry_run": "--dry-run"}
    return next((shown for name, shown in own.items() if getattr(args, name) not in (None, False, [])), "")


def given(args: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given, by TrainConfig's names."""
    return {name: value for name in SETTINGS if (value := getattr(args, name)) is not None}


def config_of(args: argparse.Namespace, preset_name: str = DEFAULT_PRESET) -> TrainConfig:
    """The preset asked for, else that one, with what was given in place of its own; UserError if that cannot work."""
    base, own = preset(preset_name if args.preset is None else args.preset), given(args)
    if ("minutes" in own) != ("steps" in own):  # one end given: it is the only one
        own = {"minutes": None, "steps": None} | own
    try:
        return replace(base, **own)
    except UserError as error:
        error.called = f"--{SETTINGS[error.setting].option}"
        raise
