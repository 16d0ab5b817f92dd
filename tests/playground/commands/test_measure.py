"""playground measure: says where the card is, and refuses in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.runs.lock import Lock
from playground.commands.train import progress_bar
from tests.conftest import TINY_TEXT
from tests.playground.commands.calling import Command

QUICK = "--steps 2 --eval-every 2 --layers 1 --heads 1 --width 8 --context 8 --batch 2 --threads 1".split()


def test_a_run_is_measured_again(call: Command, tmp_path: Path) -> None:
    text, run = tmp_path / "text.txt", tmp_path / "run"
    text.write_text(TINY_TEXT * 20)
    assert call("train", text, "--out", run, *QUICK).code == 0
    told = json.loads((run / "model" / "training.json").read_text())
    weights = (run / "model" / "model.safetensors").read_bytes()
    (run / "model" / "README.md").write_text("nothing")
    answer = call("measure", run, text)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == f"measured run; its card is {run / 'model' / 'README.md'}\n"
    assert "## Score" in (run / "model" / "README.md").read_text()
    assert json.loads(call("measure", run, text, "--json").out) == {
        name: value for name, value in told.items() if name != "sha256"
    }
    assert (run / "model" / "model.safetensors").read_bytes() == weights
    with Lock(run):
        answer = call("measure", run, text)
    assert answer.code == 2 and answer.err.count("\n") == 1


def test_who_waits_at_a_terminal_sees_how_far_it_is(
    call: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, run = tmp_path / "text.txt", tmp_path / "run"
    text.write_text(TINY_TEXT * 20)
    assert call("train", text, "--out", run, *QUICK).code == 0
    monkeypatch.setattr(progress_bar, "PATIENCE", 0)
    assert call("measure", run, text).err == "", "in a file there is nothing to look at"
    monkeypatch.setattr(progress_bar.Bar, "is_seen", True)
    answer = call("measure", run, text)
    assert "% measuring the held-out loss" in answer.err and answer.out.startswith("measured run; ")


def test_a_model_without_a_history_is_refused(call: Command, tiny_folder: Path) -> None:
    answer = call("measure", tiny_folder)
    assert (answer.code, answer.out) == (2, "")
    assert "does not say how it was trained - only what playground train has made can be measured again" in answer.err
