"""Paths as a person types or pastes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.formats.files import quoted
from playground.kit.paths import completions, meant, unquoted


@pytest.mark.parametrize("name", ["plain", "of mine", "Äpfel & Birnen", "it's", 'said "so"', "back\\slash", "a\\b c"])
def test_a_path_is_meant_as_it_is_and_as_a_message_names_it(name: str, tmp_path: Path) -> None:
    path = str(tmp_path / name)
    assert meant(path) == meant(quoted(path)) == meant(f"  {quoted(path)} ") == path


def test_a_terminal_writes_blanks_with_a_stroke_before_them_and_home_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert meant("~/my\\ models/of\\ mine") == "/home/me/my models/of mine"
    assert meant("~nobody-of-that-name/x") == "~nobody-of-that-name/x"


def test_a_path_whose_mark_is_still_open_is_typed_as_it_stands() -> None:
    assert unquoted("'/tmp/of mi") == "'/tmp/of mi" and unquoted("'a' 'b'") == "'a' 'b'" and unquoted("") == ""


def test_what_it_may_become_has_no_marks(tmp_path: Path) -> None:
    (tmp_path / "of mine").mkdir()
    assert completions(f"'{tmp_path}/of m'") == [f"{tmp_path}/of mine/"]
