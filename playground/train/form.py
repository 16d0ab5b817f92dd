"""What a person fills in to start a run, and what it becomes: settings, a command line, or what is wrong with each."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from models.errors import UserError
from models.gpt import GPTConfig
from models.parts import Part
from models.runs import preset
from models.runs.config import TrainConfig

LITTLE_WORLD = "little-world"
FIRST_PRESET = "tiny"
Vocabulary = Literal["char", "word", "bpe"]
VOCABULARIES: dict[Vocabulary, str] = {"char": "characters", "word": "words", "bpe": "pieces of words (BPE)"}
MODELS = {"gpt": "a GPT", "gru": "a recurrent network (GRU) of its size"}
LACKING = ("mask", "positions", "scale", "norm", "residual", "mlp", "attention", "nonlinearity")  # what can be left out
LONGEST_NAME = 60  # characters
SNAPSHOTS = 5  # to a measurement, where a person watches

# what a model that is gone on from decides
OF_THE_START = ("model", "n_layer", "n_head", "n_embd", "block_size", "positions", "activation", "without")

# TrainConfig's names, where the command line and the form say it otherwise
OPTIONS = {"n_layer": "layers", "n_head": "heads", "n_embd": "width", "block_size": "context", "weight_decay": "decay"}

LABELS = {"eval_every": "measure", "snapshot_every": "snapshot"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A setting that is typed; `says` stands beside it."""

    name: str  # TrainConfig's
    says: str
    kind: type[int] | type[float] = int
    empty: str = ""  # what leaving it empty means; if nothing is said here, it must not be

    @property
    def label(self) -> str:
        """What it is called on screen and on the command line."""
        return LABELS.get(self.name, OPTIONS.get(self.name, self.name))


SIZES = (
    Entry("n_layer", "blocks, one after the other"),
    Entry("n_head", "attention heads in each"),
    Entry("n_embd", "numbers a token is made of; a multiple of the heads"),
    Entry("block_size", "tokens it sees at once"),
)
LEARNING = (
    Entry("batch", "pieces of text in a step"),
    Entry("steps", "end after so many steps", empty="no end by steps"),
    Entry("minutes", "end after so many minutes", float, empty="no end by time"),
    Entry("lr", "learning rate: how far a step goes", float),
    Entry("dropout", "share of the numbers dropped while it learns", float),
    Entry("eval_every", "steps between measurements and samples"),
    Entry("snapshot_every", "steps between snapshots; 0: with measurements"),
    Entry("seed", "the same seed begins and goes the same way"),
)
ENTRIES = SIZES + LEARNING


@dataclass(frozen=True, slots=True)
class Plan:
    """A run that can be started."""

    name: str
    config: TrainConfig
    data: tuple[str, ...] = (LITTLE_WORLD,)  # that, or paths of files and folders
    vocabulary: Vocabulary = "char"
    vocab: int = 1024  # tokens of a BPE vocabulary
    lowercase: bool = False  # words
    min_count: int = 1
    start: str = ""  # a model to go on from: its name or folder

    def command(self, out: Path, *, paused: bool = False) -> list[str]:
        """The words after `playground` that start it in that folder."""
        words = ["train", *_settings(self.config, but=OF_THE_START if self.start else ()), "--out", str(out)]
        words += ["--events", "--paused"] if paused else ["--events"]
        if self.start:
            words += ["--from", self.start]
        elif self.data != (LITTLE_WORLD,):
            words += ["--tokenizer", self.vocabulary]
            words += ["--vocab", str(self.vocab)] if self.vocabulary == "bpe" else []
            words += ["--lowercase"] if self.lowercase else []
            words += ["--min-count", str(self.min_count)] if self.min_count > 1 else []
        return [*words, "--", *self.data]


def resume(run: Path) -> list[str]:
    """The words after `playground` that continue a run."""
    return ["train", "--resume", str(run), "--events"]


def _settings(config: TrainConfig, but: Collection[str]) -> list[str]:
    """Options that make the config, from the preset on, except for some of its settings."""
    base, words = preset(FIRST_PRESET), ["--preset", FIRST_PRESET]
    for each in fields(TrainConfig):
        if each.name in but:
            continue
        value = getattr(config, each.name)
        ends = each.name in ("steps", "minutes") and value is not None
        if value == getattr(base, each.name) and not ends or value is None:
            continue
        option = "--" + OPTIONS.get(each.name, each.name).replace("_", "-")
        shown = ",".join(value) if each.name == "without" else repr(value) if isinstance(value, float) else str(value)
        words += [option] if value is True else [f"{option}={shown}"]
    return words


@dataclass(frozen=True, slots=True)
class Read:
    """What the form says: a config where all can be read, and what is wrong, by setting's name; "" for the whole."""

    config: TrainConfig | None
    problems: Mapping[str, str] = field(default_factory=dict)


def values_of(config: TrainConfig) -> dict[str, str]:
    """The texts of all entries."""
    values = {entry.name: getattr(config, entry.name) for entry in ENTRIES}
    return {name: "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
            for name, value in values.items()}  # fmt: skip


