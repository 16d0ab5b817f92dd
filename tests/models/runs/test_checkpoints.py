"""Checkpoints: to the bit, and never half of one, whatever fails, is killed, cut off or damaged."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import re
import resource
import shutil
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.errors import UserError
from models.formats import safetensors
from models.ops import Array
from models.runs import sealed
from models.runs.checkpoints import VERSION, Checkpoints, Loaded
from models.runs.disk import Disk, SaveFailed
from models.runs.state import State

TYPES = list(safetensors.NAMES)


def life(steps: int) -> list[State]:
    """A run that learns noise: each state follows from the one before alone, generator included."""
    rng = np.random.default_rng(7)
    states = [State(0, {"w": np.zeros((3, 5), np.float32)}, {"m": np.zeros(4)}, {"rng": rng.bit_generator.state})]
    while len(states) <= steps:
        states.append(after(states[-1]))
    return states


def after(state: State) -> State:
    rng = np.random.default_rng()
    rng.bit_generator.state = state.values["rng"]
    noise = rng.normal(size=(3, 5)).astype(np.float32)
    weights = {name: weight * np.float32(0.9) + noise for name, weight in state.weights.items()}
    return State(state.step + 1, weights, {"m": rng.random(4)}, {"rng": rng.bit_generator.state})


def best_of(state: State) -> tuple[int, dict[str, Array]]:
    """The best weights change every third step."""
    step = state.step - state.step % 3
    return step, {"wte.weight": np.full((2, 2), step, np.float32)}


def put(store: Checkpoints, state: State) -> None:
    store.save(state, *best_of(state))


def check(loaded: Loaded | None, states: list[State]) -> int:
    """All of a checkpoint is as it was saved; its step."""
    assert loaded is not None
    want = states[loaded.state.step]
    assert loaded.state.values == want.values
    for found, wanted in ((loaded.state.weights, want.weights), (loaded.state.optimiser, want.optimiser)):
        assert {name: each.tobytes() for name, each in found.items()} == {
            name: each.tobytes() for name, each in wanted.items()
        }
    assert loaded.best is not None and loaded.best["wte.weight"][0, 0] == best_of(want)[0]
    return loaded.state.step


class Quick(Disk):
    """Forces nothing to disk: who only wants to see names and contents need not wait for it."""

    def write(self, path: Path, parts: Iterable[bytes | memoryview | Array]) -> None:
        path.write_bytes(b"".join(bytes(part) for part in parts))

    def sync(self, folder: Path) -> None:
        os.stat(folder)


def step_file(run: Path, step: int, kind: str = "step") -> Path:
    return run / "checkpoints" / f"{kind}-{step:09d}.safetensors"


def new(folder: Path, keep: int = 2, disk: Disk | None = None) -> Checkpoints:
    return Checkpoints(folder / "checkpoints", keep, disk or Quick())


STATES = life(12)


# what comes back


def any_array() -> st.SearchStrategy[Array]:
    shapes = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
    return st.sampled_from(TYPES).flatmap(lambda kind: arrays.arrays(kind, shapes))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 200), 1 << 200) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMED = st.dictionaries(st.text(max_size=8), any_array(), max_size=4)


@given(NAMED, NAMED, NAMED, st.dictionaries(st.text(), JSON, max_size=4), st.integers(0, 1 << 50))
def test_everything_comes_back_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory,
    weights: dict[str, Array],
    moments: dict[str, Array],
    best: dict[str, Array],
    values: dict[str, Any],
    step: int,
) -> None:
    folder = tmp_path_factory.mktemp("run")
    new(folder, disk=Disk()).save(State(step, weights, moments, values), step, best)
    loaded = new(folder).load()
    assert loaded is not None and loaded.best is not None and not loaded.skipped
    assert loaded.state.step == step and loaded.state.values == values
    for found, want in ((loaded.state.weights, weights), (loaded.state.optimiser, moments), (loaded.best, best)):
        assert {name: facts(each) for name, each in found.items()} == {name: facts(each) for name, each in want.items()}
        assert all(each.flags.writeable and each.flags.aligned for each in found.values())


def facts(array: Array) -> tuple[Any, ...]:
    return array.dtype.newbyteorder("<"), array.shape, array.astype(array.dtype.newbyteorder("<")).tobytes()


def test_a_view_and_foreign_byte_order_are_saved_as_the_numbers_they_are(tmp_path: Path) -> None:
    numbers = np.arange(12.0).reshape(3, 4)
    views = {"view": numbers.T[::2], "big": numbers.astype(">f4"), "none": numbers[:0], "one": np.array(True)}
    new(tmp_path).save(State(1, views, {}, {"loss": float("inf")}), 0, {})
    loaded = new(tmp_path).load()
    assert loaded is not None and loaded.state.values == {"loss": float("inf")}
    for name, view in views.items():
        assert np.array_equal(loaded.state.weights[name], view) and loaded.state.weights[name].shape == view.shape


def test_other_readers_of_the_format_find_the_same(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    put(new(tmp_path), STATES[5])
    found = load_file(path := step_file(tmp_path, 5))
    wanted = {"weights.w": STATES[5].weights["w"], "optimiser.m": STATES[5].optimiser["m"]}
    seal = hashlib.sha256(path.read_bytes()[:-32]).digest()
    assert {name: each.tobytes() for name, each in found.items()} == {
        **{name: each.tobytes() for name, each in wanted.items()}, "sha256": seal,
    }  # fmt: skip


# which are kept


def folders(run: Path) -> list[str]:
    return sorted(os.listdir(run / "checkpoints"))


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_the_last_ones_and_the_best_of_each_are_kept(keep: int, tmp_path: Path) -> None:
    store = new(tmp_path, keep=keep)
    for state in STATES[:11]:
        put(store, state)
        last = range(max(0, state.step - keep + 1), state.step + 1)
        best = sorted({best_of(STATES[step])[0] for step in last})
        assert folders(tmp_path) == [
            *(step_file(tmp_path, at, "best").name for at in best), *(step_file(tmp_path, at).name for at in last)
        ]  # fmt: skip
        assert store.saved == check(new(tmp_path).load(), STATES) == state.step


def test_the_best_is_written_once(tmp_path: Path) -> None:
    store = new(tmp_path)
    put(store, STATES[3])
    written = os.stat(step_file(tmp_path, 3, "best")).st_ino
    put(store, STATES[4])
    again = new(tmp_path)
    assert check(again.load(), STATES) == 4
    put(again, STATES[5])
    assert os.stat(step_file(tmp_path, 3, "best")).st_ino == written
    shutil.rmtree(tmp_path / "checkpoints")  # by somebody else, while it runs
    put(again, STATES[5])
    assert check(new(tmp_path).load(), STATES) == 5


def test_saving_a_step_again_replaces_it(tmp_path: Path) -> None:
    store = new(tmp_path, keep=1)
    put(store, STATES[3])
    changed = State(3, STATES[4].weights, STATES[4].optimiser, {"new": True})
    store.save(changed, 2, {"wte.weight": np.full((2, 2), 2, np.float32)})
    loaded = new(tmp_path).load()
    assert loaded is not None and loaded.state.values == {"new": True}
    assert loaded.best is not None and loaded.best["wte.weight"][0, 0] == 2
    assert new(tmp_path).steps() == [3] and len(folders(tmp_path)) == 2


def test_a_life_that_was_given_up_goes_with_the_next_save(tmp_path: Path) -> None:
    store = new(tmp_path)
    for step in (3, 6, 9):
        put(store, STATES[step])
    put(new(tmp_path), STATES[1])  # somebody went back
    assert check(new(tmp_path).load(), STATES) == 1
    assert new(tmp_path).steps() == [1]


def test_only_our_own_left_overs_are_swept(tmp_path: Path) -> None:
    put(new(tmp_path), STATES[1])
    base, others = tmp_path / "checkpoints", (".step-1.9.saving", ".mine", "notes", ".step-000000004.saving.txt")
    for name in (".step-000000004.safetensors.99.saving", ".best-000000004.2.safetensors.99.saving", *others):
        (base / name).touch()
    assert new(tmp_path).sweep() == 2
    assert folders(tmp_path) == sorted([*others, "best-000000000.safetensors", "step-000000001.safetensors"])
    assert new(tmp_path / "none").sweep() == 0 and new(tmp_path / "none").load() is None


def test_checkpoints_that_cannot_be_listed_are_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("")
    for call in (new(tmp_path).load, new(tmp_path).sweep, lambda: put(new(tmp_path), STATES[1])):
        with pytest.raises(UserError, match="not a directory|file exists"):
            call()
    assert (tmp_path / "checkpoints").is_file()


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
        run = tmp_path / str(at)
        run.mkdir()
        store = new(run)
        for step in (2, 3):
            put(store, STATES[step])
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
        run = tmp_path / str(at)
        run.mkdir()
        store = new(run)
        put(store, STATES[3])
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
        run, fsync, calls = tmp_path / str(at), os.fsync, 0
        run.mkdir()
        store = new(run)
        put(store, STATES[2])
        store.disk = Disk()

        def broken(file: int) -> None:
            nonlocal calls
            calls += 1
            if calls == at:  # noqa: B023
                raise OSError(errno.EIO, "Input/output error")
            fsync(file)  # noqa: B023

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
        run = tmp_path / str(at)
        run.mkdir()
        store = new(run)
        for step in (2, 3):
            put(store, STATES[step])
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
    run = tmp_path / "run"
    run.mkdir()
    store = new(run)
    put(store, STATES[1])
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
                assert sealed.read(path, safetensors.read_header(path)), (cut, disk.log[cut - 1][:2])
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


# damage


def damaged(content: bytes, chance: random.Random) -> bytes:
    kind = chance.randrange(5)
    if kind == 0:
        return content[: chance.randrange(len(content))]
    if kind == 1:
        return content + bytes(chance.randrange(1, 9))
    at = chance.randrange(len(content))
    if kind == 2:
        return content[:at] + bytes(len(content) - at)
    if kind == 3:
        return content[:at] + chance.randbytes(min(16, len(content) - at)) + content[at + 16 :]
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def test_damage_to_a_file_means_the_checkpoint_before(tmp_path: Path) -> None:
    store, chance = new(tmp_path), random.Random("damage")
    for step in (2, 4):
        put(store, STATES[step])
    file = step_file(tmp_path, 4)
    content = file.read_bytes()
    for _ in range(240):
        file.write_bytes(changed := damaged(content, chance))
        if changed == content:
            continue
        try:
            loaded = new(tmp_path).load()
        except UserError as error:  # the version's number was hit
            assert "was written by version" in str(error)
            continue
        assert loaded is not None and check(loaded, STATES) == 2 and len(loaded.skipped) == 1
        assert re.fullmatch(r"a checkpoint is damaged, step 4: [^\n]{8,200}", loaded.skipped[0])
        assert str(tmp_path) not in loaded.skipped[0]


def test_a_bit_that_flips_is_seen_in_whichever_byte(tmp_path: Path) -> None:
    store, chance = new(tmp_path), random.Random(8)
    for step in (2, 4):
        put(store, STATES[step])
    file = step_file(tmp_path, 4)
    content = file.read_bytes()
    for at in range(len(content)):
        changed = bytearray(content)
        changed[at] ^= 1 << chance.randrange(8)
        file.write_bytes(changed)
        try:
            loaded = new(tmp_path).load()
        except UserError as error:
            assert "was written by version" in str(error)
        else:
            assert loaded is not None and loaded.state.step == 2, at


@pytest.mark.parametrize("fault", ["missing", "folder", "fifo", "link"])
def test_something_else_in_a_files_place_means_the_checkpoint_before(fault: str, tmp_path: Path) -> None:
    store = new(tmp_path)
    for step in (2, 4):
        put(store, STATES[step])
    file = step_file(tmp_path, 4)
    file.unlink()
    if fault == "folder":
        file.mkdir()
    elif fault == "fifo":
        os.mkfifo(file)
    elif fault == "link":
        file.symlink_to(tmp_path / "nothing")
    loaded = new(tmp_path).load()
    assert check(loaded, STATES) == 2
    assert loaded is not None and (fault == "missing" or "step 4: " in loaded.skipped[0])


def test_damaged_best_weights_lose_the_best_but_not_the_run(tmp_path: Path) -> None:
    store = new(tmp_path)
    put(store, STATES[4])
    file = step_file(tmp_path, 3, "best")
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    again = new(tmp_path)
    loaded = again.load()
    assert loaded is not None and loaded.best is None and loaded.state.step == 4
    says = "the best weights are damaged: best-000000003.safetensors is damaged: its checksum differs"
    assert loaded.skipped == (says,)
    put(again, STATES[5])  # and they are written again
    assert check(new(tmp_path).load(), STATES) == 5


def test_where_all_are_damaged_each_is_named_and_none_deleted(tmp_path: Path) -> None:
    store = new(tmp_path)
    for step in (2, 4):
        put(store, STATES[step])
    step_file(tmp_path, 4).write_bytes(b"")
    step_file(tmp_path, 2).write_bytes(step_file(tmp_path, 2).read_bytes()[:-1])
    before = folders(tmp_path)
    with pytest.raises(UserError) as caught:
        new(tmp_path).load()
    assert "every checkpoint is damaged, and none was deleted (step 4: step-000000004.safetensors is not a " in (
        says := str(caught.value)
    )
    assert "; step 2: step-000000002.safetensors is cut short: it has " in says
    assert says.endswith(") - copy one back, or start anew in another folder")
    assert folders(tmp_path) == before


@pytest.mark.parametrize("name", ["my - run2", "a long name" * 20])
def test_a_fault_is_told_whatever_the_run_is_called(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = Path(name)
    run.mkdir()
    store = new(run)
    for step in (2, 4):
        put(store, STATES[step])
    content = step_file(run, 4).read_bytes()
    step_file(run, 4).write_bytes(content[:9] + b"?" + content[10:])
    assert (loaded := new(run).load()) is not None
    fault = "step 4: the header of step-000000004.safetensors is not valid JSON: "
    assert loaded.skipped[0].startswith(f"a checkpoint is damaged, {fault}")
    step_file(run, 2).write_bytes(b"")
    with pytest.raises(UserError, match=rf"\({fault}.*; step 2: step-000000002\.safetensors is not a"):
        new(run).load()


def test_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    store = new(tmp_path)
    for step in (2, 4):
        put(store, STATES[step])
    step_file(tmp_path, 4).write_bytes(b"".join(map(bytes, safetensors.parts({}, {"version": str(VERSION + 1)}))))
    with pytest.raises(UserError, match=r"step-000000004.safetensors was written by version 3; this is 2 - use"):
        new(tmp_path).load()
    assert new(tmp_path).steps() == [2, 4]


def test_a_damaged_newest_is_replaced_when_its_step_comes_again(tmp_path: Path) -> None:
    store = new(tmp_path)
    for step in (3, 4):
        put(store, STATES[step])
    step_file(tmp_path, 4).write_text("{}")
    again = new(tmp_path)
    assert check(again.load(), STATES) == 3
    put(again, STATES[4])
    loaded = new(tmp_path).load()
    assert check(loaded, STATES) == 4 and loaded is not None and not loaded.skipped


def test_checkpoints_of_an_earlier_form_are_refused_in_a_sentence(tmp_path: Path) -> None:
    old = tmp_path / "checkpoints" / "step-000000004"
    old.mkdir(parents=True)
    (old / "manifest.json").write_text("{}")
    with pytest.raises(UserError, match="written by an earlier playground, .* - go on with that one, or begin"):
        new(tmp_path).load()
    assert (old / "manifest.json").exists()
