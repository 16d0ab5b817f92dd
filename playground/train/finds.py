"""What the command palette finds of Train: runs, and presets to begin one with."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from operator import methodcaller

from models.runs import catalogue
from models.runs.presets import PRESETS, about
from playground.kit.commands import Command
from playground.looking.host import Host


def found(app: Host) -> Iterator[Command]:
    """Each of them."""
    for path in sorted(catalogue.folders(app.runs)):
        yield Command("Look at a run", path.name, "", partial(app.show, "train", methodcaller("choose", path.name)))
    for preset in PRESETS:
        act = partial(app.show, "train", methodcaller("new", preset))
        yield Command("Train a model", preset, " ".join(about(preset)), act)
