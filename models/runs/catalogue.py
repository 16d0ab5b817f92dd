"""How a run begins in its folder, is found again, and is deleted. What lies in such a folder: run_layout.py."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.corpora.spec import CorpusSpec
from models.errors import UserError
from models.formats import records
from models.formats.files import names_in, read_json, reason, refusing, remove, shown, shown_value, sync, write_whole
from models.formats.gpt2_config import SIZES
from models.parts import Store
from models.run_layout import RunFolder
from models.runs.config import TrainConfig
from models.runs.lock import Lock, holder

VERSION = 1
MAX_JSON = 4 << 20
DELETING = re.compile(r"\..+\.\d+\.deleting", re.DOTALL)
LEFT_OVER = re.compile(r"\.[0-9a-f]{16}\.part")  # of a killed creation


@dataclass(frozen=True, slots=True)
class LearnsFrom:
    """What a run learns from, and begins with; UserError for a vocabulary of no possible size."""

    corpus: CorpusSpec
    from_: str = ""  # a model's name or folder; nothing: fresh weights
    vocab_size: int = 0  # of that model
    store: Store = "float16"  # for the numbers of its own model

    def __post_init__(self) -> None:
        """Refuse sizes that no model has."""
        if not 0 <= self.vocab_size <= SIZES["vocab_size"][1]:
            raise UserError(f"is {self.vocab_size}", "the file is damaged", setting="vocab_size")


@dataclass(frozen=True, slots=True)
class Begun:
    """What is known of a run from its first moment: its settings, what it learns from, the command that started it."""

    folder: RunFolder
    name: str
    config: TrainConfig
    data: LearnsFrom
    command: tuple[str, ...]
    started: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class Listed:
    """A run among others; where its run.json cannot be read, `problem` is a sentence and `run` None."""

    path: Path
    run: Begun | None
    problem: str
    running: bool
    size: int  # bytes on disk


def create(folder: str | os.PathLike[str], config: TrainConfig, data: LearnsFrom, command: Sequence[str]) -> Begun:
    """Begin a run in a folder that is new or empty.

    Raises UserError if something is there, or it cannot be written; then there is no run.
    """
    path = Path(folder)
    started = datetime.now(UTC).isoformat(timespec="seconds")
    run = Begun(RunFolder(path), path.absolute().name, config, data, tuple(command), started)
    told = {name: value for name, value in records.plain(run).items() if name != "folder"}
    content = json.dumps({"version": VERSION, **told}, indent=2, allow_nan=False) + "\n"
    try:
        path.mkdir(parents=True, exist_ok=True)
        _check_empty(path)  # not even a lock is put where something is
        with Lock(path):
            for name in _check_empty(path):
                os.unlink(path / name)
            write_whole(run.folder.about, lambda file: file.write(content.encode()))
        sync(path.parent)
    except (OSError, ValueError) as error:
        if isinstance(error, UserError):
            raise
        raise UserError(f"{shown(path)} cannot be a run's folder: {reason(error)}", "choose another") from None
    return run


def open(folder: str | os.PathLike[str]) -> Begun:
    """The run in a folder; UserError if there is none, or run.json is damaged or of a newer version."""
    path = Path(folder)
    about = RunFolder(path).about
    what = shown(about)
    if not is_run(path):
        raise UserError(f"{shown(path)} is not the folder of a run: it has no {about.name}", "check the name")
    content = read_json(about, MAX_JSON)
    version = content.pop("version", None)
    if type(version) is int and version > VERSION:
        raise UserError(f"{what} was written by version {version}; this is {VERSION}", "use the newer playground")
    if type(version) is not int or version != VERSION:
        raise UserError(f"is {shown_value(version, 40)}", f"it must be {VERSION}", setting="version", where=what)
    return records.read(Begun, content, what, folder=RunFolder(path))


def is_run(folder: str | os.PathLike[str]) -> bool:
    """Whether a run was begun in this folder."""
    return os.path.lexists(RunFolder(Path(folder)).about)


def folders(folder: str | os.PathLike[str]) -> list[Path]:
    """Where the runs in a directory of runs lie, in no order; nobody has looked into them."""
    paths = [Path(folder, name) for name in names_in(folder) if not name.startswith(".")]
    return [path for path in paths if is_run(path)]


def runs(folder: str | os.PathLike[str]) -> list[Listed]:
    """The runs in a directory of runs, the latest first; none if there is no such directory."""
    found = map(listed, folders(folder))
    return sorted(found, key=lambda each: (each.run.started if each.run else "", each.path.name), reverse=True)


def listed(folder: Path) -> Listed:
    """What a list says of the run in this folder, damaged or not."""
    run, problem = None, ""
    try:
        run = open(folder)
    except UserError as error:
        problem = str(error)
    return Listed(folder, run, problem, holder(folder) is not None, size(folder))


def size(folder: Path) -> int:
    """Bytes that everything in a folder takes up on the disk."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # it may be gone by now
                total += os.lstat(os.path.join(where, name)).st_blocks * 512
    return total


def delete(folder: str | os.PathLike[str]) -> None:
    """Take a run away: at once as far as any list can see, then file by file.

    Raises UserError if it is no run, a process trains in it, or the disk does not allow it.
    """
    if not is_run(folder):
        fault = f"{shown(Path(folder))} is not the folder of a run: it has no {RunFolder(Path(folder)).about.name}"
        raise UserError(fault, "nothing was deleted")
    path = Path(os.path.realpath(folder))
    gone = path.with_name(f".{path.name}.{os.getpid()}.deleting")
    # locked until all of it is gone: who finds the rest unlocked finishes it
    with refusing(f"{shown(Path(folder))} was not deleted", "check its permissions"), Lock(path):
        _finish_deleting(path.parent)
        os.rename(path, gone)
        sync(path.parent)
        remove(gone)


def _finish_deleting(folder: Path) -> None:
    """What was being deleted when its process was killed."""
    for entry in os.scandir(folder):
        if DELETING.fullmatch(entry.name) and is_run(entry.path) and holder(entry.path) is None:
            with suppress(OSError):
                remove(Path(entry.path))


def _check_empty(path: Path) -> list[str]:
    """UserError if something is there that a killed creation does not leave; else what it left."""
    names, run = os.listdir(path), RunFolder(path)
    if run.about.name in names:
        raise UserError(f"{shown(path)} has a run already", "resume it, or choose another folder")
    left_over = [name for name in names if LEFT_OVER.fullmatch(name)]
    if set(names) - {run.lock.name, *left_over}:
        raise UserError(f"{shown(path)} is not empty", "choose another folder")
    return left_over
