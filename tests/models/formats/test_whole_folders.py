"""Saving into a folder: nothing else is harmed, and no fault and no kill loses a model."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models import model_folders
from models.errors import UserError
from models.formats import whole_folders
from tests.conftest import ROOT
from tests.models.saved_models import random_model, refusal, same


def test_a_folder_that_is_not_a_model_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert "holds something else than a model" in refusal(lambda: model_folders.save(random_model(), tmp_path))
    assert os.listdir(tmp_path) == ["notes.txt"]
    file = tmp_path / "notes.txt"
    assert "is not a folder" in refusal(lambda: model_folders.save(random_model(), file))
    assert "not saved: file exists" in refusal(lambda: model_folders.save(random_model(), file / "model"))
    assert "not saved" in refusal(lambda: model_folders.save(random_model(), "/proc/model"))
    assert file.read_text() == "mine"
    assert os.listdir(tmp_path) == ["notes.txt"]


def test_an_empty_folder_and_an_earlier_model_are_replaced_and_other_files_stay(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    model_folders.save(random_model(seed=1), model)
    (model / "bigram.safetensors").write_bytes(b"counts")
    (model / "notes").mkdir()
    (model / "notes" / "a.txt").write_text("mine")
    (tmp_path / "link").symlink_to("model")
    model_folders.save(random_model(seed=2), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert same(model_folders.load(model), random_model(seed=2))
    assert (model / "bigram.safetensors").read_bytes() == b"counts"
    assert (model / "notes" / "a.txt").read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == ["link", "model"]


def test_nothing_of_an_earlier_model_is_mixed_into_a_new_one(folder: Path) -> None:
    model_folders.save(replace(random_model(seed=2), tokenizer=None), folder)
    assert model_folders.load(folder).tokenizer is None
    assert sorted(os.listdir(folder)) == ["README.md", "config.json", "model.safetensors", "training.json"]


@pytest.mark.parametrize("existing", [False, True])
def test_any_failing_call_to_the_disk_leaves_the_earlier_model(
    existing: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every rename and fsync in turn fails as on a full disk, until the save passes (SQLite's loop)."""
    folder = tmp_path / "model"
    if existing:
        model_folders.save(random_model(seed=1), folder)
    for fail_at in range(40):
        calls = 0

        def broken(real: Callable[..., Any], *arguments: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == fail_at + 1:  # noqa: B023  # called in this round only
                raise OSError(28, "No space left on device")
            return real(*arguments)

        with monkeypatch.context() as patch:
            for call in ("rename", "fsync", "mkdir"):
                real = getattr(os, call)
                patch.setattr(os, call, lambda *arguments, real=real: broken(real, *arguments))
            try:
                model_folders.save(random_model(seed=2), folder)
            except UserError as error:
                assert "was not saved: no space left on device - " in str(error)
        if calls <= fail_at:  # nothing was left to fail
            break
        if folder.exists():
            model = model_folders.load(folder)
            assert same(model, random_model(seed=1)) or same(model, random_model(seed=2))
        assert existing <= folder.exists()
        assert set(os.listdir(tmp_path)) <= {"model"}
    assert 5 < fail_at < 39
    assert same(model_folders.load(folder), random_model(seed=2))


CHILD = """
import os, resource, signal, sys
sys.path.insert(0, {root!r})
from tests.models.saved_models import random_model, same
from models import model_folders

folder, events = sys.argv[1], ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir")
target = os.path.realpath(os.path.dirname(folder))

def killed_at(number):
    if not (child := os.fork()):
        seen = 0
        def hook(event, arguments):
            nonlocal seen
            if event in events and isinstance(arguments[0], (str, os.PathLike, type(None))):
                seen += 1
                if seen == number:
                    os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(hook)
        model_folders.save(random_model(seed=2), folder)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

for number in range(1, 500):
    model_folders.save(random_model(seed=1), folder)
    with open(os.path.join(folder, "notes.txt"), "w") as file:
        file.write("mine")
    status = killed_at(number)
    model = model_folders.load(folder)
    assert same(model, random_model(seed=1)) or same(model, random_model(seed=2)), number
    model_folders.save(random_model(seed=3), folder)
    assert same(model_folders.load(folder), random_model(seed=3)), number
    assert open(os.path.join(folder, "notes.txt")).read() == "mine", number
    assert os.listdir(target) == [os.path.basename(folder)], (number, os.listdir(target))
    if status == 0:
        break
    assert status == -signal.SIGKILL
print("killed", number - 1, "times")

resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    model_folders.save(random_model(seed=4), folder, "float64")
except model_folders.UserError as error:
    print(error)
assert same(model_folders.load(folder), random_model(seed=3))
assert os.listdir(target) == [os.path.basename(folder)]
"""


def test_killed_anywhere_a_model_is_there_and_a_full_disk_is_said(tmp_path: Path) -> None:
    script = CHILD.format(root=str(ROOT))
    (tmp_path / "runs").mkdir()
    command = [sys.executable, "-c", script, str(tmp_path / "runs" / "model")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    killed, sentence = done.stdout.splitlines()
    assert int(killed.split()[1]) > 15
    assert sentence.endswith("model was not saved: file too large - free some space or choose another place")


def in_the_way(at: Path, kind: str) -> None:
    """What a killed save leaves, or something else under its name; outside lies what is the person's."""
    if kind == "fifo":
        os.mkfifo(at)
    else:
        at.symlink_to(at.parent / "outside")


@pytest.mark.parametrize("left", ["saving", "old"])
@pytest.mark.parametrize("kind", ["fifo", "link"])
def test_what_is_no_folder_is_neither_waited_on_nor_followed(kind: str, left: str, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "mine.txt").write_text("mine")
    for process in (os.getpid(), 2**22 + 1):  # of ours, and of none
        in_the_way(tmp_path / f".model.{process}.{left}", kind)
    model_folders.save(random_model(), tmp_path / "model")
    assert same(model_folders.load(tmp_path / "model"), random_model())
    assert sorted(os.listdir(tmp_path)) == ["model", "outside"] and os.listdir(tmp_path / "outside") == ["mine.txt"]


def test_a_model_moved_aside_comes_back_though_another_process_has_its_savers_number(tmp_path: Path) -> None:
    model_folders.save(random_model(), tmp_path / "model")
    os.rename(tmp_path / "model", tmp_path / f".model.{os.getppid()}.old")  # it lives, and has nothing to do with it
    assert same(model_folders.load(tmp_path / "model"), random_model())
    assert os.listdir(tmp_path) == ["model"]


def test_a_folder_that_comes_back_while_one_looks_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that another process replaces again and again; a file is none at once, and a name of nothing soon."""
    place, looked = tmp_path / "model", list[Path]()

    def recover(folder: Path) -> None:
        looked.append(folder)
        if folder == place and len(looked) == 2:
            place.mkdir()

    monkeypatch.setattr(whole_folders, "recover", recover)
    assert whole_folders.stands(place) and looked == [place] * 2
    (tmp_path / "file").touch()
    assert not whole_folders.stands(tmp_path / "file") and len(looked) == 2
    assert not whole_folders.stands(tmp_path / "nothing") and len(looked) == 2 + whole_folders.LOOKS


def test_a_model_that_is_being_replaced_is_left_to_who_does_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_folders, "PATIENCE", 0.01)
    model_folders.save(random_model(), tmp_path / "model")
    aside = tmp_path / f".model.{os.getppid()}.old"
    with whole_folders._at_work(tmp_path / "model"):
        os.rename(tmp_path / "model", aside)
        whole_folders.recover(tmp_path / "model")
        assert os.listdir(tmp_path) == [aside.name]
    whole_folders.recover(tmp_path / "model")
    assert os.listdir(tmp_path) == ["model"]
