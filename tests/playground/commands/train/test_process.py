"""The train command as a process: driven by lines, ended by signals and kills, resumed, under torchrun."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO, NoReturn

import pytest

import models
from models.runs import events
from models.runs.checkpoints import Checkpoints
from models.runs.events import Ended, Event, Failed, Started, Working
from models.runs.lock import holder
from playground.cli import main
from playground.commands.train import training_options as options
from tests.conftest import ROOT
from tests.models.training.two_processes import free_port, meet
from tests.playground.commands.train.small_texts import SMALL, lines_of
from tests.playground.program import start
from tests.playground.waiting import PATIENCE

LONG = [*SMALL, "--eval-every", "500", "--save-every", "20", "--steps", "1000000"]


# the process


class Forked:
    """The program in a process of its own that has torch already, as this one does: two seconds less than a new one."""

    stdin: IO[bytes]
    stdout: IO[bytes]
    stderr: IO[bytes]

    def __init__(self, *argv: object, begin: Callable[[], None] = lambda: None) -> None:
        pipes = [os.pipe() for _ in range(3)]
        self.pid = os.fork()
        if not self.pid:
            begin()
            self._be([str(word) for word in argv], pipes)
        (own, stdin), (stdout, other), (stderr, third) = pipes
        for descriptor in (own, other, third):
            os.close(descriptor)
        self.stdin, self.stdout, self.stderr = (
            os.fdopen(*each) for each in ((stdin, "wb"), (stdout, "rb"), (stderr, "rb"))
        )

    def _be(self, argv: list[str], pipes: list[tuple[int, int]]) -> NoReturn:
        status = 99
        try:
            for number, pipe in enumerate(pipes):
                os.dup2(pipe[min(number, 1)], number)
            os.closerange(3, 64)
            sys.stdin, sys.stdout, sys.stderr = (os.fdopen(*each) for each in ((0, "r"), (1, "w"), (2, "w")))
            sys.argv = ["playground", *argv]
            status = main(argv)
            sys.stderr.flush()
        finally:
            os._exit(status)

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait(self) -> int:
        """Its status, negative for the signal that killed it."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.01)
        raise TimeoutError

    def end(self) -> tuple[int, list[Event], str]:
        """Its status, the rest of what it says, and its standard error; its input is closed."""
        self.stdin.close()
        out, err = self.stdout.read(), self.stderr.read()
        return self.wait(), lines_of(out.decode()), err.decode()

    def until(self, *kinds: str) -> list[Event]:
        """What it says up to the first event of these kinds; who says nothing for too long is ended."""
        found: list[Event] = []
        lost = threading.Timer(PATIENCE, self.send_signal, [signal.SIGKILL])
        lost.start()
        try:
            while not found or type(found[-1]).__name__.lower() not in kinds:
                line = self.stdout.readline()
                assert line, f"it ended: {found[-3:]} {self.stderr.read().decode()}"
                found.append(events.decode(line.decode()))
        finally:
            lost.cancel()
        return found


class Begun(Forked):
    """The same, begun from nothing."""

    def __init__(self, *argv: object) -> None:
        self.process = start(*map(str, argv), stdin=subprocess.PIPE)
        assert self.process.stdin and self.process.stdout and self.process.stderr
        self.stdin, self.stdout, self.stderr = self.process.stdin, self.process.stdout, self.process.stderr
        self.pid = self.process.pid

    def wait(self) -> int:
        return self.process.wait(PATIENCE)

    def tell(self, line: str) -> None:
        self.stdin.write(line.encode() + b"\n")
        self.stdin.flush()

    def do(self, *commands: str) -> None:
        for each in commands:
            self.tell(json.dumps({"do": each}))


def names(found: list[Event]) -> list[str]:
    """The kinds of all that happened beside the work between steps."""
    return [type(event).__name__.lower() for event in found if not isinstance(event, Working)]


def test_it_is_watched_and_driven_by_lines(text_file: Path, tmp_path: Path) -> None:
    """The whole protocol in one process, and what others see of its folder meanwhile."""
    run = Begun("train", text_file, "--out", tmp_path / "r", *LONG, "--events", "--paused")
    begun = run.until("paused")
    assert names(begun) == ["started", "sampled", "snapshot", "saved", "paused"]
    assert (
        isinstance(started := next(each for each in begun if isinstance(each, Started)), Started)
        and started.process == run.pid
    )
    assert os.getpriority(os.PRIO_PROCESS, run.pid) >= options.NICE
    status, said, err = Forked("train", "--resume", tmp_path / "r").end()
    assert (status, said) == (2, []) and f"is in use by process {started.process}" in err and err.count("\n") == 1

    for line in ("nonsense", '{"do": "dance"}', '["do"]', "x" * 100_000, "\xff"):
        run.tell(line)
        assert names(run.until("warned")) == ["warned"]
    run.tell("")
    run.do("step", "step")
    steps = [getattr(run.until("stepped")[-1], "step", 0)]
    while steps[-1] < 2:  # unless the first still waited to be written, and became one with the second
        steps.append(getattr(run.until("stepped")[-1], "step", 0))
    assert steps in ([1, 2], [2])
    run.do("save")
    assert names(run.until("saved")) == ["saved"]
    run.do("continue")
    assert names(run.until("continued", "stepped")) == ["continued"]
    run.until("stepped")
    run.do("pause")
    run.until("paused")
    run.do("stop")
    status, rest, err = run.end()
    assert (status, err) == (0, "")
    assert isinstance(ended := rest[-1], Ended) and (ended.status, ended.done) == (0, False)
    assert "--resume" in ended.onward and "held_out" in models.load(tmp_path / "r").training


