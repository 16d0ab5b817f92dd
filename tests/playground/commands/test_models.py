"""models lists and shows what there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.playground.commands.calling import Command

# models


def test_models_list_and_show(
    call: Command, tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tiny").symlink_to(tiny_folder)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{")
    monkeypatch.setattr("models.model_folders.PRETRAINED", tmp_path)
    listed = call("models").out
    assert re.search(r"tiny +[\d,]+ +2 +2 +8 +16 +char 15 +–", listed)
    assert re.search(r"broken: .*config\.json", listed)
    facts = {each["name"]: each for each in json.loads(call("models", "list", "--json").out)["models"]}
    assert facts["tiny"]["layers"] == 2 and "config.json" in facts["broken"]["problem"]
    shown = call("models", "show", "tiny").out
    assert re.search(r"^layers: +2$", shown, re.M) and "bigram.safetensors" in shown
    assert shown.rstrip().endswith((tiny_folder / "README.md").read_text().rstrip()[-40:])
    assert json.loads(call("models", "show", tiny_folder, "--json").out)["files"]["tokenizer.json"] > 100
