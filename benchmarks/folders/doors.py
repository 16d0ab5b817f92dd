"""The doors through which a folder is opened, and what is wrong with what comes of it."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from models import baselines, model_folders
from models.corpora import token_files
from models.errors import UserError
from models.gpt import GPT
from models.runs import catalogue, history, snapshots
from models.runs.checkpoints import Checkpoints
from models.training import opening
from playground.train import form, library

T = TypeVar("T")
MEMORY = 256 << 20  # bytes that opening a model may take beside the size of its files
COUNTED = {kind.file("").name for kind in baselines.ALL}
SIBLING = "healthy"  # the run beside the damaged one


class Finding(Exception):
    """What should not be."""


class Sentences:
    """What was refused, and with which words."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def ask(self, call: Callable[[], T]) -> T | None:
        """What the call gives, or None where it is refused; Finding for a bad sentence, or anything else raised."""
        try:
            return call()
        except UserError as error:
            self.add(str(error))
            return None
        except Finding:
            raise
        except MemoryError as error:
            raise Finding(f"memory: {traceback.format_exc(limit=-3)}") from error
        except Exception as error:
            raise Finding(f"traceback: {traceback.format_exc(limit=-4)}") from error

    def add(self, sentence: str) -> None:
        """One more, looked at."""
        if not sentence.isprintable() or len(sentence) >= 400 or " - " not in sentence:
            raise Finding(f"a bad sentence: {sentence[:600]!r}")
        if "fault of ours" in sentence:
            raise Finding(sentence)
        self.said.append(sentence)


def open_model(folder: Path, whole: Path) -> list[str]:
    """All doors of a model's folder; the sentences heard."""
    heard = Sentences()
    changed, most = _changed(folder, whole), _peak() + sum(map(_size, folder.iterdir())) + MEMORY
    model = heard.ask(lambda: model_folders.load_any(folder))
    for file in (folder / "ckpt.pt", folder / "model.pt"):
        if os.path.lexists(file):
            heard.ask(partial(model_folders.load_any, file))
    if (took := _peak(so_far=True)) > most:
        raise Finding(f"it took {(took - most + MEMORY) >> 20:,} MB")
    if model is not None:
        if (bad := changed - COUNTED) and not heard.said:
            raise Finding(f"loaded as if fine, though changed: {sorted(bad)}")
        tokens = [token % model.vocab_size for token in range(5)]
        scores = heard.ask(lambda: model.logits(tokens))
        if scores is not None and scores.shape != (5, model.vocab_size):
            raise Finding(f"scores of the shape {scores.shape}")
        if isinstance(model, GPT) and model.tokenizer is not None:
            tokenizer = model.tokenizer
            heard.ask(lambda: tokenizer.encode(tokenizer.decode(tokens)))
    beside = heard.ask(lambda: baselines.look(folder, model.tokenizer if model else None))
    if beside is not None:
        for fault in beside.faults:
            heard.add(str(fault))
        for baseline in beside.models.values():
            heard.ask(partial(baseline.logits, [0, 1]))
        faults = " ".join(map(str, beside.faults))
        if model is not None and (silent := [name for name in changed & COUNTED if name not in faults]):
            raise Finding(f"counts loaded as if fine, though changed: {silent}")
    heard.ask(lambda: baselines.load(folder))
    return heard.said


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def _peak(so_far: bool = False) -> int:
    """Bytes of memory that this process has, or the most it had since that was asked."""
    if not so_far:
        Path("/proc/self/clear_refs").write_text("5")
    name = "VmHWM" if so_far else "VmRSS"
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(name))


def _changed(folder: Path, whole: Path) -> set[str]:
    """The names of files with a digest, in a training.json that can be read, whose content is another now."""
    if not (folder / "training.json").is_file() or not (whole / "training.json").is_file():
        return set()
    try:
        wanted = json.loads((folder / "training.json").read_bytes()).get("sha256", {})
        known = json.loads((whole / "training.json").read_bytes())["sha256"]
        same = {name for name in known if wanted.get(name) == known[name]}
        return {name for name in same if _digest(folder / name) != known[name]}
    except (OSError, ValueError, AttributeError, RecursionError):
        return set()


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() and file.stat().st_size < 1 << 24 else ""


def open_run(folder: Path, whole: Path) -> list[str]:
    """All doors of a run's folder, beside which lies a healthy run; the sentences heard."""
    heard = Sentences()
    was_run = catalogue.is_run(folder)
    found = heard.ask(lambda: library.read(folder.parent))
    if found is None:
        raise Finding(f"no run is found at all: {heard.said}")
    if SIBLING not in found or found[SIBLING].fault:
        raise Finding("the healthy run beside it is hidden, or called damaged")
    if was_run != (folder.name in found):
        raise Finding("the damaged run is hidden")
    if was_run and found[folder.name].fault:
        heard.add(found[folder.name].fault)
    begun = heard.ask(lambda: catalogue.open(folder))
    if begun is not None:
        heard.ask(lambda: form.plan_again("again", begun))
    heard.ask(lambda: history.read(folder))
    heard.ask(lambda: Checkpoints(folder / "checkpoints").load())
    heard.ask(lambda: token_files.load(folder / "tokens"))
    for snapshot in snapshots.listing(folder).values():
        heard.ask(partial(model_folders.load_any, snapshot))
    heard.ask(lambda: model_folders.load_any(folder))
    heard.ask(lambda: baselines.look(folder / "model"))
    heard.ask(lambda: _resume(folder))
    if was_run:
        heard.ask(lambda: catalogue.delete(folder))
    return heard.said


def _resume(folder: Path) -> None:
    """Go on for a step, and leave."""
    from queue import SimpleQueue

    from models.runs.events import Ended, Inbox, Stepped
    from models.training.run import How

    inbox: Inbox = SimpleQueue()
    with opening.resume(folder) as run:
        for event in run.events(inbox, How(every=0)):
            if isinstance(event, Stepped):
                inbox.put("stop")
            last = event
    if not isinstance(last, Ended) or not last.why.isprintable():
        raise Finding(f"resumed, and ended with {last}")


class Faults(logging.Handler):
    """What is logged is a fault of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = list[str]()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep its last lines."""
        error = record.exc_info[1] if record.exc_info else None
        self.seen.append("".join(traceback.format_exception(error, limit=-4)) if error else record.getMessage())


def outside(folder: Path) -> str:
    """What lies outside, which nothing may touch."""
    return "\n".join(f"{name} {os.lstat(folder / name).st_size}" for name in sorted(os.listdir(folder)))
