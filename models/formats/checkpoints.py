"""Checkpoints of PyTorch's that are no model folder: which file is one, and which program's it is."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from models.errors import UserError
from models.formats import mingpt, nanogpt, torch_files
from models.formats.checkpoint import WRITER as WRITER
from models.formats.checkpoint import Checkpoint
from models.formats.files import names_in, shown

FORMATS: tuple[Callable[[torch_files.Header, Path], Checkpoint | None], ...] = (nanogpt.read, mingpt.read)
SUFFIX = re.compile(r".+\.(pt|pth|ckpt|bin)")
NO_MODEL = re.compile(r"(optimizer|scheduler|scaler|training_args|rng_state|pytorch_model).*")  # beside a model
USUAL = ("ckpt.pt", "model.pt")  # nanoGPT's and minGPT's


def find(place: Path) -> Path | None:
    """The checkpoint that a path is, or that lies in a folder; None where there is none.

    Raises UserError where several lie there.
    """
    if not os.path.isdir(place):
        return place if SUFFIX.fullmatch(place.name) else None
    names = named(place)
    usual = [name for name in USUAL if name in names] or names
    if len(names) > 1 and len(usual) > 1:
        what = f"{shown(place)} holds several checkpoints: {', '.join(map(shown, usual[:9]))}"
        raise UserError(what, "give one of these files")
    return place / usual[0] if usual else None


def named(place: Path) -> list[str]:
    """What in a folder is called like a checkpoint; of a file its own name, if it is."""
    names = sorted(names_in(place)) if os.path.isdir(place) else [place.name] if os.path.isfile(place) else []
    return [name for name in names if SUFFIX.fullmatch(name) and not NO_MODEL.fullmatch(name)]


def read(file: Path) -> Checkpoint:
    """What a file holds, without the numbers; UserError for one that holds no model of a kind known here."""
    header = torch_files.read_value(file)
    for read_as in FORMATS:
        if found := read_as(header, file.parent):
            return found
    holds = header.value if isinstance(header.value, dict) else {}
    names = ", ".join(shown(name, 30) for name in list(holds)[:6]) or "no table of names"
    raise UserError(f"{header.what} holds {names}: no GPT that is known here", "give the checkpoint of a GPT")
