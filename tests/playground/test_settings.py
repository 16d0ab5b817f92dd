"""What is remembered between runs survives damage, a second program, and a folder nobody can write to."""

from __future__ import annotations

import errno
import json
import logging
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from models.switches import parse
from playground import settings

ANY_TEXT = st.text(st.characters(categories=("L", "N", "P", "S", "Z", "C", "Cs")), max_size=12)
DAMAGED = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'{"theme": "\xff"}',
    b'{"theme": 3}',
    b'{"left": {"model": "a"}}',
    b'{"recent": [1]}',
    b'{"sets": []}',
    b'{"sets": {"a": "head-off:0.1"}}',
    b'{"sets": {"a": [1]}}',
    b'{"learned": {"6": "yes"}}',
    b'{"theme": "a", "theme": "b"}',
    b'{"x": NaN}',
    b"[" * 100_000,
    b"\0" * 4096,
    b"version https://git-lfs.github.com/spec/v1\n",
    b" " * (settings.MAX_BYTES + 1),
]


def test_there_is_nothing_at_first() -> None:
    assert settings.load() == settings.Settings()
    assert not settings.path().exists()


def test_theme_and_sets_come_back() -> None:
    store = settings.load().with_theme("paper").with_set("no induction", ("head-off:0.1", "padding:3,5"))
    assert store.problem is None
    assert settings.load() == store == settings.Settings("paper", {"no induction": ("head-off:0.1", "padding:3,5")})
    assert list(map(str, map(parse, store.sets["no induction"]))) == ["head-off:0.1", "padding:3,5"]


def test_recent_models_prompts_and_where_one_was_come_back_the_newest_first() -> None:
    store, other = settings.load(), settings.load()
    for number in range(settings.MOST_RECENT + 3):
        store = store.with_recent(f"/models/{number}")
    other = other.with_recent("/models/5").with_prompt("To be").with_prompt("ROMEO:\n")
    assert other.recent[:3] == ("/models/5", "/models/14", "/models/13"), "what the other program opened is there"
    assert len(other.recent) == settings.MOST_RECENT == len(set(other.recent))
    assert other.with_prompt("To be").prompts == ("To be", "ROMEO:\n") == settings.load().prompts
    assert other.with_prompt(" \n").prompts == other.with_prompt("x" * 20_001).prompts == other.prompts
    left = settings.Left("little-world", "the king\ud800" * 5000, ("head-off:0.1",), "compare")
    assert other.with_left(left).problem is None
    kept = settings.load().left
    assert kept is not None and kept == settings.Left(left.model, left.text[:20_000], left.switches, left.screen)


def test_the_last_choice_counts() -> None:
    settings.load().with_theme("paper").with_theme("dusk")
    assert settings.load().theme == "dusk"


def test_a_set_is_replaced_and_forgotten() -> None:
    store = settings.load().with_set("a", ["mask-off"]).with_set("b", ["norm-off"]).with_set("a", ["scale-off"])
    assert settings.load().sets == {"a": ("scale-off",), "b": ("norm-off",)}
    assert store.without_set("a").sets == settings.load().sets == {"b": ("norm-off",)}
    assert store.without_set("never there").problem is None


@hypothesis_settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sets=st.dictionaries(ANY_TEXT, st.lists(ANY_TEXT, max_size=3).map(tuple), max_size=4))
def test_any_name_comes_back(sets: dict[str, tuple[str, ...]]) -> None:
    settings.path().unlink(missing_ok=True)
    store = settings.load()
    for name, switches in sets.items():
        store = store.with_set(name, switches)
    assert settings.load().sets == store.sets == sets


def test_lessons_that_were_walked_through_come_back_from_two_programs() -> None:
    one, other = settings.load(), settings.load()
    one.with_learned("6", True)
    other.with_learned("7", False).with_theme("paper")
    assert settings.load().learned == {"6": True, "7": False}
    assert settings.load().with_learned("7", True).learned == settings.load().learned == {"6": True, "7": True}


def test_two_programs_lose_nothing_of_each_other() -> None:
    one, other = settings.load().with_theme("dusk"), settings.load()
    other.with_set("theirs", ["mask-off"])
    one = one.with_set("mine", ["norm-off"])
    assert set(one.sets) == {"theirs", "mine"} == set(settings.load().sets)
    other.with_set("later", ["scale-off"])
    assert settings.load().theme == "dusk"


