"""Before a run's first step, and its signals: in this process, which sends them to itself."""

from __future__ import annotations

import os
import signal
from contextlib import nullcontext
from pathlib import Path
from queue import SimpleQueue

import pytest

from models.runs import TrainConfig
from models.runs.events import Inbox
from models.training import opening
from models.training.corpus import text_spec
from playground.commands.train import signals
from playground.commands.train.progress_bar import Bar


def test_the_bar_shows_how_a_large_text_is_made_ready(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Bar() as bar:
        bar.prepare("tokenising", 0.25)
    assert capsys.readouterr().err == ""  # it was quick
    monkeypatch.setattr("playground.commands.train.progress_bar.PATIENCE", 0)
    with Bar() as bar:
        bar.prepare("tokenising", 0.25)
    assert "25 % tokenising" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_before_the_first_step_takes_the_run_back(number: signal.Signals, tmp_path: Path) -> None:
    def progress(doing: str, share: float) -> None:
        os.kill(os.getpid(), number)

    text = tmp_path / "text.txt"
    text.write_text("to be, or not to be\n" * 100)
    spec = text_spec(text)
    with pytest.raises(SystemExit) as caught, signals.at_once():
        opening.create(tmp_path / "new" / "r", TrainConfig(), spec, (), progress=progress)
    assert caught.value.code == 128 + number and os.listdir(tmp_path) == ["text.txt"]


@pytest.mark.parametrize("by_torchrun", [False, True])
def test_the_second_ctrl_c_leaves_at_once_but_not_under_torchrun(
    by_torchrun: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal's ctrl+c reaches torchrun's processes twice: once from the terminal, once from torchrun."""
    if by_torchrun:
        monkeypatch.setenv("TORCHELASTIC_RUN_ID", "x")
    inbox: Inbox = SimpleQueue()
    with nullcontext() if by_torchrun else pytest.raises(KeyboardInterrupt), signals.into(inbox):
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGINT)
    assert inbox.qsize() == 1 and signal.getsignal(signal.SIGINT) is signal.default_int_handler
