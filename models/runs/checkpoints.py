"""The checkpoints of a run: what a kill, a full disk or a power cut leaves is the last one, or the one before it.

    checkpoints/step-000000300.safetensors   weights, the optimiser's moments, and the rest of the run's state
    checkpoints/best-000000250.safetensors   the weights of the lowest held-out loss, float32

Each is a sealed file: a safetensors file whose last tensor is the SHA-256 of the rest. It is written under another
name, forced to disk, then renamed, then the name itself is forced to disk. What is no longer wanted goes in one stroke.
The method is that of databases; see also Pillai et al., "All File Systems Are Not Created Equal" (OSDI 2014).
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from models.errors import UserError
from models.formats import safetensors
from models.formats.files import shown
from models.ops import Array
from models.runs.disk import Disk, SaveFailed, reason

VERSION = 2  # of their form; in the first each was a folder, which is read no more
WEIGHTS, OPTIMISER = "weights.", "optimiser."  # what names of arrays begin with
# a second number where that step had been saved before
NAME = re.compile(r"(step|best)-(\d{9,18})(?:\.(\d{1,9}))?\.safetensors")
EARLIER = re.compile(r"step-\d{9,18}(\.\d{1,9})?")
LEFT_OVER = re.compile(rf"\.{NAME.pattern}\.\d+\.saving")
SEAL, UNSEALED = "sha256", np.zeros(32, np.uint8)
SMALL = 32 << 10  # bytes for the folder and what is no number


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """All that a run needs to go on after `step` steps as if it had never stopped, as NumPy arrays and JSON.

    `weights` are the learned numbers as they are held while learning (float32), `optimiser` its moments, by any flat
    names; `values` the rest: generator states, the place in the data, seconds so far, the best loss and its step, and
    the environment (threads, torch, processor, processes) in which going on is exact.
    """

    step: int
    weights: Mapping[str, Array]
    optimiser: Mapping[str, Array]
    values: Mapping[str, Any]


class _Newer(UserError):
    """Written by a version of this program that came later."""


class _Found(NamedTuple):
    step: int
    attempt: int
    path: Path


@dataclass(frozen=True, slots=True)
class Loaded:
    """Where a run goes on, its best weights (None: they are damaged), and a sentence for all that is damaged."""

    state: State
    best: dict[str, Array] | None
    skipped: tuple[str, ...]


class Checkpoints:
    """The checkpoints of one run, kept by the process that has the run's lock; `saved` is the last good step."""

    def __init__(self, folder: Path, keep: int = 2, disk: Disk | None = None) -> None:
        """`folder` is RUN/checkpoints, made when needed; the last `keep` and the best are kept."""
        assert keep >= 1
        self.folder, self.keep, self.disk = folder, keep, disk or Disk()
        self.saved: int | None = None
        self._best: _Found | None = None  # the best weights that are known to be there

    def steps(self) -> list[int]:
        """The steps there are checkpoints of, first to last; nobody has looked whether they are whole."""
        return sorted({each.step for each in self._all("step")})

    def sweep(self) -> None:
        """Remove what a killed save left behind; call it at the start, with the lock."""
        self._remove(*[self.folder / name for name in _names(self.folder) if LEFT_OVER.fullmatch(name)])

    def save(self, state: State, best_step: int, best: Mapping[str, Array]) -> None:
        """Save a run and the best weights it had, those of step `best_step`; then drop what is no longer kept.

        Returns once all of it is on the disk. Raises SaveFailed, a sentence, where that cannot be; then everything
        saved before is intact.
        """
        need = _size(state.weights) + _size(state.optimiser) + SMALL
        try:
            self._make()
            if not (self._best and self._best.step == best_step and self._best.path.is_file()):
                need += _size(best)
                self._best = self._write("best", best_step, _under(WEIGHTS, best), {})
            arrays = _under(WEIGHTS, state.weights) | _under(OPTIMISER, state.optimiser)
            rest = {"step": str(state.step), "best": self._best.path.name, "values": json.dumps(state.values)}
            newest = self._write("step", state.step, arrays, rest)
        except OSError as error:
            raise self._failure(state.step, need, error) from None
        self.saved = state.step
        self._prune(newest)

    def load(self) -> Loaded | None:
        """The newest checkpoint that is whole, or None where there is none yet.

        Raises UserError if it is of a newer version, or if all are damaged, with the fault of each.
        """
        faults = []
        for found in reversed(self._all("step")):
            try:
                state, best = self._read(found)
            except _Newer:
                raise
            except UserError as error:
                faults.append(f"step {found.step:,}: {error.fault}")
                continue
            self.saved = state.step
            return self._with_best(state, best, [f"a checkpoint is damaged, {fault}" for fault in faults])
        if not faults:
            self._refuse_earlier()
            return None
        what = f"{shown(self.folder)}: every checkpoint is damaged, and none was deleted"
        raise UserError(f"{what} ({'; '.join(faults)})", "copy one back, or start anew in another folder")

    def _with_best(self, state: State, best: _Found, faults: list[str]) -> Loaded:
        try:
            weights = _from_under(WEIGHTS, unsealed(best.path, _header(best.path)))
        except UserError as error:
            return Loaded(state, None, (*faults, f"the best weights are damaged: {error.fault}"))
        self._best = best
        return Loaded(state, weights, tuple(faults))

    def _read(self, found: _Found) -> tuple[State, _Found]:
        """A run's state, and where its best weights are."""
        header = _header(found.path)
        arrays, texts = unsealed(found.path, header), header.texts
        try:  # not parse_json: states of generators have integers of 128 bits, a loss may be infinite
            step, best, values = int(texts["step"]), self._found("best", texts["best"]), json.loads(texts["values"])
        except (LookupError, ValueError, RecursionError):
            raise _senseless(header.what) from None
        if step != found.step or not isinstance(values, dict) or not best:
            raise _senseless(header.what)
        return State(step, _from_under(WEIGHTS, arrays), _from_under(OPTIMISER, arrays), values), best

    def _refuse_earlier(self) -> None:
        """UserError where all there is was written before a checkpoint was one file."""
        if any(map(EARLIER.fullmatch, _names(self.folder))):
            what = f"{shown(self.folder)} was written by an earlier playground, whose checkpoints are read no more"
            raise UserError(what, "go on with that one, or begin a new run from this one's model")

    def _all(self, kind: str) -> list[_Found]:
        """The files of a kind, oldest first."""
        return sorted(filter(None, (self._found(kind, name) for name in _names(self.folder))))

    def _found(self, kind: str, name: str) -> _Found | None:
        named = NAME.fullmatch(name)
        return _Found(int(named[2]), int(named[3] or 1), self.folder / name) if named and named[1] == kind else None

    def _make(self) -> None:
        if not self.folder.is_dir():
            self.disk.make(self.folder)
            self.disk.sync(self.folder.parent)

    def _write(self, kind: str, step: int, arrays: Mapping[str, Array], texts: Mapping[str, str]) -> _Found:
        """A new file of these: there as a whole, or not at all."""
        found = self._unused(kind, step)
        final = found.path
        fresh = final.with_name(f".{final.name}.{os.getpid()}.saving")
        try:
            self.disk.remove(fresh)
            self.disk.write(fresh, sealed(arrays, {"version": str(VERSION), **texts}))
            self.disk.rename(fresh, final)
            self.disk.sync(self.folder)
        except BaseException:
            self._remove(fresh, final)  # renamed but not synced is not saved
            raise
        return found

    def _unused(self, kind: str, step: int) -> _Found:
        attempt, path = 1, self.folder / f"{kind}-{step:09d}.safetensors"
        while os.path.lexists(path):
            attempt += 1
            path = self.folder / f"{kind}-{step:09d}.{attempt}.safetensors"
        return _Found(step, attempt, path)

    def _prune(self, newest: _Found) -> None:
        """Keep the newest, those before it, and the best weights of these; a later step is of a life given up."""
        steps = list[_Found]()
        with suppress(UserError):
            steps = self._all("step")
        if newest not in steps:  # somebody else was quicker
            return
        kept = [newest, *[each for each in reversed(steps) if each.step < newest.step][: self.keep - 1]]
        gone = [each.path for each in steps if each not in kept]
        with suppress(UserError, LookupError):
            needed = {_header(each.path).texts["best"] for each in kept}
            gone += [each.path for each in self._all("best") if each.path.name not in needed]
        self._remove(*gone)

    def _remove(self, *paths: Path) -> None:
        """What cannot be removed stays, and is tried again with the next save."""
        for path in paths:
            with suppress(OSError):
                self.disk.remove(path)

    def _failure(self, step: int, need: int, error: OSError) -> SaveFailed:
        room, do = "", "check the disk"
        if error.errno == errno.ENOSPC:
            room, do = f" (need {_bytes(need)}, free {_bytes(_free(self.folder))})", "free some space"
        intact = "nothing was saved before" if self.saved is None else f"step {self.saved:,} is intact"
        return SaveFailed(f"checkpoint at step {step:,} not saved: {reason(error)}{room}; {intact}", do)


