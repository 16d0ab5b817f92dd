"""Runs that the Train screen starts, steers and ends, with stand-ins for the process."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.runs.events import (
    Ended,
    Failed,
    Saved,
    Scored,
    Warned,
    encode,
)
from models.runs.measurement import Measurement
from playground.kit.dialogs import Confirm, Help
from playground.train.child import AT_ONCE, Gone
from playground.train.new_run import NewRun
from playground.train.scene import choose
from tests.playground.train.runs_on_screen import at, make, says, told
from tests.playground.waiting import PATIENCE

LISTEN = "for line in sys.stdin: sys.stderr.write(line); sys.stderr.flush()\n"


async def test_a_stopped_run_is_continued_and_told(runs: Path, stand_in: Callable[[str], list[list[str]]]) -> None:
    started = stand_in(says(told(runs / "new", ())[0]) + LISTEN)
    async with at(runs) as person:
        await person.press("c")
        assert started == [["train", "--resume", str(runs / "new"), "--events"]]
        await person.until(lambda: person.train.runs["new"].record.state == "running")
        process = person.train.runner.child
        assert process is not None
        await person.press("space", "full_stop", "X")
        await person.until(lambda: len(process.log) == 3)
        assert [line.split('"')[3] for line in process.log] == ["pause", "step", "stop"]
        await person.press("delete")
        assert "stop it first" in person.notices[-1]
        await person.press("n")
        assert isinstance(person.app.screen, NewRun)
    assert process.wait(PATIENCE), "the end of the app is the end of its input"


async def test_what_can_be_done_is_said_with_the_keys_of_the_screen(
    runs: Path, stand_in: Callable[[str], list[list[str]]]
) -> None:
    """The command that a command line prints is its own; here keys do it."""
    stopped = Ended(20, "stopped as asked after step 20", 0, False, 20, 1.1, "playground train --resume /x")
    stand_in(says(told(runs / "new", ())[0]) + "sys.stdin.readline()\n" + says(stopped))
    async with at(runs) as person:
        await person.press("c", "X")
        await person.until(lambda: "new: stopped as asked after step 20 - c continues it" in person.notices)
        await person.until(lambda: not person.train.runner.is_alive)
        assert not any("--" in notice for notice in person.notices) and "--resume" not in person.sees("runs")


async def test_the_end_of_a_run_is_told_with_its_held_out_loss(
    runs: Path, stand_in: Callable[[str], list[list[str]]]
) -> None:
    scored = Scored(20, Measurement(math.log(2), 900, 1000, 0.01 * math.log(2), 9, 900, "character", True))
    stand_in(says(told(runs / "new", ())[0], scored, Ended(40, "done after 40 steps", 0, True, 40)))
    async with at(runs) as person:
        await person.press("c")
        said = "1.000 ± 0.010 bits a character on 900 of 1,000 held-out characters (no fair score: it sees the answers)"
        await person.until(
            lambda: any("done after 40 steps" in each and f"held-out loss {said}" in each for each in person.notices)
        )


async def test_only_one_trains_at_a_time(runs: Path, stand_in: Callable[[str], list[list[str]]]) -> None:
    end = Ended(0, "stopped as asked", 0, False, 0)
    started = stand_in(says(told(runs / "new", ())[0]) + "sys.stdin.readline()\n" + says(end))
    async with at(runs) as person:
        await person.press("c")
        first = person.train.runner.child
        await person.press("7", "down", "R")
        assert isinstance(person.app.screen, Confirm) and "one runs at a time" in person.dialog
        assert "new is being trained" in person.dialog and "begin old again from step 0" in person.dialog
        await person.pilot.press("escape")
        assert len(started) == 1 and first is not None and first.gone is None
        await person.press("R", "y")
        await person.until(lambda: len(started) == 2)
        assert first.gone is not None and first.gone.orderly
        assert "--paused" in started[1] and str(runs / "old-2") in started[1], "beside the old one"
        assert str(runs.parent / "text.txt") in started[1]


async def test_a_run_is_deleted_after_a_question(runs: Path) -> None:
    async with at(runs) as person:
        await person.press("delete", "enter")
        assert (runs / "new").exists(), "the first answer keeps it"
        await person.press("D", "tab", "enter")
        await person.until(lambda: set(person.train.runs) == {"old"})
        assert not (runs / "new").exists() and person.train.view.run == "old"


async def test_the_run_below_is_chosen_after_one_that_is_deleted(runs: Path) -> None:
    make(runs, "other", (0,))
    async with at(runs) as person:
        assert list(person.train.runs) == ["other", "new", "old"]

        async def deleted(name: str) -> str:
            person.train.see(choose(person.train.view, name))
            await person.press("D", "y")
            await person.until(lambda: f"{name} is deleted" in person.notices and name not in person.train.runs)
            return person.train.view.run

        assert [await deleted(name) for name in ("new", "old", "other")] == ["old", "other", ""]


async def test_nonsense_a_flood_and_a_crash(
    runs: Path, stand_in: Callable[[str], list[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screen stays alive, draws a few pictures, and says what happened with the last words."""
    stand_in(
        "print('[/] \\x1b]0;x\\x07 no event')\n"
        + says(*told(runs / "new", ()))
        + f"line = {encode(told(runs / 'new', (10,))[1])!r}\n"
        "for step in range(1, 10001): print(line.replace('\"step\": 10,', '\"step\": %d,' % step))\n"
        "sys.stdout.flush(); sys.stdin.readline()\n"
        "sys.stderr.write('Traceback\\n[@click=app.quit]MemoryError\\x1b[31m\\n'); os._exit(9)\n"
    )  # fmt: skip
    async with at(runs) as person:
        drawn = 0
        train, draw = person.train, person.train.board.draw

        def counted(*scene: Any) -> None:
            nonlocal drawn
            drawn += 1
            draw(*scene)

        monkeypatch.setattr(train.board, "draw", counted)
        begun = time.monotonic()
        await person.press("c")
        await person.until(lambda: train.runs["new"].record.step == 10_000)
        assert drawn < 12 * (time.monotonic() - begun) + 8
        assert "no event" in person.notices[-1]
        await person.press("space")
        await person.until(lambda: isinstance(person.app.screen, Help))
        assert "exit status 9" in person.dialog and "MemoryError" in person.dialog and "1 line" in person.dialog
        assert "\x1b" not in person.dialog
        await person.pilot.press("escape")
        assert train.runs["new"].record.state == "died" and "✗ died" in person.sees("status")
        await person.press("g")
        assert "MemoryError" in person.dialog


