"""From the command to the first frame, and to the first grid and bars, against a minimal Textual app."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version

from benchmarks.environment import ROOT
from benchmarks.table import Part, Spread
from benchmarks.terminal import Terminal, plain

MINIMAL = [sys.executable, "-m", "benchmarks.apps.minimal"]
PLAYGROUND = [sys.executable, "-m", "playground", "--model", "shakespeare-char", "--prompt", "ROMEO: what light"]
HEAVY = ("torch", "transformers")
Times = dict[str, list[float]]


def run(rounds: int) -> Part:
    """Both programs started in turn in a pseudo-terminal of 120 x 36."""
    part = Part(
        "start", f"From the command to the picture, 120 x 36, Textual {version('textual')}; ms, median (least .. most)"
    )
    wall: Times = {"minimal app": [], "first frame": [], "first grid and bars": []}
    processor: Times = {name: [] for name in wall}
    for turn in range(rounds + 1):
        seen = {"minimal app": _start(MINIMAL, {"minimal app": lambda out: "ready" in plain(out)})["minimal app"]}
        seen |= _start(PLAYGROUND, {"first frame": _first_frame, "first grid and bars": _grid_and_bars})
        if turn:
            for name, (on_the_wall, used) in seen.items():
                wall[name].append(on_the_wall * 1e3)
                processor[name].append(used * 1e3)
    for name in wall:
        part.add(name, Spread.of(wall[name]), "ms")
        part.add(f"{name}, processor", Spread.of(processor[name]), "ms")
    for clock, times in (("wall clock", wall), ("processor", processor)):
        for name, most in (("first frame", 1.5), ("first grid and bars", 2.5)):
            ratio = [mine / minimal for mine, minimal in zip(times[name], times["minimal app"], strict=True)]
            part.at_most(f"{name} / minimal app, {clock}", Spread.of(ratio), most)
    part.at_most(f"of {', '.join(HEAVY)} in sys.modules of the program", float(len(_heavy())), 0, "")
    part.notes += [
        "minimal app: one Static; first frame: what is opened; first grid and bars: probabilities and half blocks",
        "programs take turns; a ratio is the median over rounds",
    ]
    return part


def _start(argv: list[str], marks: dict[str, Callable[[bytes], bool]]) -> dict[str, tuple[float, float]]:
    terminal = Terminal(argv)
    seen = {}
    for name, mark in marks.items():
        when = terminal.read(mark)
        seen[name] = when - terminal.started, terminal.processor_seconds()
    terminal.close()
    return seen


def _first_frame(output: bytes) -> bool:
    return "Opening" in plain(output)


def _grid_and_bars(output: bytes) -> bool:
    shown = plain(output)
    return bool(re.search(r"0\.\d{3}", shown)) and "▀" in shown


def _heavy() -> list[str]:
    """Which of the heavy modules are there once a model is loaded, traced and drawn; in a process of its own."""
    script = (
        "import asyncio, sys\n"
        "from playground.app import Playground\n"
        "async def look():\n"
        "    app = Playground('shakespeare-char', 'ROMEO:')\n"
        "    async with app.run_test(size=(120, 36)) as pilot:\n"
        "        while app.play.results is None: await pilot.pause(0.05)\n"
        "asyncio.run(look())\n"
        f"print(*(name for name in {HEAVY!r} if name in sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.split()
