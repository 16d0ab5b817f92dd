"""What a person orders: where, from what text, which model, how long."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.corpora.spec import COME_ALONG, DIGITS, LITTLE_WORLD, CorpusSpec
from models.errors import UserError
from models.parts import Store
from models.runs.config import OF_MODEL, SETTINGS, TrainConfig
from playground.commands.options import tokenizer_of
from playground.commands.train import training_options as options

if TYPE_CHECKING:
    from models.gpt import GPT
    from models.training.opening import Start


@dataclass(frozen=True)
class Order:
    """A run to begin."""

    config: TrainConfig
    spec: CorpusSpec  # what it learns from
    start: Start | None  # what it goes on from
    store: Store
    command: tuple[str, ...]


def order_of(args: argparse.Namespace) -> Order:
    """What the options say; UserError where they cannot work."""
    start = _start(args.start) if args.start is not None else None
    spec = _spec(args)
    config = options.config_of(args, spec.kind if spec.kind in COME_ALONG else options.DEFAULT_PRESET)
    if start is not None:
        config = _as_large_as(start.model, config, args)
    return Order(config, spec, start, args.store or options.STORES[0], command_of(args))


def command_of(args: argparse.Namespace) -> tuple[str, ...]:
    """What was typed; made up again from the options where it is not known."""
    if "train" in sys.argv:
        return ("playground", *sys.argv[sys.argv.index("train") :])
    return ("playground", "train", *args.text, "--out", args.out or "")


def check_place(out: Path, force: bool) -> None:
    """UserError unless a run can begin there."""
    from models.formats.files import quoted, shown
    from models.runs import catalogue

    try:
        os.lstat(out)
        taken = not out.is_dir() or any(out.iterdir())
    except FileNotFoundError:
        taken = False
    except (OSError, ValueError):
        raise UserError(f"{shown(out)} cannot be used as a folder", "choose another --out") from None
    if taken and not catalogue.is_run(out):
        raise UserError(f"{shown(out)} exists", "choose another --out")
    if taken and not force:
        instead = f"go on with it (--resume {quoted(out)}), or replace it (--force)"
        raise UserError(f"{shown(out)} has a run already", f"choose another --out, {instead}")
    parent = next(each for each in out.absolute().parents if os.path.exists(each))
    if not (os.path.isdir(parent) and os.access(parent, os.W_OK | os.X_OK)):
        raise UserError(f"{shown(parent)} cannot be written to", "choose another --out")


@contextmanager
def replacing(out: Path) -> Iterator[None]:
    """The run that is there is put aside, and taken away once the new one has begun, or else put back."""
    from models.runs import catalogue, lock

    if not catalogue.is_run(out):
        yield
        return
    aside = out.with_name(f".{out.name}.{os.getpid()}.replaced")
    with lock.Lock(out):
        os.rename(out, aside)
    try:
        yield
    except BaseException:
        os.rename(aside, out)
        raise
    catalogue.delete(aside)


def _start(name: str) -> Start:
    from models import model_folders
    from models.training.opening import Start

    model = model_folders.load(name)
    tokenizer_of(model)  # a run goes on with its vocabulary
    return Start(name if name in model_folders.available() else str(Path(name).resolve()), model)


def _spec(args: argparse.Namespace) -> CorpusSpec:
    from models.training.corpus import digits_spec, text_spec, world_spec

    wanted = {"kind": args.tokenizer, "vocab": args.vocab, "lowercase": args.lowercase, "min_count": args.min_count}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    if wanted and args.start is not None:
        what = "the vocabulary is that of the model it goes on from"
        raise UserError(what, "leave out --tokenizer, --vocab, --lowercase and --min-count")
    if args.text == [LITTLE_WORLD]:
        return world_spec(**wanted)
    if args.text == [DIGITS]:
        if wanted:
            what = "each character of the digits is a token"
            raise UserError(what, "leave out --tokenizer, --vocab, --lowercase and --min-count")
        return digits_spec()
    for name in COME_ALONG:
        if name in args.text:
            raise UserError(f"{name} is learned from alone", f"leave the texts out, or write ./{name} for a file")
    return text_spec(*args.text, **wanted)


def _as_large_as(model: GPT, config: TrainConfig, args: argparse.Namespace) -> TrainConfig:
    """The settings with the model's sizes; UserError if others were asked for, or no run can train such a model."""
    asked, config = options.given(args), config.of_size(model.config)
    for name in OF_MODEL:
        own = getattr(config, name)
        if asked.get(name, own) != own:
            fault = f"--{SETTINGS[name].option} asks for {asked[name]}, and {model.name} has {own}"
            raise UserError(fault, "leave it out to go on from that model")
    if config.gpt(model.vocab_size) != model.config:
        what = f"{model.name} is no model this can train: it has no biases, or an unembedding of its own"
        raise UserError(what, "begin with another one")
    return config