async def test_what_the_run_warns_of_is_told_once(runs: Path, stand_in: Callable[[str], list[list[str]]]) -> None:
    full = [Warned(f"checkpoint at step {step} not saved: disk full", "save") for step in (1, 2, 3)]
    stand_in(says(told(runs / "new", ())[0], *full, Warned("the loss jumps")) + LISTEN)
    async with at(runs) as person:
        await person.press("c")
        await person.until(lambda: len(person.train.runs["new"].record.warnings) == 4)
        assert 1 <= len(person.notices) <= 2 and "the loss jumps" in person.notices[-1]


async def test_a_run_that_is_continued_starts_and_one_that_is_refused_is_as_it_was(
    runs: Path, stand_in: Callable[[str], list[list[str]]]
) -> None:
    failed = says(Failed("another process trains it - stop it there", 2))
    stand_in(f"sys.stdin.read(1)\n{failed}sys.exit(2)")
    async with at(runs) as person:
        await person.press("c")
        assert person.train.runs["new"].record.state == "waiting" and "starting" in person.sees("status")
        process = person.train.runner.child
        assert process is not None
        process.leave()
        await person.until(lambda: any("another process" in notice for notice in person.notices))
        await person.until(lambda: person.train.runs["new"].record.state == "stopped")
        assert not person.train.runner._lost


async def test_a_run_that_cannot_begin_is_not_in_the_list(
    runs: Path, stand_in: Callable[[str], list[list[str]]]
) -> None:
    stand_in(says(Failed("training needs torch - pip install it", 2)) + "sys.exit(2)")
    async with at(runs) as person:
        await person.press("R", "y")
        await person.until(lambda: any("training needs torch" in notice for notice in person.notices))
        await person.until(lambda: set(person.train.runs) == {"new", "old"} and person.train.view.run == "new")


