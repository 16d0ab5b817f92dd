"""What lessons train, and by what one sees on the Train screen that the person has looked at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

import models
from playground.learn.catalogue import every
from playground.learn.lesson import Here, Lesson
from playground.learn.plans import PAGES
from playground.train.record import Record, State
from playground.train.scene import TrainScene, TrainView, choose
from playground.train.scene import turn as turned

SEVERAL = [task for task in every() if isinstance(task, Lesson) and task.against]


def here(task: Lesson, scene: TrainScene) -> Here:
    model = models.load(task.start.model)
    session = task.start.session(model)
    return Here("train", session, session, model, scene)


def as_trained(task: Lesson, last: State = "done") -> TrainScene:
    """The newest of the lesson's runs is chosen, and stands above the others, and they above someone's own."""
    names = [plan.name for plan in reversed(task.runs)]
    states: Iterator[State] = iter([last, *["done"] * len(names)])  # type: ignore[list-item]  # all are states
    runs = {plan.name: Record(config=plan.config, state=next(states)) for plan in reversed(task.runs)}
    own = Record(config=replace(task.runs[0].config, seed=7), state="done")
    return TrainScene(TrainView(names[0]), {**runs, "own": own})


@pytest.mark.parametrize("task", SEVERAL, ids=lambda task: task.key)
def test_its_keys_choose_the_run_it_is_about_once_all_are_trained(task: Lesson) -> None:
    for state, is_done in (("done", True), ("running", False)):
        scene = as_trained(task, state)  # type: ignore[arg-type]  # one of two states
        assert not task.act.done(here(task, scene)), "it is not done by itself"
        for _ in range(task.act.pressed.count("down")):
            scene = replace(scene, view=scene.moved(0, 1))
        assert task.act.done(here(task, scene)) == is_done
    scene = as_trained(task)
    assert not task.act.done(here(task, replace(scene, view=choose(scene.view, "own"))))


def test_drawn_by_their_logarithm_is_an_act() -> None:
    task = next(task for task in every() if task.key == "8")
    assert isinstance(task, Lesson) and task.act.pressed == ("y",)
    scene = TrainScene(TrainView("answers-in-sight"), {"answers-in-sight": Record(config=task.runs[0].config)})
    assert not task.act.done(here(task, scene))
    assert task.act.done(here(task, replace(scene, view=turned(scene.view, "scale"))))


def test_its_pages_are_the_little_world_s() -> None:
    words = set(PAGES.read_text().split())
    tokenizer = models.load("little-world").tokenizer
    assert tokenizer is not None and words <= tokenizer.ids.keys() and len(words) > 300
