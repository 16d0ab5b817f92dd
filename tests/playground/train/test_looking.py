"""Looks at the runs on the disk: one after the other, each told where it fails, and none hides what is known."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from models.errors import UserError
from models.runs import catalogue, lock
from models.runs.history import History
from playground.train import library
from playground.train.library import Known
from tests.playground.train.runs_on_screen import at, make, told
from tests.playground.waiting import PATIENCE


async def test_an_older_look_never_replaces_a_newer(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look is slow, a run appears, the second look sees it: it stays in the list."""
    async with at(runs) as person:
        read, gate, begun, looks = library.read, threading.Event(), threading.Event(), 0

        def slow_at_first(folder: Path) -> dict[str, Known]:
            nonlocal looks
            looks += 1
            found = read(folder)
            begun.set()
            if looks == 1:
                assert gate.wait(PATIENCE)
            return found

        monkeypatch.setattr(library, "read", slow_at_first)
        person.train.find()
        await person.until(begun.is_set)
        make(runs, "newest", (0,))
        for _ in range(5):
            person.train.find()
        await person.pilot.pause()
        gate.set()
        await person.until(lambda: looks == 2 and not person.train.looking)
        assert set(person.train.runs) == {"old", "new", "newest"} and looks == 2, "five questions at once are one"


async def test_a_look_at_some_runs_does_not_keep_all_from_being_read(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = lock.Lock(runs / "new")
    async with at(runs) as person:
        again, gate, begun = library.again, threading.Event(), threading.Event()

        def slow(folder: Path, known: Mapping[str, Known]) -> dict[str, Known]:
            found = again(folder, known)
            begun.set()
            assert gate.wait(PATIENCE)
            return found

        monkeypatch.setattr(library, "again", slow)
        await person.until(begun.is_set)  # the screen looks by itself at what others train
        holder.release()
        make(runs, "newest", (0,))
        person.train.find()
        gate.set()
        await person.until(lambda: "newest" in person.train.runs)
        assert not person.train.runs["new"].elsewhere, "what is newer stands"


async def test_what_another_program_does_to_runs_is_seen_without_leaving_the_screen(runs: Path) -> None:
    async with at(runs) as person:
        untouched = person.train.runs["new"]
        make(runs, "theirs", (0,))
        catalogue.delete(runs / "old")
        person.train.look_again()  # as it does by itself every other second
        await person.until(lambda: set(person.train.runs) == {"new", "theirs"})
        assert "theirs" in person.sees("runs") and "old" not in person.sees("runs")
        log = History(runs / "theirs")  # gone on with, and left again, between two looks
        log.append(told(runs / "theirs", (30,))[1])
        log.close()
        person.train.look_again()
        await person.until(lambda: person.train.runs["theirs"].record.step == 30)
        assert person.train.runs["new"] is untouched, "what nobody wrote into is not read again"


async def test_a_look_that_fails_is_told_once_and_hides_no_run(
    runs: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with at(runs) as person:
        read = library.read

        def refused(_folder: Path) -> dict[str, Known]:
            raise UserError("the folder of runs cannot be read", "look at its permissions")

        def broken(_folder: Path) -> dict[str, Known]:
            raise OverflowError("int too large to convert to float")

        async def look() -> None:
            person.train.find()
            await person.until(lambda: not person.train.looking)

        monkeypatch.setattr(library, "read", refused)
        await look()
        await look()
        assert person.notices == ["the folder of runs cannot be read - look at its permissions"]
        monkeypatch.setattr(library, "read", broken)
        await look()
        assert "a fault of ours: OverflowError" in person.notices[-1] and "OverflowError" in caplog.text
        assert set(person.train.runs) == {"old", "new"}
        monkeypatch.setattr(library, "read", read)
        await look()
        assert len(person.notices) == 2
        monkeypatch.setattr(library, "read", refused)
        await look()
        assert len(person.notices) == 3, "after it went well, the same fault is news"


async def test_a_damaged_run_is_one_line_that_says_what_is_wrong(runs: Path) -> None:
    make(runs, "cut", (0,))
    (runs / "cut" / "run.json").write_text("{")
    async with at(runs, (160, 48)) as person:
        await person.press("7", "down", "down")
        line = next(line for line in person.sees("runs").split("\n") if " cut" in line)
        assert line.startswith("●· ✗ cut") and str(runs)[:8] in line and len(person.train.runs) == 3
        assert "run.json is not valid JSON" in " ".join(person.sees("loss").split())
        await person.press("R", "o", "m")
        assert person.app.is_running and (runs / "cut").exists()
