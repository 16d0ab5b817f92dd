"""The training process as the app sees it, with stand-ins that say anything: events, nonsense, floods, silence."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from models.errors import UserError
from models.runs import TrainConfig
from models.runs.events import MAX_LINE, Ended, Event, Failed, Paused, Started, Stepped, encode
from playground.train import child
from playground.train.child import AT_ONCE, Child, Gone, ending
from playground.train.record import Record
from tests.playground.waiting import PATIENCE, in_time

STARTED = Started("run", 0, TrainConfig().as_dict(), 10, 100, 10, 65, 1, 1, "float32")


def stepped(step: int) -> Stepped:
    return Stepped(step, 0.5, step * 10, float(step), 2.5, 1e-3, 1.0, 100.0, 1e9, 1 << 20, 1.0)


class Heard:
    """Starts stand-ins, and waits for what they say."""

    def __init__(self) -> None:
        self.news = 0
        self.event = threading.Event()
        self.children: list[Child[Record]] = []

    def __call__(self, code: str, *, take: bool = True) -> Child[Record]:
        def post(process: Child[Record]) -> None:
            self.news += 1
            if take:
                process.take()
            self.event.set()

        script = f"import os, signal, sys, time\n{code}"
        made = Child([sys.executable, "-c", script], Record(), Record.after, post)
        self.children.append(made)
        return made

    def until(self, true: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end, "it never came"
            time.sleep(0.005)


@pytest.fixture
def heard() -> Iterator[Heard]:
    made = Heard()
    yield made
    for process in made.children:
        process.leave()
        if not process.wait(0.1):
            os.kill(process.process, signal.SIGKILL)
            assert process.wait(PATIENCE)


def says(*events: Event) -> str:
    lines = "".join(encode(event) + "\n" for event in events)
    return f"sys.stdout.write({lines!r}); sys.stdout.flush()\n"


def over(process: Child[Any], seconds: float = PATIENCE) -> Gone:
    assert process.wait(seconds), "it is still there"
    assert process.gone is not None
    return process.gone


def test_events_become_a_record_and_its_own_words_say_how_it_ended(heard: Heard) -> None:
    end = Ended(7, "done after 7 steps", 0, True, 7, 2.0)
    process = heard(says(STARTED, stepped(3), stepped(7), end))
    gone = over(process)
    record = process.take()
    assert (record.step, record.state, len(record.curve)) == (7, "done", 2)
    assert gone == Gone(0, "done after 7 steps", orderly=True)
    assert heard.news >= 1, "that it is gone is said"


def test_commands_reach_it_one_line_each(heard: Heard) -> None:
    echo = "for line in sys.stdin: sys.stderr.write(line); sys.stderr.flush()\n"
    process = heard(echo)
    for do in ("pause", "step", "continue", "stop"):
        process.tell(do)
    heard.until(lambda: len(process.log) == 4)
    assert [json.loads(line)["do"] for line in process.log] == ["pause", "step", "continue", "stop"]


def test_leaving_closes_its_input_and_it_saves_without_being_killed(heard: Heard, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    process = heard(f"sys.stdin.read(); time.sleep(0.3); open({str(saved)!r}, 'w').write('all')\n")
    process.leave()
    assert not process.wait(0.05), "it has the time that it needs"
    assert over(process).status == 0 and saved.read_text() == "all"


def test_it_outlives_an_app_that_is_killed_just_long_enough_to_save(tmp_path: Path) -> None:
    """No orphan: the end of the app is the end of its input."""
    saved, number = tmp_path / "saved", tmp_path / "number"
    begin = f"import os, sys; open({str(number)!r}, 'w').write(str(os.getpid()))"
    code = f"{begin}; sys.stdin.read(); open({str(saved)!r}, 'w')"
    app = (
        "import sys, time\nfrom playground.train.child import Child\n"
        f"Child([sys.executable, '-c', {code!r}], 0, lambda state, event: state, print)\ntime.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", app], cwd=Path(child.__file__).parents[2])
    heard = Heard()
    heard.until(lambda: number.exists() and number.read_text() != "")
    process.kill()
    process.wait()
    heard.until(saved.exists)
    heard.until(lambda: not _alive(int(number.read_text())))


def _alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


NONSENSE = (
    "no json", "{}", "[]", '{"event": "none"}', '{"event": "stepped", "step": "x"}', "\x1b]0;x\x07", "\ufffd",
    "[" * 5000, '{"event": "saved", "step": 1, "more": 2}', "null", '{"event": "saved"}',
    '{"event": "saved", "step": NaN}',
)  # fmt: skip


def test_nonsense_is_counted_and_what_is_no_nonsense_is_heard(heard: Heard) -> None:
    lines = "".join(f"{line}\n" for line in NONSENSE)
    process = heard(
        f"sys.stdout.buffer.write({lines!r}.encode() + b'\\xff\\xfe\\x00\\n\\n')\nsys.stdout.flush()\n"
        + says(STARTED, stepped(5))
    )
    over(process)
    assert process.nonsense == len(NONSENSE) + 2 and process.take().step == 5
    assert 0 < len(process.odd) <= 5


def test_an_event_that_cannot_follow_is_nonsense_too(heard: Heard) -> None:
    def fold(count: int, event: Event) -> int:
        if count == 1:
            raise KeyError(event)
        return count + 1

    argv = [sys.executable, "-c", "import sys\n" + says(stepped(1), stepped(2), stepped(3))]
    process = Child(argv, 0, fold, lambda process: None)
    assert process.wait(PATIENCE) and process.take() == 1 and process.nonsense == 2


def test_a_line_without_end_takes_no_memory(heard: Heard) -> None:
    process = heard(
        f"for _ in range({8 * MAX_LINE // 65536}): sys.stdout.write('x' * 65536)\n"
        "sys.stdout.write('\\n')\nsys.stdout.flush()\n"
        "for _ in range(40): sys.stderr.write('y' * 65536)\n" + says(stepped(2))
    )
    over(process)
    assert process.nonsense == 1 and process.take().step == 2
    assert all(len(line) <= child.LONGEST for line in (*process.odd, *process.log))


def test_a_flood_is_a_few_pieces_of_news(heard: Heard) -> None:
    many = 10_000
    begun = time.monotonic()
    line = encode(stepped(1)).replace('"step": 1,', '"step": %d,')
    process = heard(says(STARTED) + f"for step in range(1, {many} + 1): print({line!r} % step)\n")
    over(process)
    seconds = time.monotonic() - begun
    record = process.take()
    assert record.step == many and len(record.curve) == many and process.nonsense == 0
    assert heard.news <= seconds / child.EVERY + 3, "news comes no faster than pictures are drawn"


def test_the_first_news_comes_at_once_however_young_the_clock(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts from the machine's start."""
    monkeypatch.setattr(child, "time", SimpleNamespace(monotonic=lambda: child.EVERY / 10))
    heard(says(STARTED) + "sys.stdin.read()")
    heard.until(lambda: heard.news > 0)


