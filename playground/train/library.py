"""The runs on this machine as the Train screen finds them: their folders, and what their logs tell."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from models.errors import UserError
from models.run_layout import RunFolder
from models.runs import catalogue, history, snapshots
from models.runs.checkpoints import Checkpoints
from playground.kit.worker import said_of
from playground.train.record import Record

Stamp = tuple[tuple[int, int, int], ...]  # another one when a run has told something, or is another


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A run in its folder."""

    path: Path
    record: Record
    elsewhere: bool  # a process that is not this app's trains it
    size: int  # bytes
    started: str = ""  # ISO 8601, UTC
    fault: str = ""  # what is wrong with its folder, in one sentence, which is its record's problem as well
    stamp: Stamp | None = None  # of its files as they were read; None where its process told us, which is newer

    @property
    def has_model(self) -> bool:
        """Whether it has come to a model that others can begin with."""
        return os.path.isdir(RunFolder(self.path).model)


def read(runs: Path) -> dict[str, Known]:
    """Every run there by its folder's name, the latest first; a damaged one says what is wrong with it."""
    return again(runs, {})


def again(runs: Path, known: Mapping[str, Known]) -> dict[str, Known]:
    """Every run there as well, but those as they are known that no other process trains or has written into."""
    found = [_still(path, known[path.name]) if path.name in known else one(path) for path in catalogue.folders(runs)]
    found.sort(key=lambda each: (each.started, each.path.name), reverse=True)
    return {each.path.name: each for each in found}


def _still(path: Path, known: Known) -> Known:
    """The run as it is known, or as it is by now."""
    is_old = known.elsewhere or known.stamp not in (None, _stamp(path))
    return one(path) if is_old else known


def _stamp(path: Path) -> Stamp:
    """Of what a run is, and of what it has told."""
    stamps = []
    for file in (RunFolder(path).about, RunFolder(path).log):
        with suppress(OSError):
            found = os.lstat(file)
            stamps.append((found.st_ino, found.st_mtime_ns, found.st_size))
    return tuple(stamps)


def one(path: Path) -> Known:
    """The run in that folder; whatever keeps it from being read is its own fault, and hides no other run."""
    stamp = _stamp(path)  # before it is read: what is written meanwhile is seen the next time
    try:
        return replace(_looked_at(catalogue.listed(path)), stamp=stamp)
    except Exception as error:  # one of ours as well, which is kept in the log
        fault = said_of(error)
        return Known(path, Record(state="died", problem=fault), elsewhere=False, size=0, fault=fault, stamp=stamp)


def _looked_at(each: catalogue.Listed) -> Known:
    record, faults = Record(), [each.problem] if each.problem else []
    if each.run is not None:
        try:
            record = Record.of(history.read(each.path))
        except UserError as error:
            faults.append(str(error))
        record = record if record.config else replace(record, config=each.run.config)
        try:
            saved = Checkpoints(RunFolder(each.path).checkpoints).steps()
        except UserError as error:
            faults.append(str(error))
        else:
            record = replace(record, saved=saved[-1] if saved else None)
        record = record.keeping(snapshots.listing(each.path))
    if faults:
        record = replace(record, state="died", problem=faults[0])
    if each.running and record.state in ("waiting", "stopped", "died"):
        record = replace(record, state="running")
    started = each.run.started if each.run else ""
    return Known(each.path, record, each.running, each.size, started, next(iter(faults), ""))
