"""Models on the way, for the timeline: weights only, as float16, each a model folder of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from models import model_folders
from models.baselines.gru import GRU
from models.formats.files import names_in, remove
from models.gpt import GPT
from models.run_layout import RunFolder

MOST = 200
NAME = re.compile(r"step-(\d{9,18})")
LEFT_OVER = re.compile(r"\.step-\d{9,18}\.(\d+\.(saving|old)|removing)")


def write(run: str | os.PathLike[str], model: GPT | GRU, step: int) -> Path:
    """Keep the model as it is after `step` steps, and return its folder; whoever looks sees all of it or nothing.

    Beyond 200 of them, one whose neighbours are closest goes; the first and the last stay. Raises UserError if it
    cannot be written.
    """
    folder = RunFolder(Path(run)).snapshot(step)
    model_folders.save(model, folder, "float16")
    thin(run)
    return folder


def finished(model: Path) -> Path:
    """The model that a run made of this snapshot, which has the baselines beside it; any other model is itself."""
    run = RunFolder(model.parent.parent)
    return run.model if model.parent == run.snapshots and NAME.fullmatch(model.name) else model


def listing(run: str | os.PathLike[str]) -> dict[int, Path]:
    """The snapshots of a run by step, first to last; load one with `models.model_folders.load_any`."""
    folder = RunFolder(Path(run)).snapshots
    found = {int(name[1]): folder / name[0] for name in map(NAME.fullmatch, names_in(folder)) if name}
    return dict(sorted(found.items()))


def cut(run: str | os.PathLike[str], step: int) -> None:
    """Remove what lies after that step, where a run goes on from, and what a killed write left; needs the lock."""
    folder = RunFolder(Path(run)).snapshots
    for name in names_in(folder):
        if LEFT_OVER.fullmatch(name):
            with suppress(OSError):
                remove(folder / name)
    for at, path in listing(run).items():
        if at > step:
            _remove(path)


def thin(run: str | os.PathLike[str], most: int = MOST) -> None:
    """Keep the first, the last, and of the others those that leave the most even distances."""
    found = listing(run)
    for step in set(found).difference(spread(found, most)):
        _remove(found[step])


def spread(steps: Iterable[int], most: int = MOST) -> list[int]:
    """Those of the steps (in order) that are kept: whoever hears of every snapshot knows as well which are left."""
    kept = list(steps)
    while len(kept) > max(most, 2):
        del kept[min(range(1, len(kept) - 1), key=lambda at: kept[at + 1] - kept[at - 1])]
    return kept


def _remove(path: Path) -> None:
    """Gone at once for whoever lists them; what cannot be removed stays."""
    hidden = path.with_name(f".{path.name}.removing")
    with suppress(OSError):
        os.rename(path, hidden)
        remove(hidden)
