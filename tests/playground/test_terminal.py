"""The program in a real pseudo-terminal: what reaches the terminal, how it ends, and that it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.playground.program import modes_left_on, start, terminal
from tests.playground.waiting import PATIENCE

PAYLOAD = "\x1b]52;c;aGFjaw==\x07\x1b]0;taken\x07[/][red]x[/red]\u202e\u200b\x9b31m"


def test_it_opens_steps_and_leaves_the_terminal_as_it_was(tiny_folder: Path) -> None:
    with terminal("--model", str(tiny_folder), "--prompt", "to be") as it:
        it.wait_for("Next token")
        everything = it.seen
        it.type(" ")
        it.wait_for("6/16")
        everything += it.seen
        it.type("q")
        assert it.process.wait(PATIENCE) == 0
        time.sleep(0.1)
        assert modes_left_on(everything + it.seen) == set()
        assert termios.tcgetattr(it.side) == it.before


LEAVING = [(signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGQUIT, 131), (signal.SIGTERM, 143)]


@pytest.mark.parametrize(("number", "status"), LEAVING)
@pytest.mark.parametrize("shown", ["\x1b[?1049h", "Next token"], ids=["just begun", "at work"])
def test_told_to_leave_it_leaves_the_terminal_as_it_was(
    tiny_folder: Path, number: signal.Signals, status: int, shown: str
) -> None:
    with terminal("--model", str(tiny_folder), "--prompt", "to be") as it:
        it.wait_for(shown)
        it.process.send_signal(number)
        assert it.ended() == (status, set(), True) and b"Traceback" not in it.all


def test_stopped_from_outside_it_goes_on_and_leaves_the_terminal_as_it_was(tiny_folder: Path) -> None:
    with terminal("--model", str(tiny_folder), "--prompt", "to be") as it:
        it.wait_for("Next token")
        for _ in range(2):
            it.process.send_signal(signal.SIGSTOP)
            it.process.send_signal(signal.SIGCONT)
        it.type(" ")
        it.wait_for("6/16")
        it.type("q")
        assert it.ended() == (0, set(), True)


BUSY = """
import os, time
from playground.kit import pane_app, terminal
terminal.PATIENCE = 0.1
class Busy(pane_app.PaneApp):
    def on_mount(self):
        self.call_after_refresh(self.hang)
    def hang(self):
        os.write(1, b"it hangs")
        time.sleep(1e6)
Busy().run()
"""


def test_told_to_leave_while_it_hangs_it_leaves_the_terminal_as_it_was() -> None:
    with terminal(program=(sys.executable, "-c", BUSY)) as it:
        it.wait_for("it hangs")
        it.process.send_signal(signal.SIGTERM)
        assert it.ended() == (143, set(), True)


LEFT = """
import asyncio, os, signal
from playground.kit import pane_app
class Leaves(pane_app.PaneApp):
    def on_mount(self):
        self.call_after_refresh(self.exit)
async def main():
    await Leaves().run_async()
    os.kill(os.getpid(), signal.SIGCONT)
asyncio.run(main())
"""


def test_put_aside_while_it_leaves_it_gives_the_terminal_back_once() -> None:
    """As ctrl+z does in that moment, which the terminal takes for itself again."""
    with terminal(program=(sys.executable, "-c", LEFT)) as it:
        assert it.ended() == (0, set(), True) and b"?1049h" in it.all


FAULTY = """
import sys
from playground import cli
from playground.kit import screen
def broken(self):
    raise RuntimeError("\\x1b[31mbroken")
screen.PaneScreen.explain = broken
sys.exit(cli.main(sys.argv[1:]))
"""


def test_a_fault_of_ours_ends_in_one_sentence_with_a_log(tiny_folder: Path, tmp_path: Path) -> None:
    words = (sys.executable, "-c", FAULTY, "--model", str(tiny_folder), "--prompt", "to be")
    with terminal(program=words, environment={"TMPDIR": str(tmp_path)}) as it:
        it.wait_for("Next token")
        it.type("?")
        assert it.ended() == (70, set(), True) and b"Traceback" not in it.all
        assert b"error: a fault of the program: RuntimeError: \\x1b[31mbroken - please report it with" in it.all
    [log] = tmp_path.glob("playground-*.log")
    assert "RuntimeError" in log.read_text() and "in broken" in log.read_text()


IMPORTING = """
import os, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == {name!r}:
            os.kill(os.getpid(), {number})
