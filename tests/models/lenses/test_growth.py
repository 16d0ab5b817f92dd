"""Abilities over the snapshots of a run, and the heads that look at what followed before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import model_folders
from models.errors import UserError
from models.lenses.growth import Course, Found, ask, ask_snapshot, growing, since
from models.lenses.probes import Agreement, CaseProbe, Induction, MadeUpNames
from models.switches import HeadOff
from models.tokenizers import Tokenizer
from tests.conftest import random_gpt
from tests.models.lenses.small_models import inducer, reduced

SCORES = {0: 0.0, 100: 0.1, 200: 0.6, 300: 0.4, 400: 0.5, 500: 1.0}
WEIGHTS = {0: 0.0, 100: 0.1, 200: 0.2, 300: 0.4, 400: 0.5, 500: 0.6}  # of head 1.1


def told(folder: Path, probe: CaseProbe) -> Found:
    """What snapshots answer whose folders are called by their steps."""
    step = int(folder.name)
    ahead = np.array([[0.3, 0.0], [0.0, WEIGHTS[step]]])
    return Found(SCORES[step], ahead if isinstance(probe, MadeUpNames) else None)


def test_courses_grow_answer_by_answer() -> None:
    """One ability after the other, each along the snapshots."""
    pieces = list(growing({step: Path(str(step)) for step in SCORES}, told, (MadeUpNames(), Agreement())))
    assert [[len(each.steps) for each in piece] for piece in pieces[:2] + pieces[5:7]] == [[1], [2], [6], [6, 1]]
    assert len(pieces) == 12
    names, agreement = pieces[-1]
    assert names.steps.tolist() == list(SCORES) and names.scores.tolist() == list(SCORES.values())
    assert names.weights is not None and names.weights.tolist() == list(WEIGHTS.values())
    assert names.head == HeadOff(1, 1)
    assert (names.head_came, names.came) == (300, 400), "the head that looks most at the end, and before its ability"
    assert agreement.weights is None and agreement.head_came is None and agreement.came == 400


def test_it_is_there_since_the_step_from_which_it_stays() -> None:
    steps = np.array([0, 10, 20, 30])
    assert since(steps, np.array([0.0, 0.9, 0.4, 0.5]), 0.5) == 30
    assert since(steps, np.array([0.5, 0.5, 0.5, 0.5]), 0.5) == 0
    assert since(steps, np.array([0.9, 0.9, 0.9, 0.4]), 0.5) is None is since(steps[:0], steps[:0], 0.5)
    assert since(steps, np.array([0.9, np.nan, 0.9, 0.9]), 0.5) == 20


def test_a_model_answers_and_its_heads_are_looked_at(words: Tokenizer, tmp_path: Path) -> None:
    """One made by hand that does induction and nothing else, also from its folder."""
    model = inducer(words)
    found = ask(model, Induction())
    assert found.score == 1 and found.ahead is not None
    assert found.ahead[1, 0] == pytest.approx(1, abs=1e-3) and found.ahead[0, 0] < 0.5
    assert ask(model, Agreement()).ahead is None
    model_folders.save(model, tmp_path / "5", "float32")
    assert ask_snapshot(tmp_path / "5", Induction()).score == 1


def test_without_attention_or_the_words_there_is_nothing_to_look_at(words: Tokenizer) -> None:
    config = reduced("attention").config
    blind = random_gpt(type(config)(words.vocab_size, 96, 1, 1, 4, without=("attention",)), tokenizer=words)
    assert ask(blind, Induction()).ahead is None
    with pytest.raises(UserError, match="does not know"):
        ask(random_gpt(config), Agreement())


def test_a_course_is_told_as_numbers() -> None:
    steps, scores = np.array([0, 10]), np.array([0.0, 0.75])
    plain = Course(Agreement(), steps, scores).as_dict()
    assert plain == {"name": "agreement", "title": "number agreement", "scores": [0.0, 0.75], "came": 10}
    looks = Course(MadeUpNames(), steps, scores, HeadOff(0, 1), np.array([0.5, 0.25])).as_dict()
    assert (looks["head"], looks["weights"], looks["head_came"]) == ("0.1", [0.5, 0.25], None)
