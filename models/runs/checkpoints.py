"""The checkpoints of a run: what a kill, a full disk or a power cut leaves is the last one, or the one before it.

    checkpoints/step-000000300/   model.safetensors optim.safetensors state.json manifest.json
    checkpoints/best-000000250/   model.safetensors manifest.json: the weights of the lowest held-out loss, float32

Each is written under another name, file by file to the disk, its manifest (sizes, SHA-256) last, then renamed, then the
name itself is forced to disk. What is no longer wanted is renamed first and then removed. The method is that of
databases; see also Pillai et al., "All File Systems Are Not Created Equal" (OSDI 2014).
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from models.errors import UserError
from models.formats.files import read_bytes, read_json, shown
from models.ops import Array
from models.runs import tensors
from models.runs.disk import Disk, SaveFailed, reason
from models.runs.state import State

VERSION = 1
WEIGHTS, OPTIMISER, STATE, MANIFEST = "model.safetensors", "optim.safetensors", "state.json", "manifest.json"
CONTENTS = {"step": {WEIGHTS, OPTIMISER, STATE}, "best": {WEIGHTS}}
# a second number where that step had been saved before
NAME = re.compile(r"(step|best)-(\d{9,18})(?:\.(\d{1,9}))?")
LEFT_OVER = re.compile(rf"\.{NAME.pattern}\.\d+\.(saving|removing)")
MAX_JSON = 64 << 20
SMALL = 32 << 10  # bytes for folders and the small files in them


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
        self._best: tuple[int, str] | None = None  # step and name of the best weights that are known to be there

    def steps(self) -> list[int]:
        """The steps there are checkpoints of, first to last; nobody has looked whether they are whole."""
        return sorted({each.step for each in self._all("step")})

    def sweep(self) -> int:
        """Remove what a killed save left behind, and say how many pieces; call it at the start, with the lock."""
        left = [self.folder / name for name in _names(self.folder) if LEFT_OVER.fullmatch(name)]
        for path in left:
            with suppress(OSError):
                self.disk.remove(path)
        return len(left)

    def save(self, state: State, best_step: int, best: Mapping[str, Array]) -> None:
        """Save a run and the best weights it had, those of step `best_step`; then drop what is no longer kept.

        Returns once all of it is on the disk. Raises SaveFailed, a sentence, where that cannot be; then everything
        saved before is intact.
        """
        need = _size(state.weights) + _size(state.optimiser) + SMALL
        try:
            self._make()
            if not (self._best and self._best[0] == best_step and (self.folder / self._best[1]).is_dir()):
                need += _size(best)
                self._best = best_step, self._write("best", best_step, {WEIGHTS: tensors.parts(best)}).name
            rest = {"step": state.step, "best": self._best[1], "values": state.values}
            files = {
                WEIGHTS: tensors.parts(state.weights),
                OPTIMISER: tensors.parts(state.optimiser),
                STATE: iter([json.dumps(rest).encode()]),
            }
            newest = self._write("step", state.step, files)
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
            return None
        what = f"{shown(self.folder)}: every checkpoint is damaged, and none was deleted"
        raise UserError(f"{what} ({'; '.join(faults)})", "copy one back, or start anew in another folder")

    def _with_best(self, state: State, name: str, faults: list[str]) -> Loaded:
        path = self.folder / name
        try:
            files = _manifest(path, "best")
            best = tensors.read(path / WEIGHTS, files[WEIGHTS])
        except UserError as error:
            return Loaded(state, None, (*faults, f"the best weights are damaged: {error.fault}"))
        self._best = int(re.findall(r"\d+", name)[0]), name
        return Loaded(state, best, tuple(faults))

    def _read(self, found: _Found) -> tuple[State, str]:
        """A run's state, and the name of its best weights."""
        digests = _manifest(found.path, "step")
        step, best, values = _state(found.path / STATE, digests[STATE])
        if step != found.step:
            raise UserError(f"{STATE} is of step {step:,}", "copy it again")
        weights = tensors.read(found.path / WEIGHTS, digests[WEIGHTS])
        return State(step, weights, tensors.read(found.path / OPTIMISER, digests[OPTIMISER]), values), best

    def _all(self, kind: str) -> list[_Found]:
        """The folders of a kind, oldest first."""
        names = [found for name in _names(self.folder) if (found := NAME.fullmatch(name)) and found[1] == kind]
        return sorted(_Found(int(name[2]), int(name[3] or 1), self.folder / name[0]) for name in names)

    def _make(self) -> None:
        if not self.folder.is_dir():
            self.disk.make(self.folder)
            self.disk.sync(self.folder.parent)

    def _write(self, kind: str, step: int, files: Mapping[str, Iterator[bytes | Array]]) -> Path:
        """A new folder with these files and a manifest: there as a whole, or not at all."""
        final = self._unused(f"{kind}-{step:09d}")
        fresh = self._hidden(final, "saving")
        entries = {}
        try:
            self.disk.remove(fresh)
            self.disk.make(fresh)
            for name, parts in files.items():
                counted = _Counted(parts)
                self.disk.write(fresh / name, counted)
                entries[name] = {"size": counted.size, "sha256": counted.hasher.hexdigest()}
            self.disk.write(fresh / MANIFEST, [json.dumps({"version": VERSION, "files": entries}).encode()])
            self.disk.sync(fresh)
            self.disk.rename(fresh, final)
            self.disk.sync(self.folder)
        except BaseException:
            for path in (fresh, final):  # renamed but not synced is not saved
                with suppress(OSError):
                    self._remove([path])
            raise
        return final

    def _unused(self, name: str) -> Path:
        path, attempt = self.folder / name, 1
        while os.path.lexists(path):
            attempt += 1
            path = self.folder / f"{name}.{attempt}"
        return path

    def _hidden(self, path: Path, why: str) -> Path:
        return path.with_name(f".{path.name.lstrip('.')}.{os.getpid()}.{why}")

    def _prune(self, newest: Path) -> None:
        """Keep the newest, those before it, and the best weights of these; a later step is of a life given up."""
        try:
            steps = self._all("step")
            now = next(each for each in steps if each.path == newest)
        except (UserError, StopIteration):  # somebody else was quicker
            return
        kept = [now, *[each for each in reversed(steps) if each.step < now.step][: self.keep - 1]]
        gone = [each.path for each in steps if each not in kept]
        with suppress(OSError, UserError, ValueError, LookupError, TypeError):
            needed = {json.loads(read_bytes(each.path / STATE, MAX_JSON))["best"] for each in kept}
            gone += [each.path for each in self._all("best") if each.path.name not in needed]
        with suppress(OSError):  # they stay, and are tried again with the next save
            self._remove(gone)

    def _remove(self, paths: list[Path]) -> None:
        """Whole, as far as anybody can see: renamed and the new name forced to disk before a file is touched."""
        hidden = []
        for path in paths:
            if not os.path.lexists(path):
                continue
            if not path.name.startswith("."):
                self.disk.rename(path, path := self._hidden(path, "removing"))
            hidden.append(path)
        if any(path.name.endswith("removing") for path in hidden):
            self.disk.sync(self.folder)
        for path in hidden:
            self.disk.remove(path)

    def _failure(self, step: int, need: int, error: OSError) -> SaveFailed:
        room, do = "", "check the disk"
        if error.errno == errno.ENOSPC:
            room, do = f" (need {_bytes(need)}, free {_bytes(_free(self.folder))})", "free some space"
        intact = "nothing was saved before" if self.saved is None else f"step {self.saved:,} is intact"
        return SaveFailed(f"checkpoint at step {step:,} not saved: {reason(error)}{room}; {intact}", do)