def sealed(arrays: Mapping[str, Array], texts: Mapping[str, str]) -> Iterator[bytes | Array]:
    """What a sealed file of arrays and texts consists of, piece by piece; no second copy of the arrays is made."""
    assert SEAL not in arrays
    hasher = hashlib.sha256()
    for part in islice(safetensors.parts({**arrays, SEAL: UNSEALED}, texts), 1 + len(arrays)):
        hasher.update(part)
        yield part
    yield hasher.digest()


def unsealed(path: Path, header: safetensors.Header) -> dict[str, Array]:
    """The arrays of a sealed file with that header; UserError if the seal is not that of what is there."""
    hasher, arrays = hashlib.sha256(header.raw), dict[str, Array]()
    for name, array in safetensors.tensors(path, header, header.entries):
        if name == SEAL and array.tobytes() == hasher.digest():
            return arrays
        hasher.update(array)
        arrays[name] = array
    raise UserError(f"{header.what} is damaged: its checksum differs", "copy it again")


def _header(path: Path) -> safetensors.Header:
    """What a checkpoint holds; UserError if it is not of this version."""
    header = safetensors.read_header(path, path.name)  # whoever reads a run's checkpoints says which run's
    version = header.texts.get("version", "")
    if version.isdecimal() and int(version) > VERSION:
        raise _Newer(f"{shown(path)} was written by version {version}; this is {VERSION}", "use the newer playground")
    if version != str(VERSION):
        raise _senseless(path.name)
    return header


def _senseless(what: str) -> UserError:
    return UserError(f"{what} does not say what it should", "copy it again")


def _under(prefix: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {prefix + name: array for name, array in arrays.items()}


def _from_under(prefix: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []
    except OSError as error:  # not as if nothing were there: a run would begin anew in its place
        raise UserError(f"{shown(folder)} cannot be read: {reason(error)}", "check the disk") from None


def _size(arrays: Mapping[str, Array]) -> int:
    return sum(array.nbytes for array in arrays.values())


def _free(folder: Path) -> int:
    with suppress(OSError):
        return shutil.disk_usage(folder).free
    return 0


def _bytes(count: int) -> str:
    return f"{math.ceil(count / 1e6):,} MB" if count >= 1e6 else f"{math.ceil(count / 1e3):,} kB"
