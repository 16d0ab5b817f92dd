"""A run's folder: begun whole or not at all, found again, listed when damaged, deleted at once; and its lock."""

from __future__ import annotations

import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from models import model_folders
from models.corpora.spec import CorpusSpec, TokenizerSpec
from models.errors import UserError
from models.runs import catalogue
from models.runs.config import TrainConfig
from models.runs.lock import Lock, holder
from models.runs.presets import PRESETS, preset
from tests.conftest import ROOT, TINY_TEXT

DATA = catalogue.LearnsFrom(CorpusSpec("text", ("/book.txt",), TokenizerSpec("bpe", 300)), "tiny", 300, "float32")
COMMAND = ["playground", "train", "book.txt", "--out", "runs/book"]


def create(path: Path, config: TrainConfig | None = None) -> catalogue.Begun:
    return catalogue.create(path, config or preset("tiny"), DATA, COMMAND)


@contextmanager
def in_use(path: Path) -> Iterator[int]:
    """Another process has the folder's lock; its number."""
    code = "import sys; from models.runs.lock import Lock; lock = Lock(sys.argv[1]); print(flush=True); input()"
    command = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"\n"
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGKILL)


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(UserError) as caught:
        call()
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500
    return str(caught.value)


# begin and find again


@pytest.mark.parametrize("name", PRESETS)
def test_a_run_is_found_as_it_was_begun(name: str, tmp_path: Path) -> None:
    made = create(tmp_path / "deep" / "book", preset(name))
    assert catalogue.open(tmp_path / "deep" / "book") == made
    assert made.name == "book" and made.started.endswith("+00:00")
    assert sorted(os.listdir(made.folder.path)) == ["lock", "run.json"]
    assert json.loads((made.folder.path / "run.json").read_text())["version"] == catalogue.VERSION
    assert made.folder.path == tmp_path / "deep" / "book"


def test_a_run_begins_only_where_nothing_is(tmp_path: Path) -> None:
    create(tmp_path / "book")
    assert "has a run already - resume it" in refusal(lambda: create(tmp_path / "book"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes").write_text("mine")
    assert refusal(lambda: create(tmp_path / "full")).endswith("full is not empty - choose another folder")
    assert "not a directory" in refusal(lambda: create(tmp_path / "full" / "notes" / "book"))
    assert "\\x1b" in refusal(lambda: create(tmp_path / "full" / "notes" / "\x1b[2J"))
    assert "cannot be" in refusal(lambda: create(Path("a\0b")))
    assert os.listdir(tmp_path / "full") == ["notes"]


def test_a_killed_beginning_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    (tmp_path / ".0123456789abcdef.part").write_text("{")
    create(tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["lock", "run.json"]


def test_what_another_process_is_just_beginning_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".0123456789abcdef.part").write_text("{")
    with in_use(tmp_path) as process:
        assert f"is in use by process {process} - " in refusal(lambda: create(tmp_path))
    assert sorted(os.listdir(tmp_path)) == [".0123456789abcdef.part", "lock"]


def test_a_beginning_that_fails_leaves_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert "cannot be a run's folder: no space left on device - " in refusal(lambda: create(tmp_path / "book"))
    assert not catalogue.is_run(tmp_path / "book")
    create(tmp_path / "book")


def test_damage_to_run_json_is_one_sentence_and_still_listed(tmp_path: Path) -> None:
    made, chance, refused = create(tmp_path / "book"), random.Random(1), 0
    file = made.folder.path / "run.json"
    content = file.read_bytes()
    for _ in range(300):
        at = chance.randrange(len(content))
        changed = chance.choice([content[:at], content[:at] + chance.randbytes(3) + content[at + 3 :]])
        file.write_bytes(changed)
        try:
            catalogue.open(made.folder.path)
        except UserError as error:
            refused += 1
            assert "\n" not in str(error) and " - " in str(error)
            listed = catalogue.runs(tmp_path)
            assert [(each.run, each.problem) for each in listed] == [(None, str(error))]
    assert refused > 200


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": 2}, "was written by version 2; this is 1 - use the newer playground"),
        ({"version": True}, "version is True - it must be 1"),
        ({"more": 1}, "more is not known here - it may be of a newer version"),
        ({"command": [1]}, "command.0 is 1 - it must be a text"),
        ({"data": 3}, "data is 3 - it must be an object"),
        ({"data": {}}, "data.corpus is missing - the file is damaged"),
        ({"data": {"corpus": {}}}, "data.corpus.kind is missing - the file is damaged"),
        ({"data": {"corpus": {"kind": "text"}}}, "data.corpus.paths names no text - the file is damaged"),
        ({"data": {"corpus": {"kind": "text", "paths": "/a"}}}, "data.corpus.paths is '/a' - it must be a list"),
        ({"data": {"corpus": {"kind": "film"}}}, "data.corpus.kind is 'film' - it must be one of text, little-world"),
        ({"data": {"corpus": {"kind": "little-world"}, "from": 1}}, "data.from is 1 - it must be a text"),
        ({"data": {"corpus": {"kind": "little-world"}, "from_": ""}}, "data.from_ is not known here - it may be of a"),
        ({"data": {"corpus": {"kind": "little-world"}, "vocab_size": -1}}, "data.vocab_size is -1 - "),
        ({"path": "/elsewhere"}, "path is not known here"),
        ({"config": {"seed": 10**19}}, "config.seed is 10000000000000000000 - it must be a whole number below 2**63"),
        ({"config": {"n_layer": 0, "steps": 1}}, "n_layer must be between 1"),
        ({"config": {"n_layers": 3}}, "config.n_layers is not known here - it may be of a newer version"),
    ],
)
def test_what_run_json_should_not_say_is_named(change: dict[str, Any], says: str, tmp_path: Path) -> None:
    file = create(tmp_path).folder.path / "run.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    assert says in refusal(lambda: catalogue.open(tmp_path))
    assert "run.json" in refusal(lambda: catalogue.open(tmp_path))


