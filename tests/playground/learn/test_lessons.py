"""Every lesson and challenge there is: its claim holds, it opens, its act is seen, and its words fit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from functools import cache

import pytest

import models
from models.units import BITS
from playground import screens
from playground.cells import cell_len
from playground.kit.canvas import Canvas
from playground.kit.palette import Palette
from playground.kit.themes import OWN
from playground.learn import coach
from playground.learn import walk as walks
from playground.learn.bench import Bench
from playground.learn.catalogue import every
from playground.learn.checking import Checked
from playground.learn.findings import Findings
from playground.learn.lesson import GROUPS, Challenge, Lesson, Step, Task
from playground.learn.walk import Walk
from playground.learn.words import STAGES, stage_of
from tests.playground.learn.learner_on_screen import Learner, at

TASKS = [task for task in every() if task.run is None]  # the others have a model trained first
BENCH = Bench()


@cache
def found(task: Task) -> Findings:
    """Measured once for all tests."""
    return task.findings(BENCH)


def each(tasks: Sequence[Task]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("task", tasks, ids=lambda task: task.key)


@each(TASKS)
def test_the_claim_holds_on_the_bundled_models(task: Task) -> None:
    checked = Checked.of(task, found(task))
    assert checked.holds, {name: measured.written() for name, measured in found(task).items()}
    assert json.dumps([checked.values, checked.holds]), "as --check --json prints them"
    if isinstance(task, Lesson):
        right = task.question.measured(found(task))
        assert right and (not task.question.options or right in task.question.options)


@each(every())
def test_it_says_all_that_a_lesson_must(task: Task) -> None:
    assert task.group in GROUPS and task.start.screen in screens.NAMES and task.minutes <= 3
    assert set(task.models) <= set(models.available())
    then = [step.start for step in task.then if step.start is not None] if isinstance(task, Lesson) else []
    assert all(start.screen == task.start.screen for start in (task.opens, *then))
    texts = [getattr(task, each.name) for each in fields(task)]
    assert all(each.strip() for each in texts if isinstance(each, str))
    assert task.claim.words.endswith(".") and task.claim.source
    if isinstance(task, Lesson):
        assert not task.onward.startswith(("⏎", "Enter")), "it would end the lesson: another key first is for the pane"
    assert task.start.screen != "compare" or task.opens.text != task.start.text, "the strips tell what is asked"
    assert (not task.runs or task.start.screen == "train") and (task.run or not task.against)


def pages(walk: Walk, size: tuple[int, int]) -> list[list[coach.Line]]:
    return coach.pages_of(walk, Palette.of(OWN[0]), size[0] - 2, coach.height(size[1]), BITS)


@each(every())
def test_its_words_fit_the_strip(task: Task) -> None:
    for size in ((80, 24), (160, 48)):
        walk = walks.begun(task)
        assert len(pages(walk, size)) == 1, "the question is cut"
        if isinstance(task, Lesson):
            walk = walks.answered(walk, task.question.options[0] if task.question.options else "1")
        for _ in task.steps if isinstance(task, Lesson) else "c":
            assert walk.stage == "act" and len(pages(walk, size)) == 1, "what is to be done is cut"
            walk = walks.acted(walk)
        if task.runs:
            continue  # measured where it is trained
        seen = pages(replace(walk, findings=found(task)), size)
        assert len(seen) <= 8, "it talks too much"
        for line in (line for page in seen for line in page):
            assert sum(cell_len(words) for words, _, _ in line) <= size[0] - 2


@each(every())
def test_what_stands_above_the_strip_is_whole(task: Task) -> None:
    """The title, the stage in words or by its number, and all that can be pressed."""
    begun = walks.begun(task)
    for walk in (
        begun,
        walks.acted(begun) if task.runs else replace(walks.acted(begun), predicted="1", findings=found(task)),
    ):
        for has_keys in (True, False):
            canvas = Canvas(78, 6, Palette.of(OWN[0]), focused=has_keys)
            coach.Strip().draw(coach.Told(walk), canvas)
            line = canvas.plain().splitlines()[0]
            said = line.removeprefix(task.title).rstrip()
            offered = [words for words, _ in coach.offers(walk, 0, len(pages(walk, (80, 24))), has_keys=has_keys)]
            assert said.endswith(" ".join(offered)) and offered[-1] == "esc leave"
            stage = said.removesuffix(" ".join(offered)).strip(" ─━")
            assert stage in (stage_of(walk), STAGES[walk.stage][0], "")


async def do(learner: Learner, step: Step) -> None:
    """What is said, once it is said; it is not done by itself."""
    await learner.until(lambda: step.act.words[:20] in learner.says and learner.app.play.is_fresh and not learner.waits)
    assert learner.walk is not None and learner.walk.step == step, "it is done by itself"
    if step.start is not None:
        session = learner.app.session
        assert session.model == step.start.model and set(map(str, session.switches)) == set(step.start.switches)
    for key in step.act.pressed:
        await learner.press(key)


async def walk_through(learner: Learner, task: Task) -> None:
    """As the lesson says, and out of it again."""
    own, shown = learner.app.session, learner.screen
    await learner.begin(task)
    session = learner.app.session
    assert learner.screen is learner.app.made[task.opens.screen] and session.model == task.opens.model
    assert set(map(str, session.switches)) == set(task.opens.switches) and task.title in learner.says
    if isinstance(task, Lesson):
        await learner.predict()
        for step in task.steps:
            await do(learner, step)
    if isinstance(task, Challenge):
        assert learner.walk is not None and learner.walk.stage == "act", "it is not done by itself"
        for key in task.pressed:
            await learner.press(key)
    said = " ".join((await learner.read()).split())
    assert task.claim.words[:30] in said and task.key in learner.app.store.learned
    await learner.press("escape")
    await learner.until(lambda: learner.walk is None and learner.app.here is shown)
    assert learner.app.session == own


@pytest.mark.parametrize("group", list(dict.fromkeys(task.group for task in TASKS)))
async def test_each_opens_its_act_is_seen_and_what_was_measured_is_told(group: str) -> None:
    async with at() as learner:
        for task in TASKS:
            if task.group == group:
                await walk_through(learner, task)