class _Counted:
    """Parts of a file, counted and hashed as they go by."""

    def __init__(self, parts: Iterable[bytes | Array]) -> None:
        self.parts, self.size, self.hasher = parts, 0, hashlib.sha256()

    def __iter__(self) -> Iterator[bytes | Array]:
        for part in self.parts:
            self.hasher.update(part)
            self.size += len(part)
            yield part


def _manifest(folder: Path, kind: str) -> dict[str, str]:
    """The SHA-256 of each file, after a look at their sizes."""
    content = read_json(folder / MANIFEST, MAX_JSON, MANIFEST)
    version, entries = content.get("version"), content.get("files", {})
    if type(version) is int and version > VERSION:
        fault = f"{shown(folder)} was written by version {version}; this is {VERSION}"
        raise _Newer(fault, "use the newer playground")
    whole = type(version) is int and version == VERSION and content.keys() == {"version", "files"}
    if (
        not whole
        or not isinstance(entries, dict)
        or entries.keys() != CONTENTS[kind]
        or not all(map(_is_entry, entries.values()))
    ):
        raise UserError(f"{MANIFEST} does not say what it should", "copy it again")
    for name, entry in entries.items():
        _check_size(folder / name, entry["size"])
    return {name: entry["sha256"] for name, entry in entries.items()}


def _is_entry(value: Any) -> bool:
    kinds = {"size": int, "sha256": str}
    return isinstance(value, dict) and {name: type(each) for name, each in value.items()} == kinds


def _check_size(path: Path, size: int) -> None:
    try:
        found = os.lstat(path).st_size
    except OSError:
        raise UserError(f"{path.name} is missing", "copy it again") from None
    if found != size:
        raise UserError(f"{path.name} has {found:,} bytes instead of {size:,}", "copy it again")


def _state(path: Path, digest: str) -> tuple[int, str, dict[str, Any]]:
    content = read_bytes(path, MAX_JSON, path.name)
    if hashlib.sha256(content).hexdigest() != digest:
        raise UserError(f"{path.name} is damaged: its checksum differs", "copy it again")
    try:  # not parse_json: states of generators have integers of 128 bits, a loss may be infinite
        found = json.loads(content)
        step, best, values = found["step"], found["best"], found["values"]
    except (ValueError, RecursionError, LookupError, TypeError):
        raise UserError(f"{path.name} does not say what it should", "copy it again") from None
    named = NAME.fullmatch(str(best))
    if type(step) is not int or not isinstance(values, dict) or not named or named[1] != "best":
        raise UserError(f"{path.name} does not say what it should", "copy it again")
    return step, best, values


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
