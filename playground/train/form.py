"""What a person fills in to start a run, and what it becomes: settings, a command line, or what is wrong with each."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from models.corpora.spec import COME_ALONG, DIGITS, LITTLE_WORLD, TokenizerSpec
from models.errors import UserError
from models.formats.tokenizer_json import Kind
from models.parts import FULL, PARTS
from models.runs import preset
from models.runs.catalogue import Begun
from models.runs.config import OF_MODEL, SETTINGS, TrainConfig
from models.runs.settings import Setting

FIRST_PRESET = "tiny"
VOCABULARIES: dict[Kind, str] = {"char": "characters", "word": "words", "bpe": "pieces of words (BPE)"}
TOKENS: dict[Kind, str] = {"char": "characters", "word": "words", "bpe": "tokens"}  # as they are counted
OWN: dict[str, tuple[Kind, str]] = {  # the tokens of what comes along
    LITTLE_WORLD: ("word", "words of that world"),
    DIGITS: ("char", "labels and greys"),
}
LACKING = ("mask", "positions", "scale", "norm", "residual", "mlp", "attention", "nonlinearity")  # what can be left out
LONGEST_NAME = 60  # characters
SNAPSHOTS = 5  # to a measurement, where a person watches

ENTRIES = {name: each for name, each in SETTINGS.items() if each.typed}
SIZES = [name for name in ENTRIES if name in OF_MODEL]


@dataclass(frozen=True, slots=True)
class Plan:
    """A run that can be started."""

    name: str
    config: TrainConfig
    data: tuple[str, ...] = (LITTLE_WORLD,)  # what comes along, or paths of files and folders
    tokens: TokenizerSpec | None = None  # the vocabulary the text is to get; None for what comes along with its own
    start: str = ""  # a model to go on from: its name or folder

    def command(self, out: Path, *, paused: bool = False, watched: bool = True) -> list[str]:
        """The words after `playground` that start it in that folder; `watched` by a program that reads its events."""
        words = ["train", *_settings(self.config, but=OF_MODEL if self.start else ()), "--out", str(out)]
        words += ["--events"] if watched else []
        words += ["--paused"] if paused else []
        if self.start:
            words += ["--from", self.start]
        elif tokens := self.tokens:
            words += ["--tokenizer", tokens.kind]
            words += ["--vocab", str(tokens.vocab)] if tokens.kind == "bpe" else []
            words += ["--lowercase"] if tokens.lowercase else []
            words += ["--min-count", str(tokens.min_count)] if tokens.min_count > 1 else []
        return [*words, "--", *self.data]


def resume(run: Path) -> list[str]:
    """The words after `playground` that continue a run."""
    return ["train", "--resume", str(run), "--events"]


def _settings(config: TrainConfig, but: Collection[str]) -> list[str]:
    """Options that make the config, from the preset on, except for some of its settings."""
    base, words = preset(FIRST_PRESET), ["--preset", FIRST_PRESET]
    for name, each in SETTINGS.items():
        value = getattr(config, name)
        ends = name in ("steps", "minutes")  # one that is given takes the place of the preset's
        if name not in but and value is not None and (ends or value != getattr(base, name)):
            words += [f"--{each.option}" if value is True else f"--{each.option}={each.written(value)}"]
    return words


@dataclass(frozen=True, slots=True)
class Read:
    """What the form says: a config where all can be read, and what is wrong, by setting's name; "" for the whole."""

    config: TrainConfig | None
    problems: Mapping[str, str] = field(default_factory=dict)


def values_of(config: TrainConfig) -> dict[str, str]:
    """The texts of all entries."""
    return {name: entry.written(getattr(config, name)) for name, entry in ENTRIES.items()}


def read(values: Mapping[str, str], without: Collection[str], model: str, base: TrainConfig) -> Read:
    """The config that is typed, every other setting from `base`, and every fault in the sentence TrainConfig has."""
    problems: dict[str, str] = {}
    settings: dict[str, Any] = {"model": model, **_parts(without, base)}
    for name, entry in ENTRIES.items():
        try:
            settings[name] = _value(entry, values.get(name, ""))
        except UserError as error:
            problems[name] = str(error)
    while True:  # a setting that is refused gives way to the base's, so that every fault is found
        try:
            config = replace(base, **settings)
        except UserError as error:
            name = error.setting
            error.called = SETTINGS[name].label
            problems.setdefault(name if name in ENTRIES else "", str(error))
            if name not in settings:
                return Read(None, problems)
            del settings[name]
        else:
            return Read(None if problems else config, problems)


def _parts(without: Collection[str], base: TrainConfig) -> dict[str, Any]:
    own = {"positions": "learned", "activation": "gelu_new"}
    kept = {name: own[name] if getattr(base, name) == "none" else getattr(base, name) for name in own}
    return {
        "without": tuple(part for part in PARTS if part in without),
        "positions": "none" if "positions" in without else kept["positions"],
        "activation": "none" if "nonlinearity" in without else kept["activation"],
    }


def _value(entry: Setting, typed: str) -> int | float | str | None:
    typed = typed.strip()
    if entry.kind is str:
        return typed
    typed = typed.replace(",", "").replace("_", "")
    if not typed and entry.empty:
        return None
    try:
        return int(typed) if entry.kind is int else float(typed)
    except ValueError:
        kind = "a whole number" if entry.kind is int else "a number"
        raise UserError(f"{entry.label} must be {kind}" + (f", not {typed[:20]!r}" if typed else "")) from None


def lively(base: TrainConfig) -> TrainConfig:
    """The settings with several snapshots to a measurement, for someone who watches."""
    return replace(base, snapshot_every=max(base.eval_every // SNAPSHOTS, 1))


def check_name(name: str, taken: Collection[str]) -> str | None:
    """What is wrong with the name of a run, in one sentence."""
    if not name.strip():
        return "a run needs a name - type at least one letter"
    if len(name) > LONGEST_NAME:
        return f"a name has at most {LONGEST_NAME} characters - this one has {len(name)}"
    if name != name.strip() or name.startswith((".", "-")) or re.search(r"[/\\\x00-\x1f\x7f]", name):
        return "a name becomes a folder's - no slash in it, no dot, dash or space before it"
    if name in taken:
        return "that name is taken in the folder of runs - choose another"
    return None


def new_name(wanted: str, taken: Collection[str]) -> str:
    """The name, with a number after it where it is taken."""
    stem = re.sub(r"-\d+$", "", wanted) if wanted in taken else wanted
    names = (f"{stem}-{count}" for count in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(name for name in names if name not in taken)


def suggested_name(
    data: str, without: Collection[str], model: str, taken: Collection[str], attention: str = FULL
) -> str:
    """A name that tells what is learned from, how it looks back, and what is left out."""
    stem = data if data in COME_ALONG else re.sub(r"[^\w-]+", "-", Path(data).stem).strip("-")
    left_out = (f"no-{part}" for part in LACKING if part in without)
    looks = [] if attention == FULL else [re.sub(r"[^\w]+", "-", attention).strip("-")]
    parts = [stem or "run", *(["gru"] if model == "gru" else []), *looks, *left_out]
    return new_name("-".join(parts)[:LONGEST_NAME], taken)


def plan_again(name: str, run: Begun) -> Plan:
    """The same run by another name."""
    corpus = run.data.corpus
    paths = corpus.paths or (corpus.kind,)
    return Plan(name, run.config, paths, corpus.tokenizer, run.data.from_)