def test_there_is_no_news_while_the_last_was_not_heard(heard: Heard) -> None:
    process = heard("for _ in range(8): print('x', flush=True); time.sleep(0.1)\ntime.sleep(60)", take=False)
    heard.until(lambda: process.nonsense == 8)
    assert heard.news == 1
    process.take()
    heard.until(lambda: heard.news == 2)


def test_one_that_is_killed(heard: Heard) -> None:
    process = heard(says(STARTED, stepped(12)) + "time.sleep(60)")
    heard.until(lambda: process.take().step == 12)
    os.kill(process.process, signal.SIGKILL)
    gone = over(process)
    assert gone.status == -9 and not gone.orderly
    assert "killed (SIGKILL) after step 12" in gone.says and "continue it" in gone.says


def test_one_that_crashes_leaves_its_last_words(heard: Heard) -> None:
    process = heard("sys.stderr.write('line\\n' * 1000)\nraise RuntimeError('broken')")
    gone = over(process)
    assert gone.status == 1 and not gone.orderly and "exit status 1" in gone.says
    assert process.log[-1] == "RuntimeError: broken" and len(process.log) == child.KEPT


def test_bad_input_is_told_in_its_own_sentence(heard: Heard) -> None:
    process = heard(says(Failed("there is no such text - check the path", 2)) + "sys.exit(2)")
    assert over(process) == Gone(2, "there is no such text - check the path", orderly=True)


