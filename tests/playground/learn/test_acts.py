"""Whoever did something else before is not held up: the act counts when it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

import models
from playground.learn.catalogue import every, named
from playground.learn.lesson import Challenge, Here, Lesson
from playground.looking.prompts import written
from playground.looking.session import Session


@pytest.mark.parametrize(
    ("key", "act"),
    [
        ("21", lambda session: replace(session, view=replace(session.view, row=1))),
        ("22", lambda session: replace(session, seed=session.seed + 1)),
    ],
)
def test_it_counts_in_another_text_as_well(key: str, act: Callable[[Session], Session]) -> None:
    task = named(key)
    assert isinstance(task, Lesson)
    model = models.load(task.start.model)
    began = task.start.session(model)
    for session in (began, written(began, model, "\nthe dog"), written(began, model, f"{task.start.text} dog ran")):
        assert not task.act.done(Here("play", session, began, model)), "it is not done by itself"
        assert task.act.done(Here("play", act(session), began, model))


@pytest.mark.parametrize("name", ["digits", "shakespeare-char"])
def test_whatever_model_is_opened_meanwhile_can_be_asked(name: str) -> None:
    """It may have no word of the lesson's text."""
    model = models.load(name)
    session = replace(Session(name), tokens=(1, 2))
    here = Here("play", session, session, model, None, models.trace(model, session.tokens))
    for task in every():
        assert isinstance(task, Lesson | Challenge)
        for done in [step.act.done for step in task.steps] if isinstance(task, Lesson) else [task.done]:
            assert done(here) in (True, False), task.title
