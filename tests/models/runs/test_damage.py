"""A damaged checkpoint means the one before, and is said."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import pytest

from models.errors import UserError
from models.formats import safetensors
from models.runs.checkpoints import VERSION
from tests.models.runs.lives import STATES, check, folders, new, put, step_file

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
    with pytest.raises(
        UserError, match=r"4\.safetensors is not valid JSON: .*; step 2: step-000000002\.safetensors is not a"
    ):
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
