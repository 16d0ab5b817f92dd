"""The runs on this machine as the Train screen finds them: their folders, and what their logs tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from models.errors import UserError
from models.run_layout import RunFolder
from models.runs import catalogue, history, snapshots
from models.runs.checkpoints import Checkpoints
from playground.train.record import Record


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A run in its folder."""

    path: Path
    record: Record
    elsewhere: bool  # a process that is not this app's trains it
    size: int  # bytes

    @property
    def has_model(self) -> bool:
        """Whether it has come to a model that others can begin with."""
        return RunFolder(self.path).model.is_dir()


def read(runs: Path) -> dict[str, Known]:
    """Every run there by its folder's name, the latest first; one that cannot be read says so in its record."""
    return {each.path.name: _known(each) for each in catalogue.runs(runs)}


def again(known: Mapping[str, Known]) -> dict[str, Known]:
    """Those that are trained elsewhere, as they are by now."""
    return {name: _known(catalogue.listed(each.path)) for name, each in known.items() if each.elsewhere}


def _known(each: catalogue.Listed) -> Known:
    try:
        record = Record.of(history.read(each.path))
    except UserError as error:
        record = Record().lost(str(error))
    if each.problem:
        record = Record().lost(each.problem)
    elif each.run is not None and record.config is None:
        record = replace(record, config=each.run.config)
    if each.running and record.state == "stopped":
        record = replace(record, state="running")
    saved = Checkpoints(RunFolder(each.path).checkpoints).steps()
    record = replace(record, saved=saved[-1] if saved else None).keeping(snapshots.listing(each.path))
    return Known(each.path, record, each.running, each.size)
