"""How a run begins in a folder, and how it goes on where it was left."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

from models import model_folders
from models.corpora.spec import CorpusSpec
from models.corpora.token_files import Progress, unseen
from models.errors import UserError
from models.formats.files import shown
from models.gpt import GPT
from models.parts import Store
from models.runs import catalogue, history, snapshots
from models.runs.catalogue import Begun, LearnsFrom
from models.runs.checkpoints import Checkpoints
from models.runs.config import TrainConfig
from models.runs.events import Ended, Started
from models.runs.lock import Lock
from models.training.corpus import Corpus, open_corpus
from models.training.distributed import world
from models.training.loop import NonFinite, Training
from models.training.run import Run


class Start(NamedTuple):
    """A model to go on from."""

    name: str  # its folder, or its name among the bundled ones
    model: GPT


def create(
    path: Path,
    config: TrainConfig,
    spec: CorpusSpec,
    command: Sequence[str],
    start: Start | None = None,
    store: Store = "float16",
    progress: Progress = unseen,
) -> Run:
    """Begin a run in a new or empty folder, with fresh weights or those of a model.

    `spec` says what it learns from, `store` how the model's numbers are stored; `progress` is called while the text is
    made ready. Raises UserError for what cannot be trained or written; then the disk is as it was.
    """
    name, model = start or ("", None)
    data = LearnsFrom(spec, name, model.vocab_size if model else 0, store)
    missing = [each for each in (path, *path.absolute().parents) if not os.path.exists(each)]
    run = catalogue.create(path, config, data, command)
    lock = Lock(path)
    try:
        corpus, training = _parts(run, model, progress)
        made = Run(run, lock, corpus, training, Checkpoints(run.folder.checkpoints, config.keep))
        made.notes = corpus.warnings(config.block_size)
        return made
    except BaseException:
        lock.release()
        _take_away(path, missing)
        raise


def resume(path: Path, progress: Progress = unseen) -> Run:
    """Go on with a run where its last good checkpoint left it.

    Raises UserError if there is none, it is finished, its text has changed, or another process has it.
    """
    run = catalogue.open(path)
    with ExitStack() as held:
        lock = held.enter_context(Lock(path))
        _refuse_finished(run)
        saved = Checkpoints(run.folder.checkpoints, run.config.keep)
        saved.sweep()
        loaded, start = saved.load(), run.data.from_
        corpus, training = _parts(run, model_folders.load(start) if start and not loaded else None, progress)
        notes = ["there is no checkpoint yet, so it begins anew"]
        if loaded:
            notes = [*loaded.skipped, *training.restore(loaded.state, loaded.best)]
        history.cut(path, training.step if loaded else -1)
        snapshots.cut(path, training.step if loaded else -1)
        made = Run(run, lock, corpus, training, saved)
        made.notes = notes
        held.pop_all()  # the lock is the run's from here on
    return made


def _parts(run: Begun, model: GPT | None, progress: Progress) -> tuple[Corpus, Training]:
    """What it learns from, and the training before its first step."""
    corpus = open_corpus(run.data.corpus, run.folder.path, model.tokenizer if model else None, progress)
    world(run.config.device).told((run.config, run.data, str(run.folder.path)))
    return corpus, _training(run.config, run.data, corpus, model)


def _training(config: TrainConfig, data: LearnsFrom, corpus: Corpus, model: GPT | None) -> Training:
    source = corpus.source(config.block_size, config.batch, config.seed)
    vocab_size = data.vocab_size or corpus.tokenizer.vocab_size
    weights = model.weights if model else None
    return Training(config, vocab_size, source, corpus.held_out, weights, corpus.openings)


def follow(device: str, begun: Callable[[], object]) -> None:
    """Learn along with the main process of several, until it leaves; `begun` is called when it has begun.

    The text must be where the main process has it, or the run's folder on a disk that both see. UserError if the main
    process is gone.
    """
    told: tuple[TrainConfig, LearnsFrom, str] = world(device).told(None)
    config, data, path = told
    begun()
    with tempfile.TemporaryDirectory(prefix="playground-") as own:
        tokenizer = model_folders.load(data.from_).tokenizer if data.from_ else None
        corpus = open_corpus(data.corpus, Path(path if os.path.isdir(path) else own), tokenizer)
        with suppress(NonFinite):  # the main process says so
            for _ in _training(config, data, corpus, None).reports():
                pass


def _refuse_finished(run: Begun) -> None:
    turns = [event for event in history.read(run.folder.path) if isinstance(event, (Started, Ended))]
    if turns and isinstance(last := turns[-1], Ended) and last.done:
        fault = f"{shown(run.folder.path)} is finished after {last.step:,} steps"
        raise UserError(fault, f"to learn on from its model, begin a new run from {shown(run.folder.path)}")


def _take_away(path: Path, made: Sequence[Path]) -> None:
    """A run that could not begin, and the folders that were made for it."""
    catalogue.delete(path)
    with suppress(OSError):
        for each in made[1:]:
            each.rmdir()
        if not made:
            path.mkdir()