def lacking(config: TrainConfig) -> frozenset[str]:
    """The words of `LACKING` that the config is without."""
    chosen = {"positions": config.positions == "none", "nonlinearity": config.activation == "none"}
    return frozenset(word for word in LACKING if chosen.get(word, word in config.without))


def read(values: Mapping[str, str], without: Collection[str], model: str, base: TrainConfig) -> Read:
    """The config that is typed, every other setting from `base`, and every fault in the sentence TrainConfig has."""
    problems: dict[str, str] = {}
    settings: dict[str, Any] = {"model": model, **_parts(without, base)}
    for entry in ENTRIES:
        try:
            settings[entry.name] = _number(entry, values.get(entry.name, ""))
        except UserError as error:
            problems[entry.name] = str(error)
    while True:  # a setting that is refused gives way to the base's, so that every fault is found
        try:
            config = replace(base, **settings)
        except UserError as error:
            name = _blamed(str(error), settings)
            problems[name] = _in_our_words(str(error))
            if name not in settings:
                return Read(None, problems)
            settings.pop(name)
        else:
            return Read(None if problems else config, problems)


def _parts(without: Collection[str], base: TrainConfig) -> dict[str, Any]:
    own = {"positions": "learned", "activation": "gelu_new"}
    kept = {name: own[name] if getattr(base, name) == "none" else getattr(base, name) for name in own}
    return {
        "without": tuple(part for part in get_args(Part) if part in without),
        "positions": "none" if "positions" in without else kept["positions"],
        "activation": "none" if "nonlinearity" in without else kept["activation"],
    }


def _number(entry: Entry, typed: str) -> int | float | None:
    typed = typed.strip().replace(",", "").replace("_", "")
    if not typed and entry.empty:
        return None
    try:
        return entry.kind(typed)
    except ValueError:
        kind = "a whole number" if entry.kind is int else "a number"
        raise UserError(f"{entry.label} must be {kind}" + (f", not {typed[:20]!r}" if typed else "")) from None


def _blamed(sentence: str, settings: Mapping[str, Any]) -> str:
    """The setting that a sentence names first, among those that can still give way; "" if none."""
    if "no end" in sentence:
        return "steps" if "steps" in settings else ""
    found = (word for word in re.findall(r"\w+", sentence) if word in settings)
    return next(found, "")


def _in_our_words(sentence: str) -> str:
    """The sentence with the form's words for TrainConfig's."""
    own = OPTIONS | LABELS
    return re.sub(r"\w+", lambda word: own.get(word[0], word[0]), sentence)


def lively(base: TrainConfig) -> TrainConfig:
    """The settings with several snapshots to a measurement, for someone who watches."""
    return replace(base, snapshot_every=max(base.eval_every // SNAPSHOTS, 1))


def beginning_with(base: TrainConfig, model: GPTConfig) -> TrainConfig:
    """The settings with the sizes and parts of a model that is gone on from."""
    return replace(base, model="gpt", **{name: getattr(model, name) for name in OF_THE_START if name != "model"})


def check_name(name: str, taken: Collection[str]) -> str | None:
    """What is wrong with the name of a run, in one sentence."""
    if not name.strip():
        return "a run needs a name - type at least one letter"
    if len(name) > LONGEST_NAME:
        return f"a name has at most {LONGEST_NAME} characters - this one has {len(name)}"
    if name != name.strip() or name.startswith((".", "-")) or re.search(r"[/\\\x00-\x1f\x7f]", name):
        return "a name becomes a folder's - no slash in it, no dot, dash or space before it"
    if name in taken:
        return "there is a run of that name - choose another"
    return None


def new_name(wanted: str, taken: Collection[str]) -> str:
    """The name, with a number after it where it is taken."""
    stem = re.sub(r"-\d+$", "", wanted) if wanted in taken else wanted
    names = (f"{stem}-{count}" for count in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(name for name in names if name not in taken)


def suggested_name(data: str, without: Collection[str], model: str, taken: Collection[str]) -> str:
    """A name that tells what is learned from, and what is left out."""
    stem = data if data == LITTLE_WORLD else re.sub(r"[^\w-]+", "-", Path(data).stem).strip("-")
    left_out = (f"no-{part}" for part in LACKING if part in without)
    parts = [stem or "run", *(["gru"] if model == "gru" else []), *left_out]
    return new_name("-".join(parts)[:LONGEST_NAME], taken)


def plan_again(name: str, config: TrainConfig, data: Mapping[str, Any]) -> Plan:
    """The same run by another name; UserError where its run.json does not say what it learned from."""
    try:
        corpus, start = data["corpus"], str(data["from"])
        if corpus["kind"] == LITTLE_WORLD:
            return Plan(name, config, (LITTLE_WORLD,), start=start)
        paths, tokens = tuple(map(str, corpus["paths"])), corpus["tokenizer"]
        kind = next(kind for kind in VOCABULARIES if kind == tokens["kind"])
        return Plan(name, config, paths, kind, tokens["vocab"], tokens["lowercase"], tokens["min_count"], start)
    except (KeyError, TypeError, StopIteration):
        raise UserError("this run does not say what it learned from", "start a new one (n)") from None