def test_a_folder_that_is_no_run_is_said(tmp_path: Path) -> None:
    assert "is not the folder of a run: it has no run.json" in refusal(lambda: catalogue.open(tmp_path))
    assert "is not the folder of a run" in refusal(lambda: catalogue.open("a\0b"))


# lists


def test_runs_are_listed_the_damaged_and_the_running_too(tmp_path: Path) -> None:
    assert catalogue.runs(tmp_path / "none") == []
    for name in ("one", "two", "three"):
        create(tmp_path / name)
    (tmp_path / "one" / "run.json").write_text("{")
    (tmp_path / ".hidden").mkdir()
    shutil.copy(tmp_path / "two" / "run.json", tmp_path / ".hidden")
    (tmp_path / "a model").mkdir()
    (tmp_path / "file").touch()
    with in_use(tmp_path / "three"):
        found = {each.path.name: each for each in catalogue.runs(tmp_path)}
    assert sorted(found) == ["one", "three", "two"]
    assert (found["two"].running, found["three"].running) == (False, True)
    assert found["one"].run is None and "run.json is not valid JSON" in found["one"].problem
    assert found["two"].run == catalogue.open(tmp_path / "two") and not found["two"].problem


def test_the_size_is_what_the_disk_holds(tmp_path: Path) -> None:
    create(tmp_path)
    before = catalogue.size(tmp_path)
    (tmp_path / "tokens").mkdir()
    (tmp_path / "tokens" / "train.bin").write_bytes(bytes(1 << 20))
    assert 1 << 20 <= catalogue.size(tmp_path) - before < (1 << 20) + (1 << 16)


# deleting


def test_a_run_is_deleted_unless_it_is_running(tmp_path: Path) -> None:
    create(tmp_path / "book")
    with in_use(tmp_path / "book") as process:
        assert f"is in use by process {process} - " in refusal(lambda: catalogue.delete(tmp_path / "book"))
    assert catalogue.is_run(tmp_path / "book")
    catalogue.delete(tmp_path / "book")
    assert os.listdir(tmp_path) == []


