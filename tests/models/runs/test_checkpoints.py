"""Checkpoints come back to the bit, and those are kept that should be."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
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
from models.runs.checkpoints import State
from models.runs.disk import Disk
from tests.models.runs.lives import STATES, best_of, check, folders, new, put, step_file

TYPES = list(safetensors.NAMES)


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
    new(tmp_path).sweep()
    assert folders(tmp_path) == sorted([*others, "best-000000000.safetensors", "step-000000001.safetensors"])
    new(tmp_path / "none").sweep()
    assert not (tmp_path / "none").exists() and new(tmp_path / "none").load() is None


def test_checkpoints_that_cannot_be_listed_are_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").write_text("")
    for call in (new(tmp_path).load, new(tmp_path).sweep, lambda: put(new(tmp_path), STATES[1])):
        with pytest.raises(UserError, match="not a directory|file exists"):
            call()
    assert (tmp_path / "checkpoints").is_file()


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


def test_checkpoints_of_an_earlier_form_are_refused_in_a_sentence(tmp_path: Path) -> None:
    old = tmp_path / "checkpoints" / "step-000000004"
    old.mkdir(parents=True)
    (old / "manifest.json").write_text("{}")
    with pytest.raises(UserError, match="written by an earlier playground, .* - go on with that one, or begin"):
        new(tmp_path).load()
    assert (old / "manifest.json").exists()
