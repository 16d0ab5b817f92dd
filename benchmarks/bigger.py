"""A model of GPT-2's size in the app: opened, in memory, under the keys, stepped, and opened again and again."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.contest import Contender, Entry, Result, contest
from benchmarks.keys import ARROWS, NOTHING, percentile
from benchmarks.soak import resident
from benchmarks.table import Part, Spread
from benchmarks.terminal import Terminal, plain
from models.tokenizers import Tokenizer

SIZE = {"size": "gpt2"}
WORDS = "to be or not to be that is the question whether it is nobler in the mind to suffer the slings and arrows "
PEER = ("shakespeare-char", 256)  # the same keys there, at the same load
PAGES = (b"\x1b[6~", b"\x1b[5~")  # page down, page up
WHEEL = (b"\x1b[<64;20;4M", b"\x1b[<65;20;4M")  # over the prompt
PRESSED: dict[str, tuple[bytes, Sequence[bytes]]] = {  # the key that leads there, and those that are measured
    "moving in the candidates": (b"2", [ARROWS["down"], ARROWS["left"], ARROWS["up"], ARROWS["right"]]),
    "moving in the heads": (b"3", [ARROWS["right"], ARROWS["down"], ARROWS["left"], ARROWS["up"]]),
    "moving in the prompt": (b"1", [ARROWS["left"], ARROWS["up"], ARROWS["right"], ARROWS["down"]]),
    "pages of candidates": (b"2", PAGES),
    "the wheel over the prompt": (b"1", WHEEL),
    "typing": (b"e", [letter.encode() for letter in "there is a tide in"]),
}
MOST, RESTS = 300.0, 5.0  # megabytes beyond the weights; seconds without output after which nothing is computed
OPENED = 5  # models
HOME = tempfile.TemporaryDirectory(prefix="benchmarks-")  # where the app remembers what was opened
LEAK = 1.1  # of what there was when all had been open once


def run(rounds: int) -> Part:
    """12 layers, 12 heads, 768 wide, vocabulary 50,257, random weights and made-up tokens."""
    part = Part("bigger", "GPT-2 small (12 x 12 x 768, vocabulary 50,257, random weights) in the app")
    with tempfile.TemporaryDirectory() as where, Contender("ours") as ours, Contender("ours") as opener:
        folder = Path(ours.ask("save_folder", **SIZE, folder=str(Path(where, "sealed"))))
        _load(part, opener, folder, _linked(folder, "foreign"), rounds)
        _steps(part, ours, rounds)
        weights = ours.ask("weight_bytes", **SIZE) / 2**20
        tokenizer = Tokenizer.load(folder)
        _memory(part, folder, _text(tokenizer, 256), weights)
        peer = _keys(part, PEER[0], f"{PEER[0]}, T = {PEER[1]}", (WORDS * 9)[: PEER[1]], rounds)
        for length in (512, 1024):
            mine = _keys(part, str(folder), f"T = {length}", _text(tokenizer, length - 24), rounds)
            for clock, at in (("wall clock", 0), ("processor", 1)):
                part.add(f"T = {length}, a frame / {PEER[0]}'s, medians, {clock}", mine[at] / peer[at], "x")
        _openings(part, [_linked(folder, f"model-{number}") for number in range(1, OPENED + 1)])
    part.notes += [
        "a frame: from the key to the first bytes that came; processor: what the thread that draws has used by then",
        "the passes of the texts before go on meanwhile; a machine that others work on shows in the peer's rows",
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the end",
    ]
    return part


def _load(part: Part, opener: Contender, folder: Path, foreign: Path, rounds: int) -> None:
    entries = {
        "reading the file": Entry(opener, "read_file", {"folder": str(folder), "steps": 1}),
        "opening the folder": Entry(opener, "open_folder", {"folder": str(foreign), "steps": 1}),
        "opening it with a digest of each file": Entry(opener, "open_folder", {"folder": str(folder), "steps": 1}),
    }
    results = contest(entries, rounds)
    _spreads(part, results)
    reading, opened, sealed = results.values()
    part.at_most("opening / reading the file, wall clock", opened.over(reading)[0], 1.3)
    part.add("with digests / reading the file, wall clock", sealed.over(reading)[0], "x")


def _steps(part: Part, ours: Contender, rounds: int) -> None:
    for length in (64, 256):
        entries = {
            f"a step at T = {length}": Entry(ours, "extend_steps", {**SIZE, "context": length, "steps": 8}),
            f"reading the weights once, beside T = {length}": Entry(ours, "read_weights", {**SIZE, "steps": 8}),
        }
        results = contest(entries, rounds)
        _spreads(part, results)
        step, reading = results.values()
        for clock, ratio in zip(("wall clock", "processor"), step.over(reading), strict=True):
            part.at_most(f"a step at T = {length} / reading the weights, {clock}", ratio, 1.2)


def _spreads(part: Part, results: dict[str, Result]) -> None:
    for name, result in results.items():
        part.add(name, Spread.of(result.wall), "ms")


def _text(tokenizer: Tokenizer, length: int) -> str:
    """So many tokens of words."""
    return tokenizer.decode(tokenizer.encode(WORDS * length)[:length])


def _app(model: str, text: str) -> Terminal:
    argv = [sys.executable, "-m", "playground", "--model", model, "--prompt", text]
    terminal = Terminal(argv, environment={"PLAYGROUND_HOME": HOME.name})
    terminal.read(lambda out: "▀".encode() in out)
    return terminal


def _memory(part: Part, folder: Path, text: str, weights: float) -> None:
    terminal = _app(str(folder), text)
    terminal.settle(RESTS)  # every head and MLP has been switched off by then
    part.at_most("memory beyond the weights, T = 256", resident(terminal.pid) - weights, MOST, "MB")
    terminal.close()


def _keys(part: Part, model: str, what: str, text: str, rounds: int) -> tuple[float, float]:
    """Each at a moment of its own, while the worker computes; gives the medians over all, wall clock and processor."""
    everywhere, worked, terminal = list[float](), list[float](), _app(model, text)
    for name, (there, keys) in PRESSED.items():
        terminal.press(there)
        terminal.settle(0.5)
        taken, used = _frames(terminal, keys, 2 * rounds)
        everywhere += taken
        worked += used
        part.add(f"{what}, {name}", Spread.of(taken), f"ms, 95th of 100 {percentile(taken):.0f}")
        part.add(f"{what}, {name}, processor", Spread.of(used), f"ms, 95th of 100 {percentile(used):.0f}")
    terminal.press(b"\r")  # the text is typed
    terminal.close()
    part.at_most(f"{what}, all of these, 95th of 100", percentile(everywhere), 60, "ms")
    return statistics.median(everywhere), statistics.median(worked)


def _frames(terminal: Terminal, keys: Sequence[bytes], count: int) -> tuple[list[float], list[float]]:
    """Milliseconds to the first frame after each key, and those that its thread worked for it."""
    taken, used = list[float](), list[float]()
    for turn in range(count):
        terminal.wait(0.05 + 0.01 * (turn * 7 % 10))
        before = _worked(terminal.pid)
        pressed = terminal.press(keys[turn % len(keys)])
        shown = terminal.first(NOTHING)
        if terminal.seen:
            taken.append((shown - pressed) * 1e3)
            used.append(_worked(terminal.pid) - before)
    return taken, used


def _worked(pid: int) -> float:
    """Milliseconds of processor time of a process's first thread, which draws; Linux."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e6