sys.meta_path.insert(0, Interrupting())
from playground.__main__ import main
sys.argv[1:] = ["generate", "to be", "--tokens", "1"]
sys.exit(main())
"""


@pytest.mark.parametrize("name", ["playground.cli", "argparse", "models.sampling"])
def test_interrupted_while_it_loads_it_says_nothing(name: str) -> None:
    code = IMPORTING.format(name=name, number=int(signal.SIGINT))
    process = start(program=(sys.executable, "-c", code))
    said, error = process.communicate(timeout=PATIENCE)
    assert process.returncode in (-signal.SIGINT, 130) and (said, error) == (b"", b"")


PAGE_DOWN, F2, F3, F4, CTRL_P, CTRL_Q = "\x1b[6~", "\x1bOQ", "\x1bOR", "\x1bOS", "\x10", "\x11"
BESIDE = "\x1b[<0;2;2M\x1b[<0;2;2m"  # a click in the corner
ESCAPE = "\x1b[27u"


def test_bursts_beside_a_dialog_end_nothing_but_the_dialog(tiny_folder: Path) -> None:
    with terminal("--model", str(tiny_folder), "--prompt", "to be") as it:
        it.wait_for("Next token")
        it.type("?" + 3 * BESIDE)
        it.type_until(ESCAPE, "?", "esc")
        it.type(3 * BESIDE)
        it.type_until(ESCAPE, CTRL_P + PAGE_DOWN + PAGE_DOWN, "All commands")
        it.type("step" + 3 * "\r")
        it.wait_for("6/16")
        it.type("q")
        assert it.ended() == (0, set(), True) and b"Traceback" not in it.all


@pytest.mark.parametrize("burst", [F3 + "n" + CTRL_Q, F4 + F3 + "n\x13" + CTRL_Q, "]]n[[" + CTRL_Q], ids=repr)
def test_leaving_in_the_midst_of_a_burst_is_leaving(tiny_folder: Path, tmp_path: Path, burst: str) -> None:
    with terminal("--model", str(tiny_folder), "--prompt", "to be", "--runs", str(tmp_path)) as it:
        it.wait_for("Next token")
        it.type(burst)
        assert it.ended() == (0, set(), True) and b"Traceback" not in it.all


def test_a_closed_terminal_leaves_no_orphan(tiny_folder: Path) -> None:
    with terminal("--model", str(tiny_folder), "--prompt", "to be") as it:
        it.wait_for("Next token")
        it.close()
        assert it.process.wait(PATIENCE) == 129


def test_hostile_text_never_reaches_the_terminal_as_it_is(tiny_folder: Path) -> None:
    with terminal("--model", str(tiny_folder), "--prompt", "to be") as it:
        it.wait_for("Next token")
        it.type("e")
        it.wait_for("done")
        it.type(f"\x1b[200~{PAYLOAD}\x1b[201~")  # as a terminal sends what is pasted
        it.wait_for("never seen")
        for payload in ("\x1b]52", "\x1b]0;taken", "\u202e", "\u200b", "\x9b31m"):
            assert payload.encode("utf-8", "surrogateescape") not in it.seen
        assert it.process.poll() is None


def test_a_model_folder_with_a_hostile_name_is_only_shown(tiny_folder: Path, tmp_path: Path) -> None:
    evil = tmp_path / "\x1b]0;taken\x07[red]model"
    evil.symlink_to(tiny_folder)
    with terminal("--model", str(evil), "--prompt", "to be") as it:
        it.wait_for("Next token")
        assert b"\x1b]0;taken" not in it.seen


@pytest.mark.parametrize("environment", [{"NO_COLOR": ""}, {"NO_COLOR": "1"}, {"COLORTERM": "", "TERM": "xterm"}])
def test_few_or_no_colours(tiny_folder: Path, environment: dict[str, str]) -> None:
    with terminal("--model", str(tiny_folder), "--prompt", "to be", environment=environment) as it:
        it.wait_for("Next token")
        it.type("x")
        it.wait_for("KL")
        assert it.process.poll() is None


def test_bytes_that_are_no_text_and_sizes_that_are_no_size(tiny_folder: Path) -> None:
    with terminal("--model", str(tiny_folder), "--prompt", "to be") as it:
        it.wait_for("Next token")
        for width, height in ((1, 1), (400, 3), (30, 90), (120, 36)):
            it.resize(width, height)
            time.sleep(0.05)
        for nonsense in ("\x1b[99~", "\x1b[99999999999u", "\udcff\udc80", "\x1b[<999999999999;1;1M"):
            it.type(nonsense)
            time.sleep(0.2)
        it.type(" ")
        it.wait_for("6/16")
        assert it.process.poll() is None


def test_without_a_terminal_it_says_what_to_do(tiny_folder: Path) -> None:
    process = start("--model", str(tiny_folder), stdin=subprocess.DEVNULL)
    _, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2 and b"needs a terminal" in error and b"--plain" in error and error.count(b"\n") == 1
