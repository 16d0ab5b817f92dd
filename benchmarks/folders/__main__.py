"""`python -m benchmarks.folders --seed N --count K`: damaged folders, opened in children with limits.

Every case is either opened, or refused in one good sentence. Anything else is a finding: a traceback, a crash, a hang,
too much memory, a bad sentence, damage that goes unseen though a digest covers it, another run that is hidden, a file
outside that is touched. Exit status 1 if there is any; `--case N` does one case again, and keeps its folder.
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
import select
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[threads] = "1"

from benchmarks.folders import doors, spoiling, whole  # noqa: E402 - threads are counted when NumPy is loaded

BATCH = 50  # cases a child
PATIENCE = 30.0  # seconds a case may wait for something
SECONDS = 4  # of the processor a case, taken over a batch
MEMORY = 2 << 30  # bytes a child may need more than it began with


def main() -> int:
    """0 if nothing was found, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.folders", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--count", type=int, default=1000, help="cases; default: %(default)s")
    parser.add_argument("--case", type=int, help="only this one, in this process; its folder is kept")
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", help="model folders of these names; default: all, and runs"
    )
    args = parser.parse_args()
    quick = "/dev/shm" if os.path.isdir("/dev/shm") else None  # nothing there waits for a disk
    folder = Path(tempfile.mkdtemp(prefix="folders-", dir=quick))
    models, runs = whole.make(folder)
    if args.only:
        models, runs = [model for model in models if model.name in args.only], []
    if args.case is not None:
        print(_case(args.seed, args.case, folder / "case", models, runs), folder / "case", sep="\n")
        return 0
    verdicts, findings = Counter[str](), list[str]()
    try:
        for number, verdict in _all(args.seed, args.count, folder, models, runs):
            verdicts[verdict.split(":", 1)[0]] += 1
            if verdict.startswith("FINDING"):
                only = f" --only {' '.join(args.only)}" if args.only else ""
                again = f"python -m benchmarks.folders --seed {args.seed}{only} --case {number}"
                findings.append(f"{verdict}\n  again: {again}")
                print(findings[-1], flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(verdicts.items()))
    print(f"seed {args.seed}, {args.count:,} folders: {kinds}; findings: {len(findings)}")
    return 1 if findings else 0


def _all(seed: int, count: int, folder: Path, models: list[Path], runs: list[Path]) -> Iterator[tuple[int, str]]:
    """Every case and its verdict; a child that does not come back is the verdict of the case it was at."""
    at = 0
    while at < count:
        done = at
        for number, verdict in _batch(seed, range(at, min(at + BATCH, count)), folder, models, runs):
            yield number, verdict
            done = number + 1
        at = done


def _batch(seed: int, numbers: range, folder: Path, models: list[Path], runs: list[Path]) -> Iterator[tuple[int, str]]:
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        _limit()
        for number in numbers:
            verdict = _case(seed, number, folder / f"case-{number}", models, runs)
            os.write(write, verdict.encode(errors="backslashreplace")[:60_000].replace(b"\n", b"\x1f") + b"\n")
            shutil.rmtree(folder / f"case-{number}", ignore_errors=True)
        os._exit(0)
    os.close(write)
    try:
        yield from _verdicts(read, child, numbers)
    finally:
        os.close(read)


def _verdicts(pipe: int, child: int, numbers: range) -> Iterator[tuple[int, str]]:
    rest, left = b"", list(numbers)
    while left:
        ready = select.select([pipe], [], [], PATIENCE)[0]
        if not ready and _computes(child):
            continue  # a busy machine, or the limit of its processor time ends it
        data = os.read(pipe, 1 << 16) if ready else b""
        if not data:
            break
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield left.pop(0), line.decode().replace("\x1f", "\n")
    if left and ready:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        yield left[0], f"FINDING: the process ended with status {status}"
        return
    if left:
        os.kill(child, signal.SIGKILL)
        yield left[0], f"FINDING: it hangs, for more than {PATIENCE:.0f} seconds"
    os.waitpid(child, 0)


def _computes(process: int) -> bool:
    """Whether it waits for the processor or the disk, and for nothing else."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "RD"


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS * BATCH, SECONDS * BATCH))
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * os.sysconf("SC_PAGE_SIZE") + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 28, 1 << 28))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def _case(seed: int, number: int, place: Path, models: list[Path], runs: list[Path]) -> str:
    """Damage a folder, open it, and say what came of it."""
    chance = Random(f"{seed} {number}")
    of_run = chance.random() < 0.5 and bool(runs)
    base = chance.choice(runs if of_run else models)
    done, faults = ["nothing"], doors.Faults()
    logging.getLogger().handlers = [faults]
    try:
        (place / "outside").mkdir(parents=True)
        (place / "outside" / "mine.txt").write_text("mine")
        folder = place / "all" / base.name if of_run else place / base.name
        shutil.copytree(base, folder)
        if of_run:
            shutil.copytree(runs[0], folder.parent / doors.SIBLING)
        done, before = spoiling.spoil(folder, chance, runs if of_run else models), doors.outside(place / "outside")
        said = doors.open_run(folder, base) if of_run else doors.open_model(folder, base)
        if doors.outside(place / "outside") != before:
            raise doors.Finding("a file outside was touched")
        if faults.seen:
            raise doors.Finding(f"logged: {faults.seen[0]}")
    except doors.Finding as finding:
        return f"FINDING: {base.name}, {'; '.join(done)}\n  {finding}"
    except Exception:
        return f"FINDING: {base.name}, {'; '.join(done)}\n  in the campaign itself: {traceback.format_exc(limit=-3)}"
    return "refused" if said else "opened"


status = main()
sys.stdout.flush()
os._exit(status)  # threads of the libraries have nothing more to say
