"""From a key to the changed frame, in a pseudo-terminal."""

from __future__ import annotations

import random
import statistics
import sys
from collections.abc import Sequence

from benchmarks.table import Part, Spread
from benchmarks.terminal import Terminal
from playground.compare.layout import PANES
from playground.inside.layout import PANES as INSIDE
from playground.inside.layout import STAGES

TEXT = ("To be, or not to be, that is the question: whether it is nobler in the mind to suffer " * 4)[:256]
PLAYGROUND = [sys.executable, "-m", "playground", "--model", "shakespeare-char", "--prompt"]
QUIET = 0.2  # seconds without output after which a frame is taken to be complete
NOTHING = 2.0  # seconds after which a key has changed nothing
MOVES = {"prompt": b"1", "next token": b"2", "attention": b"3", "heads": b"4"}
TO_COMPARE = b"\x1bOS"  # f4
TO_INSIDE = b"\x1b[15~"  # f5
COMPARED = ("strips", "bars", "wins", "paths", "grid")
ARROWS = {"left": b"\x1b[D", "up": b"\x1b[A", "right": b"\x1b[C", "down": b"\x1b[B"}


def run(rounds: int) -> Part:
    """Cursor moves in each pane at T = 256, switches at T = 256, and steps."""
    part = Part("keys", "From a key to the last byte of the changed frame, shakespeare-char, 120 x 36; ms")
    everywhere: list[float] = []
    for pane, key in MOVES.items():
        moves = _moves(key, rounds)
        everywhere += moves
        part.add(f"cursor in {pane}, T = 256", Spread.of(moves), "ms")
    part.at_most("cursor moves, median", statistics.median(everywhere), 30, "ms")
    part.at_most("cursor moves, 95th of 100", percentile(everywhere), 60, "ms")
    switches = _presses(TEXT, [b"4", b"x"], [b"x", b"m"], 2 * rounds)
    part.add("head silenced or mask opened, T = 256", Spread.of(switches), "ms")
    part.at_most("a switch, 95th of 100", percentile(switches), 150, "ms")
    part.add("step, T = 16 on", Spread.of(_presses(TEXT[:16], [b"2"], [b" "], 2 * rounds)), "ms")
    part.add("step, T = 128 on", Spread.of(_presses(TEXT[:128], [b"2"], [b" "], 2 * rounds)), "ms")
    _compare(part, rounds)
    _inside(part, rounds)
    part.notes.append(f"a frame is complete when nothing came for {QUIET * 1000:.0f} ms; keys come at random intervals")
    return part


def _compare(part: Part, rounds: int) -> None:
    """The same in the Compare screen, where nothing but the cursor changes."""
    everywhere: list[float] = []
    for pane in COMPARED:
        number = b"%d" % ((PANES.index(pane) + 1) % 10)
        moves = _presses(TEXT, [TO_COMPARE, number], _there_and_back(), 4 * rounds, begun=2)
        everywhere += moves
        part.add(f"Compare: cursor in {pane}, T = 256", Spread.of(moves), "ms")
    part.at_most("Compare: cursor moves, 95th of 100", percentile(everywhere), 80, "ms")


def _inside(part: Part, rounds: int) -> None:
    """In the Inside screen, along the text: the first frame after a key, while what the panes ask for is found out."""
    everywhere: list[float] = []
    for pane in STAGES:
        number = b"%d" % ((INSIDE.index(pane) + 1) % 10)
        keys = [ARROWS["left"], ARROWS["left"], ARROWS["right"], ARROWS["right"]]
        moves = _presses(TEXT, [TO_INSIDE, number], keys, 4 * rounds, begun=2, at_first=True)
        everywhere += moves
        part.add(f"Inside: along the text in {pane}, T = 256", Spread.of(moves), "ms")
    part.at_most("Inside: along the text, 95th of 100", percentile(everywhere), 60, "ms")


def _moves(pane: bytes, rounds: int) -> list[float]:
    return _presses(TEXT, [pane], _there_and_back(), 4 * rounds)


def _there_and_back() -> list[bytes]:
    return [ARROWS["left"], ARROWS["up"], ARROWS["right"], ARROWS["down"]]


def _presses(
    prompt: str,
    first: Sequence[bytes],
    keys: Sequence[bytes],
    count: int,
    begun: float = 0.5,
    at_first: bool = False,
) -> list[float]:
    """Milliseconds from each key to the last byte it caused; keys that change nothing are left out.

    `at_first`: to the first frame, and on to the next key at once, whatever is still computed.
    """
    terminal = Terminal([*PLAYGROUND, prompt])
    terminal.read(lambda out: "▀".encode() in out)
    terminal.settle(1)
    for key in first:
        terminal.press(key)
        terminal.settle(begun)
    spread, found = random.Random(1), []
    for turn in range(count):
        terminal.settle(spread.uniform(0.02, 0.1))
        pressed = terminal.press(keys[turn % len(keys)])
        done = terminal.first(NOTHING) if at_first else terminal.settle(QUIET)
        if terminal.seen:
            found.append((done - pressed) * 1e3)
    terminal.close()
    return found


def percentile(values: Sequence[float], of: int = 95) -> float:
    """The value that so many of a hundred do not exceed."""
    return sorted(values)[min(len(values) - 1, len(values) * of // 100)]
