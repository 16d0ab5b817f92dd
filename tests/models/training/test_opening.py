"""A run whose folder is damaged: it goes on, or is refused in one sentence, and nothing outside is harmed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from models.errors import UserError
from models.runs import TrainConfig
from models.runs.events import Inbox, Leave
from models.runs.lock import Lock
from models.training import opening
from models.training.corpus import text_spec
from models.training.run import How
from tests.models.runs.damaged_runs import DAMAGED, in_place_of

CONFIG = TrainConfig(
    n_layer=1, n_head=1, n_embd=8, block_size=8, batch=2, steps=4, eval_every=2, warmup=1, threads=1, dtype="float32"
)
STEP = '{"event": "stepped", "step": 3, "progress": 0.5, "tokens": 9, "seconds": 1' + "0" * 400 + "}\n"


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was left after two of its four steps."""
    inbox: Inbox = SimpleQueue()
    place = tmp_path_factory.mktemp("left")
    (place / "text.txt").write_text("to be, or not to be\n" * 40)
    with opening.create(place / "run", CONFIG, text_spec(place / "text.txt"), ("playground", "train")) as begun:
        for event in begun.events(inbox, How(every=0)):
            if getattr(event, "step", 0) == 2:
                inbox.put(Leave("as asked", 0))
    return place / "run"


@pytest.fixture
def run(left: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(left, tmp_path / "run"))


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[Path]:
    """What is the person's, and stays as it is."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    yield folder
    assert os.listdir(folder) == ["mine.txt"] and (folder / "mine.txt").read_text() == "mine"


def ends(run: Path) -> str:
    inbox: Inbox = SimpleQueue()
    with opening.resume(run) as resumed:
        *_, last = resumed.events(inbox)
    return getattr(last, "why", "")


IN_THE_WAY = [
    "checkpoints/best-000000020",
    "checkpoints/best-000000020.safetensors",
    "checkpoints/step-000000001.safetensors",
    "checkpoints/.best-000000020.safetensors.1.saving",
    "snapshots/step-000000099",
    "snapshots/.step-000000099.1.saving",
    "snapshots/.step-000000099.removing",
    ".tokens.part",
    ".model.4194305.saving",
    ".model.4194305.old",
]


@pytest.mark.parametrize("kind", ["fifo", "link"])
def test_a_run_goes_on_past_whatever_stands_in_the_way(kind: str, run: Path, outside: Path) -> None:
    for name in IN_THE_WAY:
        os.mkfifo(run / name) if kind == "fifo" else (run / name).symlink_to(outside)
    with open(run / "log.jsonl", "a", encoding="utf-8") as log:
        log.write(STEP)
    assert ends(run).startswith("done after 4 steps")
    left = {name for name in IN_THE_WAY if os.path.lexists(run / name)}
    # a name that no version gives today, and the run's own unfinished text, which it did not need to make again
    assert left == {"checkpoints/best-000000020", ".tokens.part"}


REFUSED = DAMAGED | {
    "tokens is a FIFO": (in_place_of("tokens", os.mkfifo), "tokens.json cannot be read: not a directory"),
    "the lock is a FIFO": (
        in_place_of("lock", os.mkfifo),
        "run cannot be used: something that is no file has its name",
    ),
    "the lock is a folder": (in_place_of("lock", Path.mkdir), "run cannot be used: is a directory"),
    "the lock leads outside": (
        in_place_of("lock", lambda file: file.symlink_to("../outside/mine.txt")),
        "run cannot be used: too many levels of symbolic links",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_damaged_run_is_refused_in_a_sentence(case: str, run: Path, outside: Path) -> None:
    spoil, says = REFUSED[case]
    spoil(run)
    with pytest.raises(UserError) as caught:
        opening.resume(run)
    assert says in str(caught.value) and " - " in str(caught.value) and str(caught.value).isprintable()
    if not case.startswith("the lock"):
        Lock(run).release()  # it was left to others


def test_a_log_that_leads_outside_is_not_written(run: Path, outside: Path) -> None:
    (run / "log.jsonl").unlink()
    (run / "log.jsonl").symlink_to("../outside/mine.txt")
    with pytest.raises(UserError, match="the run's log cannot be written: too many levels of symbolic links - check"):
        opening.resume(run)
