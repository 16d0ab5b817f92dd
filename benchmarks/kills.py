"""Training killed at random moments and resumed, again and again, against training that was left alone."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.table import Part, Spread
from models.run_layout import RunFolder
from models.runs.checkpoints import Checkpoints, State

ROOT = Path(__file__).parents[1]
KILLS = 200
STEPS, SAVE_EVERY, EVAL_EVERY = 240, 4, 12
SIZES = "--layers 1 --heads 2 --width 16 --context 16 --batch 4 --threads 1 --dtype float32 --dropout 0.1 --seed 3"
ALIVE = 0.6  # seconds of training before a kill, at most
EARLY = 0.2  # of the kills are counted from the command, and hit it while it gets ready
# torch is loaded once, then every cycle is a process of its own: what happens from there on is `playground train`
FORKS = """
import os, sys
import models.training.run, playground.commands.train.driver
from playground.cli import main
for line in open(0, closefd=False):  # sys.stdin is left as the command expects it
    if not (child := os.fork()):
        log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        said = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), said, log)):
            os.dup2(file, number)
        status = 70
        try:
            status = main(line.split("\\t")[1:-1])
        except SystemExit as error:
            status = error.code
        finally:
            sys.stdout.flush()
            os._exit(status)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@dataclass
class Forks:
    """A process that begins one training after the other, and says when each has ended."""

    folder: Path
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        command = [sys.executable, "-c", FORKS, str(self.folder / "errors"), str(self.said)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            command, cwd=ROOT, text=True, bufsize=1, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    @property
    def said(self) -> Path:
        """What the training wrote."""
        return self.folder / "said"

    def begin(self, arguments: Sequence[str]) -> int:
        """A training's process number."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write("\t".join(["", *arguments, "\n"]))
        return int(self.process.stdout.readline())

    def ended(self, within: float) -> bool:
        """Whether it ends within so many seconds."""
        assert self.process.stdout
        return bool(select.select([self.process.stdout], [], [], within)[0])

    def speaks(self) -> bool:
        """Whether it has said anything."""
        return self.said.exists() and self.said.stat().st_size > 0

    def status(self) -> int:
        """How it ended."""
        assert self.process.stdout
        return int(self.process.stdout.readline())

    def error(self) -> str:
        """The last line of all it wrote to standard error."""
        return (self.folder / "errors").read_text().strip().rpartition("\n")[2]

    def saved(self) -> int:
        """The last step it said was saved; -1 if none."""
        lines = self.said.read_text().split("\n")[:-1] if self.said.exists() else []
        events = [json.loads(line) for line in lines]
        return max((each["step"] for each in events if each["event"] == "saved"), default=-1)


def run(rounds: int) -> Part:
    """200 kills, over as many runs as they take; each run ends in the weights of the undisturbed one."""
    part = Part("kills", "SIGKILL at random moments while training, then --resume")
    with tempfile.TemporaryDirectory() as name:
        folder, chance = Path(name), random.Random(1)
        text = folder / "text.txt"
        words = ["".join(chance.choices("aeinorst", k=chance.randrange(1, 7))) for _ in range(60)]
        text.write_text(" ".join(chance.choices(words, k=4000)))
        forks, tally = Forks(folder), Tally()
        begun = time.monotonic()
        assert _cycle(forks, _command(text, folder / "quiet"), None) == 0, (folder / "errors").read_text()[-2000:]
        quiet = time.monotonic() - begun
        want = _outcome(folder / "quiet")
        number = 0
        while tally.kills < KILLS:
            number += 1
            _killed_and_resumed(forks, text, folder / f"run-{number}", tally, chance)
            tally.ends.append(_outcome(folder / f"run-{number}") == want)
        forks.process.kill()
        forks.process.wait()
    part.add("kills", str(tally.kills))
    part.add("runs they fell on", f"{number}, of {STEPS} steps each, a checkpoint every {SAVE_EVERY}")
    part.add("killed before the first step was saved", str(tally.early))
    part.add("steps that were reported and done again, a kill", Spread.of(tally.again or [0]))
    part.add("a run left alone", quiet, "s")
    part.at_most("checkpoints lost or damaged", tally.lost, 0, "")
    part.at_most("resumes refused", tally.refused, 0, "")
    part.at_most("runs that end in other weights, moments or best model", tally.ends.count(False), 0, "")
    part.notes.append(
        "torch is loaded once, and each cycle forked from that; a fifth of the kills hit it before it trains"
    )
    return part


@dataclass
class Tally:
    """What happened so far."""

    kills: int = 0
    early: int = 0
    lost: int = 0
    refused: int = 0
    again: list[float] = field(default_factory=list)
    ends: list[bool] = field(default_factory=list)


def _killed_and_resumed(forks: Forks, text: Path, run: Path, tally: Tally, chance: random.Random) -> None:
    """One run to its end, through as many kills as it takes; after 200 of all it is left alone."""
    safe = -1
    while True:
        begun = RunFolder(run).about.exists()
        command = ["train", "--resume", str(run), "--json"] if begun else _command(text, run)
        wait = None if tally.kills >= KILLS else chance.uniform(0, ALIVE)
        status = _cycle(forks, command, wait, chance.random() < EARLY)
        if status != -signal.SIGKILL:
            tally.refused += status != 0 and "is finished" not in forks.error()  # killed as it was about to leave
            return
        tally.kills += 1
        safe = _look(run, max(safe, forks.saved()), tally)


def _look(run: Path, safe: int, tally: Tally) -> int:
    """What can be gone on from; nothing that was said to be saved may be missing, nothing may be damaged."""
    loaded = Checkpoints(RunFolder(run).checkpoints).load()
    if loaded is None:
        tally.early += 1
        tally.lost += safe >= 0
        return safe
    tally.lost += loaded.state.step < safe or bool(loaded.skipped)
    tally.again.append(_reached(run) - loaded.state.step)
    return max(safe, loaded.state.step)


def _reached(run: Path) -> int:
    from models.runs import history

    logged = (getattr(event, "step", 0) for event in history.read(run))
    return max(*logged, *Checkpoints(RunFolder(run).checkpoints).steps())


def _cycle(forks: Forks, command: Sequence[str], wait: float | None, early: bool = False) -> int:
    """Train, and kill it so many seconds after it began, or after the command; the exit status."""
    forks.said.unlink(missing_ok=True)
    child = forks.begin(command)
    if wait is not None:
        ended = False
        while not (early or ended or forks.speaks()):
            ended = forks.ended(0.01)
        if not ended and not forks.ended(wait):
            os.kill(child, signal.SIGKILL)
    return forks.status()


def _command(text: Path, out: Path) -> list[str]:
    every = f"--steps {STEPS} --save-every {SAVE_EVERY} --eval-every {EVAL_EVERY} --preset tiny --warmup 10 --json"
    return ["train", str(text), "--out", str(out), *SIZES.split(), *every.split()]


def _outcome(run: Path) -> tuple[object, ...]:
    """All the numbers a finished run leaves, to the bit."""
    loaded = Checkpoints(RunFolder(run).checkpoints).load()
    assert loaded and loaded.best
    state: State = loaded.state
    arrays = [state.weights, state.optimiser, loaded.best]
    numbers = [sorted((name, array.tobytes()) for name, array in each.items()) for each in arrays]
    values = {name: value for name, value in state.values.items() if name not in ("seconds", "environment")}
    return state.step, numbers, values, (RunFolder(run).model / "model.safetensors").read_bytes()
