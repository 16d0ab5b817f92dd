"""Two processes that train together."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from models.errors import UserError
from models.training.distributed import world
from tests.models.training.small_training import QUICK, training
from tests.models.training.two_processes import find, free_port, meet


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the main one of two processes found; the other saw the same, until it was killed."""
    out = tmp_path_factory.mktemp("together") / "found"
    port, processes = free_port(), list[int]()
    for rank in range(2):
        processes.append(os.fork())
        if not processes[-1]:
            try:
                meet(rank, port)
                find(out)
            finally:
                os._exit(0)
    for process in processes:
        os.waitpid(process, 0)
    main, other = (json.loads(Path(f"{out}.{rank}").read_text()) for rank in range(2))
    assert {name: main[name] for name in other} == other
    return dict(main)


@pytest.mark.parametrize(("name", "changes"), [("muon", {}), ("adamw", {"method": "adamw", "accumulate": 2})])
def test_two_processes_learn_as_one(found: dict[str, Any], name: str, changes: Any) -> None:
    alone = [report.loss for report in training(QUICK, dtype="float32", steps=50, **changes).reports()]
    assert found[name] == pytest.approx(alone, abs=1e-4) and len(alone) == 50 and len(set(alone)) == 50


def test_they_resume_from_what_the_main_one_has(found: dict[str, Any]) -> None:
    assert found["resumed"] == [0] * 8


def test_a_batch_that_cannot_be_shared_is_named(found: dict[str, Any]) -> None:
    assert "a batch of 9 in parts of 1 cannot be shared by 2 processes" in found["refused"]


def test_where_the_main_one_leaves_the_others_leave_and_come_back(found: dict[str, Any]) -> None:
    assert found["left"] == [1, 2, 3, 4, 5, 6]


def test_where_one_is_gone_the_other_says_so_in_a_sentence(found: dict[str, Any]) -> None:
    assert found["died"] == "another process of this run is gone - start all of them again, to resume the run"


def test_alone_there_is_nothing_to_meet(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (world("cpu").size, world("cpu").main, world("cpu").led(1, 2)) == (1, True, [1, 2])
    monkeypatch.setenv("WORLD_SIZE", "two")
    world.cache_clear()
    with pytest.raises(UserError, match="WORLD_SIZE is 'two'"):
        world("cpu")
