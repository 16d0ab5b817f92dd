"""Never half a checkpoint, whatever fails, is killed or cut off."""

from __future__ import annotations

import errno
import os
import random
import resource
import shutil
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.formats import safetensors
from models.ops import Array
from models.runs.checkpoints import State, unsealed
from models.runs.disk import Disk, SaveFailed
from tests.models.runs.lives import STATES, Quick, after, best_of, check, folders, holding, life, new, put

# a disk that fails


class Broken(Quick):
    """Calls `fault` in the middle of the operation of that number, and from then on where it is dead."""

    def __init__(self, at: int, fault: Callable[[], None], dead: bool = False) -> None:
        self.at, self.fault, self.dead, self.done = at, fault, dead, 0

    def _turn(self) -> bool:
        self.done += 1
        return self.done == self.at or self.dead and self.done > self.at

    def make(self, folder: Path) -> None:
        if self._turn():
            self.fault()
        super().make(folder)

    def write(self, path: Path, parts: Iterable[bytes | memoryview | Array]) -> None:
        if not self._turn():
            return super().write(path, parts)
        content = b"".join(bytes(part) for part in parts)
        path.write_bytes(content[: len(content) * (self.at % 3) // 2])  # nothing, half, or all of it unsynced
        self.fault()

    def sync(self, folder: Path) -> None:
        if self._turn():
            self.fault()
        super().sync(folder)

    def rename(self, old: Path, new: Path) -> None:
        if self._turn():
            self.fault()
        super().rename(old, new)

    def remove(self, path: Path) -> None:
        if os.path.lexists(path) and self._turn():
            if self.at % 2:  # it is gone, and was not said to be
                super().remove(path)
            self.fault()
        super().remove(path)


class Killed(BaseException):
    pass


def failing(code: int) -> Callable[[], None]:
    def fault() -> None:
        raise OSError(code, os.strerror(code))

    return fault


def killed() -> None:
    raise Killed


FAULTS = {
    errno.ENOSPC: "disk full (need 33 kB, free ",
    errno.EDQUOT: "disk quota used up",
    errno.EIO: "the disk reports a fault",
    errno.EROFS: "the disk can only be read",
    errno.EACCES: "permission denied",
}


@pytest.mark.parametrize("code", FAULTS)
def test_each_operation_that_fails_leaves_the_last_good_one(code: int, tmp_path: Path) -> None:
    """The next save fails at its Nth operation, N = 1 ... until it passes (SQLite's loop)."""
    refused = 0
    for at in range(1, 60):
        run, store = holding(tmp_path / str(at), 2, 3)
        store.disk = broken = Broken(at, failing(code))
        try:
            put(store, STATES[6])
            now = 6
        except SaveFailed as error:
            refused, now = refused + 1, 3
            assert FAULTS[code] in str(error) and str(error).startswith("checkpoint at step 6 not saved: ")
            assert "; step 3 is intact - " in str(error)
        assert store.saved == now
        store.disk = Quick()
        fresh = new(run)
        fresh.sweep()  # of what could not be removed
        assert check(fresh.load(), STATES) == now, at
        assert not [name for name in folders(run) if name.startswith(".")]
        put(store, STATES[7])
        assert check(new(run).load(), STATES) == 7
        if broken.done < at:
            break
    assert at < 59 and refused == 6  # write, rename and sync of the best, and of the step


def test_a_disk_that_stays_dead_hides_what_it_cannot_remove(tmp_path: Path) -> None:
    for at in range(1, 30):
        run, store = holding(tmp_path / str(at), 3)
        store.disk = Broken(at, failing(errno.EIO), dead=True)
        try:
            put(store, STATES[6])
        except SaveFailed:
            assert store.saved == 3
        assert check(new(run).load(), STATES) in (3, 6)  # 6 where only its name was not forced to disk
        store.disk = Quick()  # it comes back to life
        put(store, STATES[6])
        assert store.saved == check(new(run).load(), STATES) == 6


def test_what_cannot_be_forced_to_disk_is_not_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every fsync of the system in turn fails: that of each file, and of the names of both."""
    for at in range(1, 30):
        run, store = holding(tmp_path / str(at), 2)
        fsync, calls = os.fsync, 0
        store.disk = Disk()

        def broken(file: int) -> None:
            nonlocal calls
            calls += 1
            if calls == at:  # noqa: B023  # called in this round only
                raise OSError(errno.EIO, "Input/output error")
            fsync(file)  # noqa: B023  # called in this round only

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", broken)
            try:
                put(store, STATES[3])
            except SaveFailed as error:
                assert "the disk reports a fault; step 2 is intact" in str(error)
        assert check(new(run).load(), STATES) == store.saved
        if store.saved == 3:
            break
    assert at == 1 + (1 + 1) + (1 + 1)  # a file and its name, of the best and of the step


def test_killed_at_each_operation_the_last_good_one_is_there(tmp_path: Path) -> None:
    kills = 0
    for at in range(1, 60):
        run, store = holding(tmp_path / str(at), 2, 3)
        store.disk = Broken(at, killed, dead=True)
        try:
            put(store, STATES[6])
        except Killed:
            kills += 1
        fresh = new(run)
        fresh.sweep()
        assert not [name for name in folders(run) if name.startswith(".")]
        assert check(fresh.load(), STATES) in (3, 6)
        put(fresh, STATES[7])
        assert check(new(run).load(), STATES) == 7 and len(new(run).steps()) == 2
        if kills < at:
            break
    assert at < 59 and kills == 6 + 2  # those of the save, and what it removes: a step and its best


def test_a_folder_that_goes_away_while_it_runs_is_said(tmp_path: Path) -> None:
    run, store = holding(tmp_path / "run", 1)
    shutil.rmtree(run)
    with pytest.raises(SaveFailed, match="step 2 not saved: the run's folder is gone; step 1 is intact - "):
        put(store, STATES[2])


def test_the_systems_own_refusal_of_a_large_file_is_said(tmp_path: Path) -> None:
    """A limit of the kernel on this process's files: a real write that really fails half-way."""
    store = new(tmp_path, disk=Disk())
    put(store, STATES[1])
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, old[1]))
    try:
        with pytest.raises(SaveFailed, match="step 2 not saved: file larger than this system allows; step 1 is intact"):
            store.save(State(2, {"w": np.ones(5000)}, {}, {}), *best_of(STATES[2]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert folders(tmp_path) == ["best-000000000.safetensors", "step-000000001.safetensors"]
    assert check(new(tmp_path).load(), STATES) == 1


def test_the_first_save_that_fails_says_that_there_is_nothing(tmp_path: Path) -> None:
    store = new(tmp_path, disk=Broken(4, failing(errno.ENOSPC)))
    with pytest.raises(SaveFailed, match=r"step 1 not saved: disk full .*; nothing was saved before - free some space"):
        put(store, STATES[1])
    assert new(tmp_path).load() is None


# a power cut: only what was forced to disk is certain to be there, and of the rest any part may be


class Watched(Quick):
    """Does everything, and remembers it."""

    def __init__(self) -> None:
        self.log: list[tuple[Any, ...]] = []

    def make(self, folder: Path) -> None:
        super().make(folder)
        self.log.append(("make", folder))

    def write(self, path: Path, parts: Iterable[bytes | memoryview | Array]) -> None:
        super().write(path, parts)
        self.log.append(("write", path, path.read_bytes()))

    def sync(self, folder: Path) -> None:
        super().sync(folder)
        self.log.append(("sync", folder))

    def rename(self, old: Path, new: Path) -> None:
        super().rename(old, new)
        self.log.append(("rename", old, new))

    def remove(self, path: Path) -> None:
        there = path.exists()
        super().remove(path)
        self.log += [("unlink", path)] * there


class Folder:
    """A folder as the disk knows it: names that are certain, and changes that may not have got there."""

    def __init__(self) -> None:
        self.live: dict[str, Folder | bytes] = {}
        self.certain: dict[str, Folder | bytes] = {}
        self.pending: list[dict[str, Folder | bytes | None]] = []

    def set(self, names: dict[str, Folder | bytes | None]) -> None:
        self.pending.append(names)
        apply(self.live, names)

    def sync(self) -> None:
        self.certain, self.pending = dict(self.live), []

    def after_cut(self, where: Path, chance: random.Random) -> None:
        """Write one of the states a power cut may leave."""
        names = dict(self.certain)
        for change in self.pending:
            if chance.random() < 0.5:
                apply(names, change)
        where.mkdir()
        for name, node in names.items():
            if isinstance(node, Folder):
                node.after_cut(where / name, chance)
            else:
                (where / name).write_bytes(node)


def apply(names: dict[str, Folder | bytes], change: dict[str, Folder | bytes | None]) -> None:
    for name, node in change.items():
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


def replayed(log: list[tuple[Any, ...]], run: Path, chance: random.Random) -> tuple[Folder, int]:
    """The disk after these operations, the last of them half done; and the last step that was said to be saved."""
    root, saved = Folder(), -1

    def at(path: Path) -> Folder:
        node: Folder | bytes = root
        for part in path.relative_to(run).parts:
            assert isinstance(node, Folder)
            node = node.live[part]
        assert isinstance(node, Folder)
        return node

    for number, (what, path, *more) in enumerate(log):
        if what == "saved":
            saved = path
        elif what == "make":
            at(path.parent).set({path.name: Folder()})
        elif what == "write":
            cut = chance.randrange(len(more[0]) + 1) if number == len(log) - 1 else None
            at(path.parent).set({path.name: more[0][:cut]})
        elif what == "rename":
            at(path.parent).set({more[0].name: at(path.parent).live[path.name], path.name: None})
        elif what == "unlink":
            at(path.parent).set({path.name: None})
        elif number < len(log) - 1:  # the last sync may not have come to its end
            at(path).sync()
    return root, saved


def test_a_power_cut_at_any_moment_loses_no_more_than_the_save_it_hits(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    disk = Watched()
    store = new(run, disk=disk)
    for step in (1, 2, 3, 5):
        put(store, STATES[step])
        disk.log.append(("saved", step))
    chance, states = random.Random(3), 0
    for cut in range(1, len(disk.log) + 1):
        for _ in range(10):
            states += 1
            root, saved = replayed(disk.log[:cut], run, chance)
            root.after_cut(tmp_path / "cut", chance)
            store = new(tmp_path / "cut")
            store.sweep()
            loaded = store.load()
            assert saved == -1 if loaded is None else saved <= check(loaded, STATES), (cut, disk.log[cut - 1][:2])
            for path in (tmp_path / "cut" / "checkpoints").glob("[!.]*"):  # those being removed, too
                assert unsealed(path, safetensors.read_header(path)), (cut, disk.log[cut - 1][:2])
            shutil.rmtree(tmp_path / "cut")
    assert states > 240


# a process that is really killed


KILLS = 25


def saver(run: Path, pipe: int) -> None:
    """Go on from the last checkpoint, saving after each step, and say each step that is saved."""
    store = new(run, disk=Disk())
    store.sweep()
    loaded = store.load()
    state = loaded.state if loaded else STATES[0]
    while True:
        state = after(state)
        put(store, state)
        os.write(pipe, state.step.to_bytes(4, "little"))


def test_killed_at_random_moments_it_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    states, last, chance = life(100), 0, random.Random(5)
    for _ in range(KILLS):
        said, pipe = os.pipe()
        if not (child := os.fork()):
            try:
                saver(tmp_path, pipe)
            finally:
                os._exit(70)
        os.close(pipe)
        time.sleep(chance.uniform(0, 0.2))
        os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        with open(said, "rb") as file:
            acknowledged = np.frombuffer(file.read(), "<u4")
        loaded = new(tmp_path).load()
        while loaded and len(states) <= loaded.state.step:  # how far it comes is the disk's affair
            states.append(after(states[-1]))
        step = 0 if loaded is None else check(loaded, states)
        assert step >= max([last, *acknowledged])
        last = step
    assert last >= 3
    new(tmp_path).sweep()
    assert not [name for name in folders(tmp_path) if name.startswith(".")]
