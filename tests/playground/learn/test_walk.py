"""From the question to what was measured: a value, and what keys make of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.errors import UserError
from models.units import NATS
from playground.learn import walk as walks
from playground.learn.bench import Bench
from playground.learn.catalogue import every, named
from playground.learn.findings import Measured, Of, by_name
from playground.learn.lesson import GROUPS, Lesson
from playground.learn.questions import Choice, Number, Token
from playground.learn.tutor import ended_early
from playground.learn.words import said, stage_of
from playground.train.record import Record, State

FOUND = by_name([Measured("cost", "it costs", 2.0, "bits"), Measured("next", "then", 0.75, "probability", " to\n")])


def test_a_choice_is_a_letter_or_its_words() -> None:
    question = Choice("which?", ("one", "two"), lambda found: int(found["cost"].value) - 1)
    assert question.read("b") == question.read(" two ") == "two" == question.measured(FOUND)
    assert question.is_right("two", FOUND) and not question.is_right("one", FOUND)
    with pytest.raises(UserError, match="choose a letter from a to b"):
        question.read("c")


def test_a_number_is_right_within_what_the_lesson_allows() -> None:
    question = Number("how much?", of="cost", within=0.5)
    assert question.is_right(question.read("2.5"), FOUND) and not question.is_right("2.6", FOUND)
    assert question.measured(FOUND) == "2.00 bits" and question.measured(FOUND, NATS) == "1.39 nats"
    for wrong in ("", "much", "nan"):
        with pytest.raises(UserError, match="is not a number"):
            question.read(wrong)


def test_a_token_is_what_is_seen_of_it() -> None:
    question = Token("what?", of="next")
    assert question.is_right(question.read("to"), FOUND) and not question.is_right("too", FOUND)
    assert question.measured(FOUND).endswith(" 0.750") and "\n" not in question.measured(FOUND)
    with pytest.raises(UserError, match="no word"):
        question.read(" ")


def test_keys_predict_and_turn_pages() -> None:
    walk = walks.begun(named("7"))
    walk = walks.asked_key(walk, "down", None)
    assert walk.at == 1 and walks.asked_key(walk, "enter", None).predicted == walk.options[1]
    assert walks.asked_key(walk, "c", "c").predicted == walk.options[2]
    assert walks.asked_key(walk, "x", "x") == walk
    seen = replace(walks.acted(walks.asked_key(walk, "a", "a")), findings=FOUND)
    assert walks.seen_key(seen, "enter", 2).page == 1 and walks.seen_key(seen, "left", 2) == seen
    assert walks.seen_key(replace(seen, page=1), "enter", 2).left
    assert walks.seen_key(replace(seen, page=1), "pageup", 2).page == 0
    for key in ("left", "right", "up", "down", "backspace"):  # what is to be tried next needs them
        assert walks.seen_key(replace(seen, page=1), key, 2).page == 1
    assert not walks.seen_key(replace(seen, findings=None), "enter", 1).left


def test_what_is_done_in_steps_is_told_step_by_step() -> None:
    lesson = named("3")
    assert isinstance(lesson, Lesson) and len(lesson.steps) == 8
    assert lesson.models == ("worked-example", "worked-example-qkv", "worked-example-masked")
    walk = walks.answered(walks.begun(lesson), "b")
    for at, step in enumerate(lesson.steps, 1):
        assert walk.step == step and stage_of(walk) == f"2 do it, step {at} of 8"
        assert said(walk)[0][0].words == step.act.words
        walk = walks.acted(walk)
    assert walk.stage == "see" and walk.step is None and stage_of(walk) == "3 what was measured"
    assert stage_of(walks.answered(walks.begun(named("7")), "c")) == "2 do it"


def test_the_worked_example_is_the_books_to_the_last_decimal_or_fails() -> None:
    lesson = named("3")
    found = lesson.findings(Bench())
    assert lesson.holds(found)
    for name, each in found.items():
        assert not lesson.holds({**found, name: replace(each, value=each.value + 1e-4)}), name


def test_what_was_measured_stands_beside_the_prediction() -> None:
    lesson = named("7")
    assert isinstance(lesson, Lesson)
    walk = walks.acted(walks.answered(walks.begun(lesson), "c"))
    assert [piece.words for block in said(walk) for piece in block] == ["measuring, on this machine ..."]
    low, high = (by_name([Measured("masked here", "", 2.0), Measured("open here", "", after)]) for after in (0.0, 4.0))
    for found, verdict in ((high, "As you said."), (low, "Not what you said.")):
        told = said(replace(walk, findings=found))
        assert verdict in [piece.words for block in told for piece in block]
        assert told[-1][0].lead == "Try next:", "with it one leaves the last page"


def test_the_wait_for_a_training_is_spoken_of_while_it_lasts() -> None:
    walk = walks.answered(walks.begun(named("8")), "c")
    assert "A model is being trained" in said(walk)[0][1].words
    assert said(replace(walk, is_trained=True))[0][1].words.endswith("goes on by itself once it is done.")
    acted = walks.acted(walk)
    assert "is being trained" in said(acted)[0][0].words
    assert "measuring" in said(replace(acted, is_trained=True))[0][0].words
    ends: tuple[tuple[State, str], ...] = ("stopped", ""), ("died", "no space left")
    for state, problem in ends:
        failed = ended_early(Record(state, problem=problem))
        assert (problem or "it was stopped") in failed and "c goes on with it" in failed
        assert said(replace(walk, failed=failed))[0][1].words == f"You said: worse than a bigram. {failed}"
    assert not any(map(ended_early, (Record("running"), Record("done"), Record("paused"))))


@pytest.mark.parametrize(
    ("value", "of", "written"),
    [
        (6.676e-06, "number", "0.0000067"),
        (-0.01539, "number", "-0.0154"),
        (1.495, "number", "1.4950"),
        (466.0, "number", "466"),
        (3.9e-4, "probability", "0.0004"),
        (0.829, "probability", "0.829"),
        (0.0, "probability", "0.000"),
        (1.20013, "about", "1.20"),
        (237_575.4903, "about", "238,000"),
        (1.756e-05, "about", "0.0000176"),
    ],
)
def test_a_number_is_written_without_a_power_of_ten(value: float, of: Of, written: str) -> None:
    assert Measured("a", "", value, of).written() == written


def test_lessons_stand_by_group_and_number_and_an_unknown_one_is_refused() -> None:
    for group in GROUPS:
        numbers = [task.number for task in every() if isinstance(task, Lesson) and task.group == group]
        assert numbers == sorted(numbers) and numbers
    with pytest.raises(UserError, match=r"there is no lesson '0' - there are 1, "):
        named("0")