def test_the_end_of_its_input_and_a_closed_pipe_save_and_leave(text_file: Path, tmp_path: Path) -> None:
    run = Forked("train", text_file, "--out", tmp_path / "r", *LONG, "--events")
    run.until("stepped")
    status, rest, err = run.end()  # which closes its input
    assert (status, err) == (0, "") and isinstance(ended := rest[-1], Ended) and ended.step >= 1
    assert "its input ended" in ended.why

    again = Forked("train", "--resume", tmp_path / "r", "--events")
    assert isinstance(started := again.until("started")[-1], Started) and started.step == ended.step
    again.until("stepped")
    again.stdout.close()
    assert again.wait() == 141 and again.stderr.read() == b""
    assert models.load(tmp_path / "r").training["steps"] > ended.step


@pytest.mark.parametrize("words", [["--out", "r"], ["--resume", "nowhere"], ["/nowhere.txt", "--out", "r"]])
def test_what_cannot_be_done_is_an_event_too(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    status, (failed,), err = Forked("train", *words, "--events").end()
    assert isinstance(failed, Failed) and failed.status == status == 2
    assert err == f"error: {failed.why}\n" and " - " in failed.why


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_saves_before_it_ends_the_run(text_file: Path, tmp_path: Path, number: signal.Signals) -> None:
    run = Forked("train", text_file, "--out", tmp_path / "m", *LONG, "--json")
    run.until("stepped")
    run.send_signal(number)
    status, rest, err = run.end()
    assert isinstance(ended := rest[-1], Ended) and ended.status == status == 128 + number
    assert err == f"{ended.why} - go on with: {ended.onward}\n" and f"--resume {tmp_path / 'm'}" in ended.onward
    model = models.load(tmp_path / "m")
    assert model.training["steps"] == ended.step == model.training["best_step"]


def test_killed_and_resumed_through_the_command_it_ends_the_same(text_file: Path, tmp_path: Path) -> None:
    """Killed twice on the way."""
    ends = [*SMALL, "--eval-every", "20", "--save-every", "5", "--dropout", "0.1", "--steps", "80", "--events"]
    kept, killed = tmp_path / "kept", tmp_path / "killed"
    undisturbed = Forked("train", text_file, "--out", kept, *ends)
    undisturbed.until("ended")
    assert undisturbed.end()[0] == 0
    argv: list[object] = ["train", text_file, "--out", killed, *ends]
    for step in (20, 50):
        run = Forked(*argv)
        while getattr(run.until("stepped")[-1], "step", 0) < step:
            pass
        run.send_signal(signal.SIGKILL)
        assert run.wait() == -signal.SIGKILL
        argv = ["train", "--resume", killed, "--events"]
    last = Forked(*argv)
    begun = next(each for each in last.until("ended") if isinstance(each, Started))
    assert last.end()[0] == 0 and 20 <= begun.step < 80
    assert (killed / "model/model.safetensors").read_bytes() == (kept / "model/model.safetensors").read_bytes()


def test_two_processes_train_one_run(text_file: Path, tmp_path: Path) -> None:
    argv, port = ["train", text_file, "--out", tmp_path / "r", *SMALL, "--steps", "8", "--json"], free_port()
    main, other = [Forked(*argv, begin=partial(meet, rank, port)) for rank in range(2)]
    status, told, err = main.end()
    assert status == 0, err
    assert names(told).count("started") == names(told).count("ended") == 1
    assert other.end()[:2] == (0, [])  # only the main one speaks
    assert models.load(tmp_path / "r").training["steps"] == 8


def test_a_torchrun_that_is_killed_leaves_a_saved_run_and_no_process(text_file: Path, tmp_path: Path) -> None:
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    argv = ["-m", "playground", "train", str(text_file), "--out", str(tmp_path / "r"), *LONG, "--json"]
    with subprocess.Popen([*torchrun, *argv], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        assert run.stdout
        while b'"stepped"' not in run.stdout.readline():
            pass
        run.kill()
        rest = run.stdout.read()  # to its end: both processes have left
    assert isinstance(ended := lines_of(rest.decode())[-1], Ended) and ended.status == 143
    assert holder(tmp_path / "r") is None and Checkpoints(tmp_path / "r" / "checkpoints").steps()[-1] == ended.step