def test_what_a_later_version_added_is_kept() -> None:
    settings.path().parent.mkdir(parents=True, exist_ok=True)
    settings.path().write_text('{"keys": {"step": "s"}, "theme": "dusk"}')
    assert settings.load().with_set("a", ["mask-off"]).theme == "dusk"
    assert json.loads(settings.path().read_text()) == {
        "keys": {"step": "s"},
        "theme": "dusk",
        "sets": {"a": ["mask-off"]},
    }


@pytest.mark.parametrize("content", DAMAGED, ids=lambda content: repr(content[:24]))
def test_a_damaged_file_is_set_aside_and_said_once(content: bytes) -> None:
    settings.path().write_bytes(content)
    store = settings.load()
    assert (store.theme, store.sets) == (None, {})
    assert store.problem is not None and "settings.json" in store.problem and "\n" not in store.problem
    aside = settings.path().with_name("settings.json.bad")
    assert aside.read_bytes() == content
    assert settings.load().problem is None
    store.with_set("a", ["mask-off"])
    assert settings.load().sets == {"a": ("mask-off",)} and aside.read_bytes() == content


@pytest.mark.parametrize("kind", ["folder", "fifo", "dangling link"])
def test_what_is_no_file_is_set_aside(kind: str) -> None:
    path = settings.path()
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to("nowhere")
    assert settings.load().problem is not None
    assert settings.load().problem is None
    assert settings.load().with_theme("paper").problem is None


def test_a_damaged_file_that_cannot_be_set_aside_is_never_overwritten() -> None:
    settings.path().write_bytes(b"{")
    aside = settings.path().with_name("settings.json.bad")
    aside.mkdir()
    (aside / "full").touch()
    store = settings.load().with_set("a", ["mask-off"])
    assert store.problem is not None and store.sets == {"a": ("mask-off",)}
    assert settings.path().read_bytes() == b"{"


def test_without_a_place_to_write_the_choice_still_holds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path / "file"))
    store = settings.load()
    assert store.problem is None
    store = store.with_theme("paper").with_set("a", ["mask-off"]).with_set("b", ["norm-off"])
    assert store.problem is not None and "PLAYGROUND_HOME" in store.problem
    assert (store.theme, set(store.sets)) == ("paper", {"a", "b"})


def test_a_write_that_fails_leaves_the_old_file_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    store = settings.load().with_theme("paper")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    store = store.with_theme("dusk")
    assert store.theme == "dusk" and store.problem is not None and "no space left" in store.problem
    assert [path.name for path in settings.path().parent.iterdir()] == ["settings.json"]
    assert settings.load().theme == "paper"


def test_the_file_is_the_persons_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.load().with_theme("paper")
    assert stat.S_IMODE(settings.path().stat().st_mode) == 0o600
    monkeypatch.delenv("PLAYGROUND_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    if os.uname().sysname == "Linux":
        assert settings.path() == tmp_path / "transformer-playground" / "settings.json"
    assert settings.path().name == "settings.json"


def test_how_much_memory_may_be_kept_is_read_and_left_alone_by_what_is_written() -> None:
    settings.path().parent.mkdir(parents=True, exist_ok=True)
    settings.path().write_text('{"memory": 64}')
    assert settings.load().memory == 64 and settings.Settings().memory == 256
    settings.load().with_theme("dark")
    assert settings.load().memory == 64


@pytest.mark.parametrize("kind", ["fifo", "link", "none"])
def test_a_fault_of_ours_is_logged_in_a_file_and_nowhere_else(kind: str, tmp_path: Path) -> None:
    log = settings.path().with_name("playground.log")
    log.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "outside").write_text("mine")
    if kind == "fifo":
        os.mkfifo(log)
    elif kind == "link":
        log.symlink_to(tmp_path / "outside")
    handler = settings.Log()
    handler.handle(logging.LogRecord("it", logging.ERROR, "", 0, "a fault", None, None))
    handler.close()
    assert (tmp_path / "outside").read_text() == "mine"
    if kind == "none":
        assert log.read_text() == "a fault\n"
