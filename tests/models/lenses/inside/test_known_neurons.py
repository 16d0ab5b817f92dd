"""Neurons of little-world that a learner understands: what fires each, what it writes, and what is lost without it."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import NamedTuple

import numpy as np
import pytest

import models
from models.corpora.little_world import world
from models.gpt import GPT
from models.lenses.inside.neurons import firing, measured, neurons, writes
from models.measures import ranked
from models.ops import Array
from models.tracing import trace


class Known(NamedTuple):
    """A neuron, a text that fires it, and what it does there."""

    layer: int
    neuron: int
    text: str
    says: str  # the token the model says then
    activation: float
    adds: float  # to its score
    lost: float  # of its score, without the neuron
    then: str  # the token said without it
    writes: str  # words it raises most, all of one kind


KNOWN = [
    Known(1, 74, "\nhusband: wife; waiter: waitress; boy: girl; uncle:", "aunt", 4.36, 1.71, 0.68, "aunt",
          "wife sister daughter woman aunt girl mother"),
    Known(1, 117, "\nrosa lived in the city with her nephew", "oscar", 5.68, 1.33, 0.57, "oscar",
          "sam hugo john oscar peter max tom leo"),
    Known(1, 223, "\nhugo lived by the river with his aunt", "anna", 4.91, 1.00, 0.16, "lucy",
          "anna ivy mary emma nina rosa clara lucy"),
    Known(1, 383, "\nserena brooks plays hockey. diego moore plays rugby. michael", "vale", 3.92, 0.50, 0.13, "brooks",
          "marsh reed jordan moore stone vale fields brooks"),
    Known(1, 84, "\npeter was in the", "nursery", 4.45, 0.70, 0.33, "nursery",
          "jungle city hills nursery garden workshop lab palace"),
    Known(1, 341, "\ncountry", "japan", 4.78, 0.94, 0.39, "japan",
          "russia norway germany france spain india italy china"),
    Known(1, 170, "\n((red)) (", "{", 7.23, 1.26, 0.62, "[", "{ ( ["),
    Known(2, 39, "\nthe dog barks. the", "dogs", 10.25, 1.24, 0.75, "dogs", "bee dog lion horse cow owl pig cat"),
    Known(2, 45, "\npeter lived", "in", 13.23, 4.70, 2.92, "in", "in by under behind"),
    Known(2, 79, "\nnina was from a house in the jungle. she had a son tom. one", "night", 11.40, 2.18, 0.31, "day",
          "morning night evening day"),
    Known(2, 264, "\ngreta marsh plays", "golf", 6.27, 2.89, 1.92, "golf", "golf rugby chess tennis hockey football"),
]  # fmt: skip


@cache
def little_world() -> tuple[GPT, list[Array]]:
    model = models.load("little-world")
    assert model.tokenizer is not None
    return model, [*world("training").rows(24, 96, model.tokenizer.ids, Random(7))]


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: f"L{known.layer}N{known.neuron}")
def test_it_fires_there_and_hardly_elsewhere_and_writes_words_of_one_kind(known: Known) -> None:
    model, texts = little_world()
    assert model.tokenizer is not None
    token, tokens = model.tokenizer.token, model.tokenizer.encode(known.text)
    passed, row = trace(model, tokens), len(tokens) - 1
    found = neurons(passed, row, None, [known.layer])
    at = found.at(known.layer, known.neuron)
    *_, found = measured(passed, found, [at])
    assert (token(found.token), token(int(found.off_top[at]))) == (known.says, known.then)
    for value, expected in (
        (found.activation, known.activation),
        (found.adds, known.adds),
        (found.off_lost, known.lost),
    ):
        assert value[at] == pytest.approx(expected, abs=0.02)
    written = writes(passed, row, np.array([(known.layer, known.neuron)]))[0]
    assert set(known.writes.split()) <= {token(int(each)) for each in ranked(written, 8)}
    *_, fired = firing(model, texts, known.layer, known.neuron)
    assert known.activation > fired.most / 2 and fired.often < 0.03, "one word of thirty at most"