def test_what_it_logs_is_not_taken_for_its_own_sentence(heard: Heard) -> None:
    process = heard("sys.stderr.write('error: a line of some library\\n'); sys.exit(2)")
    gone = over(process)
    assert not gone.orderly and "with exit status 2" in gone.says and process.log[-1].startswith("error: ")


def test_a_process_of_its_own_that_holds_the_pipes_keeps_nobody_waiting(heard: Heard) -> None:
    process = heard("if os.fork() == 0: time.sleep(5); os._exit(0)\nos._exit(3)")
    assert over(process, 3).status == 3


def test_what_says_goodbye_and_then_crashes_is_a_crash() -> None:
    end = Ended(3, "done", 0, True, 3)
    assert ending(0, end, 3).orderly and not ending(-11, end, 3).orderly
    assert "SIGSEGV" in ending(-11, end, 3).says and "signal 250" in ending(-250, None, 0).says
    assert ending(70, Failed("a fault of ours", 70), 0) == Gone(70, "a fault of ours", orderly=False)


def test_telling_one_that_is_gone_is_no_fault(heard: Heard) -> None:
    process = heard("")
    over(process)
    process.tell("pause")
    process.leave()
    process.leave()


def test_one_that_never_listens_holds_nobody_up(heard: Heard) -> None:
    process = heard("time.sleep(60)")

    def tell() -> None:
        for _ in range(10_000):
            process.tell("pause")

    in_time(tell)


def test_a_program_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(UserError, match="cannot be started"):
        Child(["/nowhere/at/all"], 0, lambda state, event: state, print)


def test_what_lies_in_the_working_folder_is_not_taken_for_a_module(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "playground.py").write_text("raise SystemExit('taken')")
    monkeypatch.chdir(tmp_path)
    assert "-P" in child.command("train")
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    assert "-P" not in child.command("train"), "started as python -m playground, the folder is where it lies"


def test_what_it_wrote_just_before_it_ended_is_heard(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends between a look at its pipes and a look at the process, as it may on a busy machine."""
    looked: list[int] = []

    def too_early(*pipes: Any) -> tuple[list[int], list[int], list[int]]:
        if looked:
            return select.select(*pipes)
        looked.append(1)
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)  # until it has ended; it is not taken note of
        except ChildProcessError:  # it had ended, and that was noted, before this look
            return select.select(*pipes)
        return [], [], []

    monkeypatch.setattr(child, "select", SimpleNamespace(select=too_early))
    process = heard(says(STARTED, Ended(0, "as asked", 0, True, 0)))
    heard.until(lambda: process.gone is not None)
    assert process.gone == Gone(0, "as asked", orderly=True)


def test_silence_is_counted_from_the_last_word_of_one_that_was_told_something() -> None:
    now = [100.0]
    answer = encode(Paused(1)) + "\n"
    script = f"import sys\nfor line in sys.stdin: sys.stdout.write({answer!r}); sys.stdout.flush()\n"
    process = Child(
        [sys.executable, "-c", script], 0, lambda count, _event: count + 1, lambda _child: None, lambda: now[0]
    )

    def answers(count: int) -> None:
        end = time.monotonic() + PATIENCE
        while process.take() < count:
            assert time.monotonic() < end, "it never came"
            time.sleep(0.005)

    now[0] = 500.0
    assert process.silence() == 0, "it was told nothing"
    process.tell("pause")
    answers(1)
    now[0] = 600.0
    assert process.silence() == 0, "it has answered"
    process.tell("stop")
    answers(2)
    now[0] = 607.0
    assert process.silence() == 7, "what it says is a sign of life, and no end"
    process.tell("stop")
    answers(3)
    now[0] = 610.0
    assert process.silence() == 3
    process.leave()
    assert over(process).status == 0 and process.silence() == 0


def test_it_is_killed_only_when_that_is_asked_for(heard: Heard) -> None:
    process = heard("time.sleep(600)\n")
    os.kill(process.process, signal.SIGSTOP)
    process.kill()
    assert over(process) == Gone(-signal.SIGKILL, AT_ONCE, orderly=True)
