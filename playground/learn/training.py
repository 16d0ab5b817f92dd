"""A lesson's run trained without a screen, by the command that the Train screen starts as well."""

from __future__ import annotations

import subprocess
from pathlib import Path

from models.errors import UserError
from playground.train import child
from playground.train.form import Plan


def trained(plan: Plan, folder: Path) -> Path:
    """The run's folder once it has come to its end; UserError with its last words if it has not."""
    where = folder / plan.name
    words = child.command(*plan.command(where, watched=False))
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise UserError(f"the run of the lesson could not be trained: {said[-1] if said else done.returncode}")
    return where