async def test_an_app_that_ends_waits_for_the_run_to_be_saved(
    runs: Path, tmp_path: Path, stand_in: Callable[[str], list[list[str]]]
) -> None:
    saved = tmp_path / "saved"
    stand_in(says(told(runs / "new", ())[0]) + f"sys.stdin.read(); time.sleep(0.5); open({str(saved)!r}, 'w')\n")
    async with at(runs) as person:
        await person.press("c")
        await person.until(lambda: person.train.runs["new"].record.state == "running")
        await person.pilot.press("ctrl+q")
        await person.until(lambda: not person.app.is_running)
        assert saved.exists()


async def test_one_that_does_not_end_is_neither_waited_for_nor_killed(
    runs: Path, stand_in: Callable[[str], list[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(says(told(runs / "new", ())[0]) + "time.sleep(60)\n")
    monkeypatch.setattr("playground.train.screen.PATIENCE", 0.3)
    async with at(runs) as person:
        await person.press("c")
        await person.until(lambda: person.train.runs["new"].record.state == "running")
        await person.pilot.press("q")
        await person.until(lambda: not person.app.is_running)
    process = person.train.runner.child
    assert process is not None and process.gone is None
    os.kill(process.process, signal.SIGKILL)
    assert process.wait(PATIENCE)


async def test_one_that_does_not_answer_is_spoken_of_and_can_be_ended_at_once(
    runs: Path, stand_in: Callable[[str], list[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real process, held up by a signal: it never answers, however fast the machine is."""
    stand_in(says(told(runs / "new", (10,))[0], Saved(10)) + LISTEN)
    monkeypatch.setattr("playground.train.screen.AGAIN", 0.05)
    monkeypatch.setattr("playground.train.runner.DEAF", 0.2)
    async with at(runs) as person:
        await person.press("c")
        await person.until(lambda: person.train.runs["new"].record.state == "running")
        process = person.train.runner.child
        assert process is not None and process.silence() == 0, "it was told nothing yet"
        os.kill(process.process, signal.SIGSTOP)
        await person.press("X")
        assert "saving new ..." in person.notices
        await person.until(lambda: any("does not answer" in notice for notice in person.notices))
        deaf = [notice for notice in person.notices if "does not answer" in notice]
        assert len(deaf) == 1 and "wait, or end it at once (X)" in deaf[0] and "the checkpoint of step 10" in deaf[0]
        await person.press("X", "enter")
        assert process.gone is None, "the first answer waits"
        await person.press("X", "y")
        await person.until(lambda: process.gone and not person.train.runner.is_alive)
        assert process.gone == Gone(-signal.SIGKILL, AT_ONCE, orderly=True)
        await person.until(lambda: f"new: {AT_ONCE}" in person.notices)
        assert person.app.screen is person.train and "onward" in [key.action for key in person.train.usable]


async def test_one_that_waited_for_it_begins_when_it_is_ended(
    runs: Path, stand_in: Callable[[str], list[list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    started = stand_in(says(told(runs / "new", ())[0]) + "time.sleep(600)\n")
    monkeypatch.setattr("playground.train.screen.AGAIN", 0.05)
    monkeypatch.setattr("playground.train.runner.DEAF", 0.2)
    async with at(runs) as person:
        await person.press("c")
        await person.until(lambda: person.train.runs["new"].record.state == "running")  # else it is heard later on
        first = person.train.runner.child
        assert first is not None
        await person.press("7", "down", "R")
        await person.until(lambda: isinstance(person.app.screen, Confirm))
        await person.press("y")
        await person.until(lambda: any("nothing of it was saved" in notice for notice in person.notices))
        await person.press("up")
        await person.until(lambda: person.train.runner.is_deaf)
        await person.press("X")
        await person.until(lambda: isinstance(person.app.screen, Confirm))
        await person.press("y")
        await person.until(lambda: len(started) == 2)
        assert first.gone is not None and "--paused" in started[1]


async def test_a_run_that_has_come_to_its_end_says_what_is_next(
    runs: Path, stand_in: Callable[[str], list[list[str]]]
) -> None:
    stand_in(says(told(runs / "new", ())[0], Ended(40, "done after 40 steps", 0, True, 40, 0.7)))
    async with at(runs) as person:
        await person.press("c")
        await person.until(lambda: "new: done after 40 steps - o opens it in Play" in person.notices)
        await person.press("7", "down")
        ended = "old has come to its end - begin it again (R), or start a run from its model (n)"
        for key in ("c", "space", "full_stop", "X"):
            before = len(person.notices)
            await person.press(key)
            assert person.notices[before:] == [ended], key
