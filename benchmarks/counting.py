"""Pairs of characters counted over a gigabyte of text, against reading the same file once; and tokenising it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from pydoc_data import topics
from shutil import disk_usage

import numpy as np

from benchmarks.contest import ONE_THREAD
from benchmarks.environment import ROOT
from benchmarks.table import Part, Spread
from models.baselines.stream import count_pairs
from models.corpora.token_files import TokenizerSpec, prepare
from models.tokenizers import Tokenizer

SIZE = 1_000_000_000  # bytes, all of them ASCII
TOKENISED = 100_000_000
BUFFER = 1 << 20
MEMORY = Path("/dev/shm")
PEAK = """
import sys
from models.baselines.stream import count_pairs
from models.tokenizers import Tokenizer
count_pairs(sys.argv[1], Tokenizer.train_char("".join(map(chr, range(128)))), stop=int(sys.argv[2]))
status = open("/proc/self/status").read()
print(status.partition("VmHWM:")[2].split()[0])
"""


def run(rounds: int) -> Part:
    """Read, add up and count in turn; the first round is not counted."""
    part = Part(
        "counting", f"Pairs of characters in {SIZE / 1e9:.0f} GB of text, one thread; GB/s, median (least .. most)"
    )
    tokenizer = Tokenizer.train_char(_english().decode())
    with _text() as path:
        ways: dict[str, Callable[[], object]] = {
            "read into one buffer of 1 MiB": lambda: _read(path),
            "mapped and added up by NumPy, np.add.reduce": lambda: np.add.reduce(np.memmap(path, np.uint8, "r")),
            "counted, count_pairs": lambda: count_pairs(path, tokenizer),
        }
        clocks = {"wall clock": time.perf_counter, "processor": time.process_time}
        took = {way: {clock: list[float]() for clock in clocks} for way in ways}
        for turn in range(rounds + 1):
            for way, do in ways.items():
                begun = {clock: now() for clock, now in clocks.items()}
                do()
                for clock, now in clocks.items():
                    if turn:
                        took[way][clock].append(now() - begun[clock])
        _report(part, took)
        peaks = [_peak(path, share) for share in (SIZE // 20, SIZE)]
        part.add("most memory, counting a twentieth of it", peaks[0], "MB")
        part.at_most("most memory, counting all of it, over that", peaks[1] / peaks[0], 1.1)
        part.at_least("tokenised to a file, characters, 100 MB of it, processor", _tokenised(path, rounds), 50, "MB/s")
    part.notes += [
        f"the file lies in {path.parent}, so no disk is read; the text is that of Python's help, again and again",
        "a ratio is that of one round; the processor's is the one to look at where others use the machine",
    ]
    return part


def _report(part: Part, took: dict[str, dict[str, list[float]]]) -> None:
    for way, by in took.items():
        for clock, seconds in by.items():
            part.add(f"{way}, {clock}", Spread.of([SIZE / each / 1e9 for each in seconds]), "GB/s")
    read, added, counted = took.values()
    for clock, seconds in counted.items():
        ratios = [
            Spread.of([its / mine for its, mine in zip(other[clock], seconds, strict=True)]) for other in (read, added)
        ]
        part.add(f"counting's speed over that of reading, {clock}", ratios[0], "x")
        part.at_least(f"counting's speed over that of adding up, {clock}", ratios[1], 0.3)


@contextmanager
def _text() -> Iterator[Path]:
    """A gigabyte of text, in memory if there is room."""
    folder = MEMORY if MEMORY.is_dir() and disk_usage(MEMORY).free > 3 * SIZE else None
    with tempfile.TemporaryDirectory(dir=folder) as made:
        path, block = Path(made, "text"), _english()
        with open(path, "wb") as file:
            for start in range(0, SIZE, len(block)):
                file.write(block[: SIZE - start])
        yield path


def _english() -> bytes:
    """Python's own help texts: real language, the same wherever Python is; what is not ASCII is left out."""
    text = "\n".join(topics.topics[name] for name in sorted(topics.topics))
    return text.encode("ascii", "ignore").replace(b"\0", b"")


def _read(path: Path) -> None:
    buffer = bytearray(BUFFER)
    with open(path, "rb", buffering=0) as file:
        while file.readinto(buffer):
            pass


def _peak(path: Path, stop: int) -> float:
    """Megabytes that a process which counts so much of the file has at most."""
    command = [sys.executable, "-c", PEAK, str(path), str(stop)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def _tokenised(path: Path, rounds: int) -> Spread:
    """Megabytes a second of processor time, from text to finished token files: read three times, written and synced."""
    speeds = []
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        part = Path(folder, "part")
        with open(path, "rb") as file:
            part.write_bytes(file.read(TOKENISED))
        for number in range(min(rounds, 5)):
            begun = time.process_time()
            prepare([part], TokenizerSpec(), Path(folder, str(number)))
            speeds.append(TOKENISED / (time.process_time() - begun) / 1e6)
    return Spread.of(speeds)
