"""What the chosen run can do is asked while one looks at that, and not before."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from models.corpora import little_world
from models.errors import UserError
from models.gpt import GPT, GPTConfig
from models.lenses.growth import Found, ask
from models.lenses.probes import Agreement, CaseProbe, MadeUpNames
from models.runs import snapshots
from models.runs.events import Snapshot
from models.switches import HeadOff
from playground.train import library
from playground.train.runner import Runner
from playground.train.skills import MOST, Able, Asking, able
from playground.train.watcher import Watcher
from tests.conftest import random_gpt
from tests.playground.train.runs_on_screen import at, make
from tests.playground.train.train_records import live, started

PROBES = (Agreement(), MadeUpNames())


def on_world(runs: Path, name: str = "world") -> Path:
    """A run on the little world: models that learned nothing."""
    run, words = make(runs, name), little_world.tokenizer()
    shutil.rmtree(run / "snapshots")
    for step in (0, 10, 20):
        model = random_gpt(GPTConfig(words.vocab_size, 96, 1, 1, 8), seed=step, tokenizer=words, name=name)
        snapshots.write(run, model, step)
    return run


def test_of_many_snapshots_some_are_asked(tmp_path: Path) -> None:
    record = live([started(), *(Snapshot(step, f"snapshots/{step}") for step in range(0, 1000, 10))])
    asking = Asking.of("x", tmp_path, record)
    steps = [step for step, _ in asking.snapshots]
    assert len(steps) == MOST and steps == sorted(steps) and (steps[0], steps[-1]) == (0, 990)
    assert asking.snapshots[-1][1] == tmp_path / "snapshots/990"


def test_what_a_snapshot_answered_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not asked again, and what is whole stands until more is known."""
    run, watcher, read = on_world(tmp_path), Watcher(), list[CaseProbe]()

    def reading(model: GPT, probe: CaseProbe) -> Found:
        read.append(probe)
        return ask(model, probe)

    monkeypatch.setattr("playground.train.watcher.ask", reading)
    asked = Asking("world", tuple(snapshots.listing(run).items()))
    watcher.probes = PROBES
    first = [each for each in watcher.work([asked]) if isinstance(each, Able)]
    assert first[-1].is_whole and first[-1].known == 6 == len(read)
    again = [each for each in watcher.work([asked]) if isinstance(each, Able)]
    assert len(read) == 6 and again[-1].courses[0].scores.tolist() == first[-1].courses[0].scores.tolist()
    assert again[-1].courses[1].head == HeadOff(0, 0) and again[-1].courses[1].weights is not None
    snapshots.write(run, random_gpt(GPTConfig(466, 96, 1, 1, 8), tokenizer=little_world.tokenizer()), 20)
    list(watcher.work([asked]))
    assert len(read) == 8, "another model of the same step is asked anew"
    part = replace(again[-1], courses=again[-1].courses[:1])
    assert part.is_worth(None) and part.is_worth(part) and again[-1].is_worth(part) and not part.is_worth(again[-1])
    assert part.is_worth(replace(again[-1], asked=Asking("other", asked.snapshots)))


def test_a_run_that_does_not_know_the_words_is_told_from_one_that_does(tmp_path: Path) -> None:
    watcher, other = Watcher(), make(tmp_path, "other")
    asked = Asking("other", tuple(snapshots.listing(other).items()))
    (found,) = (each for each in watcher.work([asked]) if isinstance(each, Able))
    assert found.known == 0 and "little world" in found.problem and "(n)" in found.problem
    shutil.rmtree(other / "snapshots")
    (gone,) = able(asked, watcher._answer, PROBES)
    assert gone is not None and "step-" in gone.problem and "little world" not in gone.problem


async def test_it_is_asked_while_one_looks(runs: Path) -> None:
    """Progress, the course, and another run's reason; where there is room the world's runs have it at once."""
    on_world(runs)
    make(runs, "other")
    async with at(runs, (120, 36)) as person:
        train = person.train
        train.watcher.probes = PROBES
        train.choose("world")
        await person.settle()
        assert not any(isinstance(each, Asking) for each in train.asked), "nobody looks"
        await person.press("9")
        await person.until(lambda: train.able is not None and train.able.is_whole)
        assert "agreement" in person.sees("skill") and "L0 H0 looks" in person.sees("skill")
        await person.press("left")
        assert train.scene.step == 10 and "step 10" in person.sees("skill")
        train.choose("other")
        await person.until(lambda: "does not know" in person.sees("skill"))
        await person.press("3")
        await person.pilot.resize_terminal(160, 48)
        await person.until(lambda: "watch" in train.board.order and "skill" not in train.board.order)
        train.choose("world")
        await person.until(lambda: "skill" in train.board.order and "agreement" in person.sees("skill"))
        assert "watch" in train.board.order


def test_a_lent_run_is_among_the_others_and_goes_again(tmp_path: Path) -> None:
    runner = Runner(tmp_path / "runs", lambda: None)
    own = make(tmp_path / "runs", "world")
    runner.found(library.read(tmp_path / "runs"))
    name = runner.lend(library.one(on_world(tmp_path / "elsewhere")))
    assert name == "world-2" and list(runner.runs) == ["world-2", "world"]
    runner.found(library.read(tmp_path / "runs"))
    assert list(runner.runs) == ["world-2", "world"] and runner.runs["world"].path == own
    with pytest.raises(UserError, match="the lesson's"):
        runner.check_deletes(name)
    runner.take_back()
    assert list(runner.runs) == ["world"]
