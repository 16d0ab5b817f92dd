"""Resident memory while all screens are used without a pause: flat, once what is kept has its size."""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import processes
from benchmarks.keys import ARROWS
from benchmarks.table import Part
from benchmarks.terminal import Terminal
from benchmarks.training_keys import ONWARD, PLAYGROUND, TO_PLAY, TO_TRAIN, begin_run, until_shown

TO_COMPARE, TO_INSIDE = b"\x1bOS", b"\x1b[15~"  # f4, f5
MOVES = tuple(ARROWS.values())
IN_PLAY = (
    *MOVES,
    b" ",
    b" ",
    b" ",
    b"x",
    b"m",
    b"u",
    b"U",
    b"v",
    b"S",
    b"B",
    b"2",
    b"3",
    b"4",
    b"8",
    b"9",
    b"\x7f",
    b"c",
)
IN_TRAIN = (*MOVES, b"1", b"2", b"3", b"4", b"\x1b", b"y", b"a", b"v", b"I")
IN_COMPARE = (*MOVES, b"1", b"2", b"4", b"5", b"6", b"8", b"9", b"0", b"n", b"w", b"m", b"v", b"S", b"+", b"-", b"r")
IN_INSIDE = (*MOVES, *(str(digit).encode() for digit in range(1, 10)), b"v", b"\r", b"\x7f", b"\t", b"x", b"x")
MODELS = "shakespeare-char", "little-world"
PRESSES = 300  # on a screen before the next
MARK = {"PLAYGROUND_SOAK": "1"}  # by which its processes are known
GONE = 60.0  # seconds in which training has saved and ended
PAUSE = 0.05  # seconds without output after which the next key is pressed
LEAST = 3.0  # minutes after which memory may no longer grow
GROWTH = 1.1  # of the last third of the time over the middle third


def run(rounds: int) -> Part:
    """As many minutes as rounds, one app and one training child; other texts and models as it goes."""
    part = Part("soak", f"Memory of the app over {rounds} minutes on all screens, while it trains; MB")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PLAYGROUND_HOME"] = folder
        begin_run(Path(folder))
        terminal = Terminal([*PLAYGROUND, "--runs", folder, "--prompt", "To be"], environment=MARK)
        terminal.read(lambda out: "▀".encode() in out)
        until_shown(terminal, TO_TRAIN, "newest, step|no step is made yet|stopped")
        until_shown(terminal, ONWARD, r"running · step \d")
        held = _use(terminal, rounds * 60.0)
        part.add("what it said in playground.log", str((Path(folder) / "playground.log").exists()))
        terminal.close()
        processes.left(MARK, GONE)  # what still trains saves, into a folder that goes now
    third = max(len(held) // 3, 1)
    middle, last = held[third : 2 * third] or held, held[-third:]
    part.add(
        "at the start, in the middle, at the end", " / ".join(f"{at:.0f}" for at in (held[0], middle[0], last[-1]))
    )
    part.add("most", max(held), "MB")
    growth = statistics.median(last) / statistics.median(middle)
    if rounds >= LEAST:
        part.at_most("median of the last third / of the middle third", growth, GROWTH)
    return part


def _use(terminal: Terminal, seconds: float) -> list[float]:
    """Press keys screen after screen; resident megabytes after each of them."""
    chance, end, held = random.Random(1), time.monotonic() + seconds, list[float]()
    screens: Sequence[tuple[bytes, Sequence[bytes]]] = (
        (TO_PLAY, IN_PLAY),
        (TO_TRAIN, IN_TRAIN),
        (TO_COMPARE, IN_COMPARE),
        (TO_INSIDE, IN_INSIDE),
    )
    while time.monotonic() < end:
        for to, keys in screens:
            _press(terminal, to)
            for _ in range(PRESSES):
                _press(terminal, chance.choice(keys))
            held.append(resident(terminal.pid))
            print(f"{held[-1]:.0f} MB", file=sys.stderr, flush=True)
        _begin_anew(terminal, chance)
    return held


def _press(terminal: Terminal, key: bytes) -> None:
    terminal.press(key)
    terminal.settle(PAUSE)


def _begin_anew(terminal: Terminal, chance: random.Random) -> None:
    """Another model, and another text."""
    _press(terminal, TO_PLAY)
    for key in ("o", *chance.choice(MODELS), "\r"):
        _press(terminal, key.encode())
    terminal.wait(2)
    for key in ("e", "\x15", *chance.choices("abcdefgh ,.", k=40), "\r"):
        _press(terminal, key.encode())


def resident(pid: int) -> float:
    """Megabytes of memory that a process holds; Linux."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
