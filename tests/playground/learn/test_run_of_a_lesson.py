"""A lesson that trains its model on the Train screen, which goes with it; and the same without a screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.corpora.spec import TokenizerSpec
from models.runs.config import TrainConfig
from playground.learn.bench import Bench
from playground.learn.checking import check
from playground.learn.findings import Findings, Measured
from playground.learn.lesson import LEARNING, Act, Claim, Here, Lesson, Start
from playground.learn.questions import Number
from playground.train.form import Plan
from playground.train.scene import TrainScene
from tests.playground.learn.learner_on_screen import at
from tests.playground.train.runs_on_screen import TEXT

SIZES = TrainConfig(n_layer=1, n_head=1, n_embd=8, block_size=16, batch=2, steps=4, eval_every=2)


def measure(bench: Bench) -> Iterator[Measured]:
    assert bench.trained is not None
    yield Measured("width", "numbers a word has", bench.model(str(bench.trained)).config.n_embd, "count")


def holds(found: Findings) -> bool:
    return found["width"].value == 8


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
        question=Number("How wide?", of="width"), act=Act("a", "another axis", ("a",), done),
        measure=measure, holds=holds, shows="It is.", shows_not="anything.", onward="Nothing.",
    )  # fmt: skip


async def test_its_model_is_trained_on_the_screen_measured_and_taken_away(tmp_path: Path) -> None:
    async with at(runs=tmp_path / "runs") as learner:
        task = lesson(tmp_path)
        await learner.begin(task)
        train = learner.app.tutor.train
        assert learner.screen is train
        await learner.predict()
        await learner.until(lambda: train.scene.has_curve)
        await learner.press(*task.act.pressed)
        assert "8 numbers a word has" in await learner.read()
        assert (tmp_path / "runs" / "of-a-lesson").is_dir()
        await learner.press("escape")
        await learner.until(lambda: learner.walk is None and not (tmp_path / "runs" / "of-a-lesson").exists())


def test_without_a_screen_it_is_trained_as_well(tmp_path: Path) -> None:
    (checked,) = check([lesson(tmp_path)])
    assert checked.holds and checked.values == {"width": 8}
