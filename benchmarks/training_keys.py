"""From a key to the changed frame while a model is trained, against the same with the training paused."""

from __future__ import annotations

import math
import random
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from pydoc_data import topics

from benchmarks.environment import ROOT
from benchmarks.keys import ARROWS, QUIET, TEXT, percentile
from benchmarks.table import Part, Spread
from benchmarks.terminal import Terminal, plain

PLAYGROUND = [sys.executable, "-m", "playground", "--model", "shakespeare-char"]
STEPS = 1 << 20  # the run does not end while it is measured
TO_PLAY, TO_TRAIN, ONWARD, PAUSE, SCALE = b"\x1bOQ", b"\x1bOR", b"c", b" ", b"y"
MOVES = list(ARROWS.values())
LOGARITHMIC, LINEAR = re.compile("nats a token, logarithmic"), re.compile(r"nats a token [^,]{20}")
TURNS = 8  # of training, and of not
IN_PLAY, IN_TRAIN = "cursor in attention, T = 256, in Play", "scale of the loss, in Train"


@dataclass
class Keys:
    """Milliseconds of each key: until its frame was there, and how long the app's main thread ran meanwhile."""

    wall: list[float] = field(default_factory=list)
    ran: list[float] = field(default_factory=list)

    def press(self, terminal: Terminal, key: bytes, done: Callable[[], float]) -> None:
        """Press a key and wait for what it changes; one that changes nothing is left out."""
        ran, pressed = _ran(terminal.pid), terminal.press(key)
        shown = done()
        if terminal.seen:
            self.wall.append((shown - pressed) * 1e3)
            self.ran.append(_ran(terminal.pid) - ran)


@dataclass
class Found:
    """Keys of one kind."""

    training: Keys = field(default_factory=Keys)
    paused: Keys = field(default_factory=Keys)


def run(rounds: int) -> Part:
    """Training and paused in turn, in one app, with one and the same child."""
    part = Part("training_keys", "From a key to the changed frame while the app trains `small`, 120 x 36; ms")
    found = {IN_PLAY: Found(), IN_TRAIN: Found()}
    with tempfile.TemporaryDirectory() as folder:
        begin_run(Path(folder))
        terminal = Terminal([*PLAYGROUND, "--runs", folder, "--prompt", TEXT])
        terminal.read(lambda out: "▀".encode() in out)
        until_shown(terminal, TO_TRAIN, "newest, step|no step is made yet|stopped")
        until_shown(terminal, ONWARD, r"running · step \d")
        for _ in range(TURNS):
            _turn(terminal, rounds, [found[IN_PLAY].training, found[IN_TRAIN].training])
            until_shown(terminal, PAUSE, "paused")
            _turn(terminal, rounds, [found[IN_PLAY].paused, found[IN_TRAIN].paused])
            until_shown(terminal, PAUSE, "running")
        terminal.close()
    for what, times in found.items():
        _report(part, what, times)
    part.notes += [
        f"training and paused take turns, {TURNS} of each; ratios are of all keys of a kind",
        "in Play to the last byte the key caused; in Train to the new scale, as news moves the screen anyway",
        "the child trains as the app starts it: all threads, and --nice 5",
    ]
    return part


def begin_run(runs: Path) -> None:
    """A run that has not made a step yet, for the app to continue."""
    text = runs / "text.txt"
    text.write_text("\n".join(topics.topics[name] for name in sorted(topics.topics)))
    command = [sys.executable, "-m", "playground", "train", str(text), "--out", str(runs / "run"), "--preset", "small"]
    more = ["--steps", str(STEPS), "--events", "--paused"]
    subprocess.run([*command, *more], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=True)


def _turn(terminal: Terminal, count: int, into: Sequence[Keys]) -> None:
    """Keys in Play and in Train; it begins and ends in Train."""
    in_play, in_train = into
    until_shown(terminal, TO_PLAY, "▀")
    terminal.press(b"3")
    terminal.settle(0.5)
    spread = random.Random(1)
    for turn in range(count + -count % len(MOVES)):
        terminal.settle(spread.uniform(0.02, 0.1))
        in_play.press(terminal, MOVES[turn % len(MOVES)], partial(terminal.settle, QUIET))
    until_shown(terminal, TO_TRAIN, "Loss")
    for turn in range(count + count % 2):
        terminal.wait(spread.uniform(0.15, 0.35))
        shown = _shows(LINEAR if turn % 2 else LOGARITHMIC)
        in_train.press(terminal, SCALE, partial(terminal.read, shown))


def until_shown(terminal: Terminal, key: bytes, pattern: str) -> None:
    """Press it, and wait for what it leads to and a little longer."""
    terminal.press(key)
    terminal.read(_shows(re.compile(pattern)))
    terminal.wait(0.5)


def _shows(pattern: re.Pattern[str]) -> Callable[[bytes], bool]:
    return lambda out: pattern.search(plain(out)) is not None


def _ran(process: int) -> float:
    """Milliseconds its main thread has had a processor; NaN where the system does not say."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e6
    except OSError:
        return math.nan


def _report(part: Part, what: str, keys: Found) -> None:
    for state, its in (("paused", keys.paused), ("training", keys.training)):
        part.add(f"{what}: {state}", Spread.of(its.wall), "ms")
        part.add(f"{what}: {state}, the main thread ran", Spread.of(its.ran), "ms")
    for name, of in (("median", statistics.median), ("95th of 100", percentile)):
        part.at_most(f"{what}: {name}, training / paused", of(keys.training.wall) / of(keys.paused.wall), 1.5)
