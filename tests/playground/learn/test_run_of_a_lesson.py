"""A lesson that trains its model on the Train screen, which goes with it; and the same without a screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from models.corpora.spec import TokenizerSpec
from models.runs.config import TrainConfig
from playground.learn.bench import Bench
from playground.learn.checking import check
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import LEARNING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Number
from playground.plain.lessons import PlainLesson
from playground.train.form import Plan
from playground.train.scene import TrainScene
from tests.playground.learn.learner_on_screen import at
from tests.playground.train.runs_on_screen import TEXT
from tests.playground.waiting import at_last

SIZES = TrainConfig(n_layer=1, n_head=1, n_embd=8, block_size=16, batch=2, steps=4, eval_every=2)


WIDER = replace(SIZES, n_embd=16)


def measure_one(bench: Bench) -> Iterator[Measured]:
    assert bench.trained == bench.runs["of-a-lesson"]
    yield Measured("width", "numbers a word has", _width(bench, "of-a-lesson"), "count")


def measure(bench: Bench) -> Iterator[Measured]:
    yield from measure_one(bench)
    yield Measured("wider", "numbers a word has in the other", _width(bench, "wider"), "count")


def _width(bench: Bench, name: str) -> int:
    return bench.model(str(bench.runs[name])).config.n_embd


def holds(found: Findings) -> bool:
    return found["width"].value == 8 and found["wider"].value == 16


def done(here: Here) -> bool:
    """The curve is drawn otherwise."""
    return isinstance(here.scene, TrainScene) and here.scene.view.along != "steps"


def lesson(folder: Path) -> Lesson:
    """One whose run learns a small text."""
    text = folder / "tiny.txt"
    text.write_text(TEXT)
    return Lesson(
        number=99, name="A run", group=LEARNING, claim=Claim("It learns.", "here"),
        start=Start("little-world", "\nthe", screen="train", pane="loss"),
        run=Plan("of-a-lesson", SIZES, (str(text),), TokenizerSpec("char")),
        against=(Plan("wider", WIDER, (str(text),), TokenizerSpec("char")),),
        question=Number("How wide?", of="width"), act=Act("a", "another axis", ("a",), done),
        measure=measure, holds=holds, shows="It is.", shows_not="anything.", onward="Nothing.",
    )  # fmt: skip


async def test_its_model_is_trained_on_the_screen_measured_and_taken_away(tmp_path: Path) -> None:
    async with at((100, 30), runs=tmp_path / "runs") as learner:
        task = lesson(tmp_path)
        await learner.begin(task)
        train = learner.app.tutor.train
        assert learner.screen is train and train.prompt.text == task.start.text
        assert train.board.staged == "watch", "not what it writes"
        await learner.until(lambda: learner.app.tutor.bench.runs and not train.runner.is_alive)
        assert [*train.runs] == ["of-a-lesson"], "what is held against it would tell the answer"
        await learner.predict()
        await learner.until(lambda: train.view.run == "wider" and train.scene.has_curve)
        await learner.press(*task.act.pressed)
        said = await learner.read()
        assert "8 numbers a word has" in said and "16 numbers a word has in the other" in said
        assert train.view.run == "wider" and train.view.pinned == ("of-a-lesson", "wider")
        assert sorted(each.name for each in (tmp_path / "runs").iterdir()) == ["of-a-lesson", "wider"]
        await learner.press("escape")
        await learner.until(lambda: learner.walk is None and not any((tmp_path / "runs").iterdir()))
        assert not train.view.pinned and train.prompt.typed is None
        assert not [each for each in learner.notices if "of-a-lesson" in each or "wider" in each], "the strip says it"
        assert not train.runner.hushed


@pytest.mark.parametrize("keys", [[], ["escape"]], ids=["in-it", "just-out-of-it"])
async def test_who_leaves_the_program_leaves_no_run_of_a_lesson_behind(tmp_path: Path, keys: list[str]) -> None:
    """In the middle of its training, and while what was left a moment ago is still being saved."""
    task, runs = lesson(tmp_path), tmp_path / "runs"
    assert task.run is not None
    long = replace(task, run=replace(task.run, config=replace(SIZES, steps=1_000_000)))
    async with at(runs=runs) as learner:
        await learner.begin(long)
        train = learner.app.tutor.train
        await learner.until(lambda: train.scene.has_curve)
        assert [each.name for each in runs.iterdir()] == ["of-a-lesson"]
        await learner.press(*keys)
    assert not train.runner.is_alive
    await at_last(lambda: not any(runs.iterdir()))  # what takes it away may be at it


def test_without_a_screen_it_is_trained_as_well(tmp_path: Path) -> None:
    (checked,) = check([lesson(tmp_path)])
    assert checked.holds and checked.values == {"width": 8, "wider": 16}


def test_in_sentences_it_is_trained_as_well(tmp_path: Path) -> None:
    alone = replace(lesson(tmp_path), against=(), measure=measure_one, holds=lambda found: found["width"].value == 8)
    walked = PlainLesson(alone)
    said = list(walked.answer("8"))
    assert "Training, and measuring, on this machine." in said and "numbers a word has: 8" in said