def _linked(folder: Path, name: str) -> Path:
    """The same model beside it under another name, as other programs leave it: without digests."""
    other = folder.with_name(name)
    other.mkdir()
    for file in ("config.json", "model.safetensors", "tokenizer.json"):
        os.link(folder / file, other / file)
    return other


def _shows(words: str, output: bytes) -> bool:
    return words in plain(output)


def _openings(part: Part, folders: Sequence[Path]) -> None:
    """One model after the other, and all of them again: memory once each is open."""
    terminal, held = _app(str(folders[-1]), WORDS), list[list[float]]()
    for _ in range(3):
        held.append([])
        for folder in folders:
            terminal.press(b"o")
            terminal.read(partial(_shows, "Open a model"))
            for key in (*str(folder), "\r"):  # one by one: many at once are a paste
                terminal.press(key.encode())
                terminal.settle(0.1)
            terminal.read(partial(_shows, f"{folder.name} ·"))
            terminal.wait(2)
            held[-1].append(resident(terminal.pid))
    terminal.close()
    for turn, megabytes in enumerate(held, 1):
        part.add(f"memory, {len(folders)} models opened, time {turn}", Spread.of(megabytes), "MB")
    part.at_most("memory, the third time / the first", statistics.median(held[2]) / statistics.median(held[0]), LEAK)
