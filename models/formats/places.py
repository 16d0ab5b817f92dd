"""Where a model lies in what a person gives: in a trainer's folder, in a cache, beside its data."""

from __future__ import annotations

import os
import re
from pathlib import Path

from models.errors import UserError
from models.formats import checkpoints, tokenizer_files
from models.formats.files import names_in, read_bytes, shown
from models.formats.tokenizer_files import CONFIG

STEP, COMMIT = re.compile(r"checkpoint-\d{1,12}"), re.compile(r"[0-9a-f]{40}")
CACHED, SNAPSHOTS = re.compile(r"models--(.+--)?(.+)"), "snapshots"  # in a cache: a folder a model, in it one a commit
# what lies in a model folder, and may be given in its place
MEMBER = re.compile(
    r"config\.json|tokenizer.*\.json|vocab\.json|merges\.txt|(pytorch_)?model.*\.(safetensors|bin|json)"
)


def inside(folder: Path) -> Path:
    """The folder, or the one model folder in it: a trainer's checkpoint-500, or what a cache of models has.

    Raises UserError where there are several and nothing says which.
    """
    if os.path.lexists(folder / CONFIG) or checkpoints.find(folder):
        return folder
    cache = folder.parent if folder.name == SNAPSHOTS else folder
    cached, steps = _models(cache / SNAPSHOTS, COMMIT), _models(folder, STEP)
    if len(cached) > 1 and (current := _current(cache, cached)):
        return current
    found = cached or sorted(steps, key=lambda path: int(path.name.partition("-")[2])) or _kept(folder)
    if len(found) > 1:
        names = ", ".join(path.name for path in found[-4:])
        raise UserError(f"{shown(folder)} holds {len(found)} models: {names}", f"give one, such as {shown(found[-1])}")
    return found[0] if found else folder


def called(folder: Path) -> str:
    """What a model folder's model is called: as the folder, or, where that is called by a commit, as in its cache."""
    cache = folder.parent.parent
    of_cache = folder.parent.name == SNAPSHOTS and COMMIT.fullmatch(folder.name) and CACHED.fullmatch(cache.name)
    return of_cache[2] if of_cache else folder.name


def of_file(path: Path) -> Path | None:
    """A checkpoint's file is a place of its own; a file of a model folder stands for the folder; None for any other."""
    if not os.path.isfile(path):
        return None
    if MEMBER.fullmatch(path.name) and os.path.lexists(path.parent / CONFIG):
        return path.parent
    return checkpoints.find(path)


def of_tokenizer(file: Path, data_set: str) -> Path:
    """The folder in which a checkpoint's tokenizer should be: beside it, or with the data set of that name."""
    beside = file.parent
    with_data = [folder / "data" / data_set for folder in (beside, beside.parent, beside.parent.parent)]
    every = [beside, *with_data] if data_set else [beside]
    return next((folder for folder in every if tokenizer_files.find(folder)), beside)


def name(file: Path) -> str:
    """What the model in a checkpoint is called: as its file, or as its folder where all such files are called alike."""
    real = file.resolve()
    return real.parent.name if real.name in checkpoints.USUAL else real.stem


def _models(folder: Path, pattern: re.Pattern[str]) -> list[Path]:
    """The model folders of such names in a folder."""
    found = [folder / name for name in sorted(names_in(folder)) if pattern.fullmatch(name)]
    return [path for path in found if os.path.lexists(path / CONFIG)]


def _kept(hub: Path) -> list[Path]:
    """The models that a cache has; of several their own folders, which have the names."""
    found = [hub / name for name in sorted(names_in(hub)) if CACHED.fullmatch(name)]
    return [inside(each) for each in found] if len(found) == 1 else found


def _current(cache: Path, found: list[Path]) -> Path | None:
    """The one that a cache calls its main one."""
    try:
        main = read_bytes(cache / "refs" / "main", 100).decode("ascii", "replace").strip()
    except UserError:
        return None
    return next((path for path in found if path.name == main), None)