def test_only_a_run_is_deleted(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    assert "nothing was deleted" in refusal(lambda: catalogue.delete(tmp_path / "home"))
    assert "nothing was deleted" in refusal(lambda: catalogue.delete("a\0b"))
    create(tmp_path / "book")
    (tmp_path / "link").symlink_to("book")
    catalogue.delete(tmp_path / "link")
    assert sorted(os.listdir(tmp_path)) == ["home", "link"]  # what it led to is gone


def test_a_half_deleted_run_is_not_listed_and_goes_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("book", "other"):
        create(tmp_path / name)

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            catalogue.delete(tmp_path / "book")
    assert [each.path.name for each in catalogue.runs(tmp_path)] == ["other"]
    assert len(os.listdir(tmp_path)) == 2
    (tmp_path / ".mine.1.deleting").mkdir()  # no run was ever in it
    catalogue.delete(tmp_path / "other")
    assert os.listdir(tmp_path) == [".mine.1.deleting"]


# the lock


def test_a_second_process_is_refused_by_the_firsts_number_until_it_is_killed(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    with in_use(tmp_path) as process:
        assert holder(tmp_path) == process
        assert f"is in use by process {process} - stop that one" in refusal(lambda: Lock(tmp_path))
    assert holder(tmp_path) is None
    with Lock(tmp_path) as lock:
        assert holder(tmp_path) == os.getpid()
        lock.release()
        assert holder(tmp_path) is None


def test_a_full_disk_keeps_nobody_from_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with Lock(tmp_path):
        assert holder(tmp_path) == 0
        assert "is in use by another process" in refusal(lambda: Lock(tmp_path))
    assert holder(tmp_path) is None


def test_who_only_looks_keeps_nobody_out(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    looking = os.open(tmp_path / "lock", os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_SH)  # as `holder` does, for a moment
    timer = threading.Timer(0.1, os.close, [looking])
    timer.start()
    Lock(tmp_path).release()
    timer.join()


def test_a_lock_that_was_deleted_before_it_was_had_is_not_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flock = fcntl.flock

    def after_another_deleted_it(file: int, operation: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        (tmp_path / "lock").unlink()
        flock(file, operation)

    monkeypatch.setattr(fcntl, "flock", after_another_deleted_it)
    with Lock(tmp_path):
        assert "is in use by process" in refusal(lambda: Lock(tmp_path))


def test_a_folder_that_cannot_be_locked_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no such file or directory" in refusal(lambda: Lock(tmp_path / "none"))
    assert holder("a\0b") is None
    (tmp_path / "lock").mkdir()
    assert "cannot be used: is a directory" in refusal(lambda: Lock(tmp_path))
    assert holder(tmp_path) is None
    (tmp_path / "lock").rmdir()
    (tmp_path / "lock").write_text("\x1b not a number")
    with Lock(tmp_path):
        (tmp_path / "lock").write_text("\x1b not a number")
        assert holder(tmp_path) == 0
        assert "is in use by another process" in refusal(lambda: Lock(tmp_path))

    def unsupported(*_: Any) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", unsupported)
    assert "cannot be locked: no locks available - " in refusal(lambda: Lock(tmp_path))


# the model of a run


def test_a_runs_folder_stands_for_its_model(tiny_folder: Path, tmp_path: Path) -> None:
    create(tmp_path / "book")
    assert "has no model yet" in refusal(lambda: model_folders.folder(tmp_path / "book"))
    shutil.copytree(tiny_folder, tmp_path / "book" / "model")
    assert model_folders.folder(str(tmp_path / "book")) == tmp_path / "book" / "model"
    model = model_folders.load(tmp_path / "book")
    assert model.tokenizer is not None and model.tokenizer.encode(TINY_TEXT)
    assert model.name == "book" and model_folders.load(tiny_folder).name == "tiny"
    assert model_folders.folder(tiny_folder) == tiny_folder


def test_a_model_that_is_replaced_again_and_again_is_always_read_whole(tiny_folder: Path, tmp_path: Path) -> None:
    """A process saves another model in its place as fast as it can; whoever loads meanwhile gets one or the other.

    Or is told, on a machine that lets the other save between all its tries.
    """
    create(tmp_path / "book")
    place = tmp_path / "book" / "model"
    shutil.copytree(tiny_folder, place)
    code = """
import sys
from dataclasses import replace
from models import model_folders, model_files
model = model_folders.load(sys.argv[1])
print(flush=True)
number = 0
while True:
    number += 1
    weights = {name: weight * 0 + number for name, weight in model.weights.items()}
    model_folders.save(replace(model, weights=weights, training={"number": number}), sys.argv[1])
"""
    with subprocess.Popen([sys.executable, "-c", code, str(place)], cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            seen, until = set[int](), time.monotonic() + 120
            while len(seen) < 12 and time.monotonic() < until:
                try:
                    model = model_folders.load(tmp_path / "book")
                except UserError as error:  # the other had the processor too often
                    assert "changed while it was read" in str(error)
                    continue
                numbers = {float(each) for weight in model.weights.values() for each in weight.ravel()}
                if number := model.training.get("number"):
                    assert numbers == {float(number)}
                    seen.add(number)
            assert len(seen) == 12
        finally:
            process.kill()
