"""What is measured of a model of the little world, and the card that says so."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.baselines import Bigram
from models.corpora import little_world
from models.corpora.little_world import world
from models.gpt import GPT
from models.lenses import abilities, probes
from models.lenses.probes.order import Order
from models.lenses.sweep import contrasts, singles, sweep
from models.lenses.truth import Truth
from models.runs.config import TrainConfig
from models.runs.measurement import Measurement
from models.switches import HeadOff
from models.tokenizers import Tokenizer
from models.training import corpus, result, world_card
from tests.conftest import random_gpt
from tests.models.training.small_training import drained

SETTINGS = TrainConfig(n_layer=1, n_head=2, n_embd=8, block_size=48)


@pytest.fixture(scope="module")
def words() -> Tokenizer:
    return little_world.tokenizer()


@pytest.fixture(scope="module")
def guesser(words: Tokenizer) -> GPT:
    """A GPT that has learned nothing."""
    model = random_gpt(SETTINGS.gpt(words.vocab_size), dtype=np.float32, tokenizer=words, name="guesser")
    return replace(model, training={"settings": SETTINGS.as_dict()})


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> corpus.WorldCorpus:
    monkeypatch.setattr(corpus, "WORLD_HELD_OUT", 1500)
    monkeypatch.setattr(corpus, "WORLD_COUNTED", 5000)
    found = corpus.open_corpus(corpus.world_spec(), tmp_path)
    assert isinstance(found, corpus.WorldCorpus)
    return found


def test_all_are_measured_on_the_same_words(
    small: corpus.WorldCorpus, guesser: GPT, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The truth, asked as a rival would be, comes to the floor; and the model's loss is that of its windows."""
    monkeypatch.setattr(probes, "ALL", (Order,))
    found = drained(result.measuring(guesser, small))
    measured = Measurement.of(found)
    assert measured is not None
    starts, rows, free = small.openings, list[Any](), 0
    for start in starts:
        if free <= start <= len(small.held_out) - 49:
            rows.append(np.asarray(small.held_out[start : start + 49], np.int64))
            free = start + 48
    assert (measured.tokens, measured.windows) == (48 * len(rows), len(rows))
    truth = Truth(small.tokenizer, world("training"))
    assert found["floor"] == pytest.approx(np.mean([_loss(truth, row) for row in rows]))
    losses = [_loss(guesser, row) for row in rows]
    assert measured.nats == pytest.approx(np.mean(losses), rel=1e-4)
    assert measured.error == pytest.approx(np.std(losses, ddof=1) / math.sqrt(len(rows)), rel=1e-3)
    assert (measured.held_out, measured.thing) == (len(small.held_out), "word")
    bigram = next(rival for rival in small.rivals if isinstance(rival, Bigram))
    assert found["rivals"]["bigram"] == pytest.approx(np.mean([_loss(bigram, row) for row in rows]))
    assert found["floor"] < min(found["rivals"].values()) < measured.nats
    asked = drained(result.probing(guesser, bigram))
    assert [probe["name"] for probe in asked] == ["order"] and asked[0]["cuts"] == {}


def _loss(model: Any, row: Any) -> float:
    logits = np.asarray(model.logits(row[:-1]), np.float64)
    p = np.exp(logits - logits.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    return float(-np.log(p[np.arange(len(row) - 1), row[1:]]).mean())


def test_an_ability_is_the_probe_and_its_sweep(words: Tokenizer, guesser: GPT) -> None:
    said = [words.ids[word] for text, _ in zip(world("training").texts(1), range(50), strict=False)
            for word in ("\n", *text.words)]  # fmt: skip
    bigram, probe = Bigram.count(np.array(said), words.vocab_size, tokenizer=words), Order()
    asked = abilities.ask(probe, guesser, bigram)
    assert asked.found == probe.measure(guesser) and asked.bigram == probe.measure(bigram)
    assert asked.cuts == () and asked.single(HeadOff) is None and "cuts" not in asked.as_dict()
    cuts = singles(guesser.config, HeadOff)
    made = abilities.dissect(asked, guesser, cuts)
    assert set(cuts) == {"head-off:0.0", "head-off:0.1"} and {cut.name for cut in made.cuts} == set(cuts)
    every = {cut.name for cut in abilities.dissect(asked, guesser).cuts}
    assert every == set(contrasts(guesser.config) | singles(guesser.config))
    assert made.as_dict()["cuts"] == {cut.name: cut.score for cut in sweep(guesser, probe, cuts.items())}
    vectors = next(kind for kind in probes.ALL if kind.gpt_only)()
    assert abilities.ask(vectors, bigram, bigram).as_dict()["score"] is None


def estimate(value: float, error: float) -> Mapping[str, float]:
    return {"value": value, "error": error}


def facts(**changes: Any) -> Mapping[str, Any]:
    probe = {"name": "order", "title": "who chased whom", "asks": "the prey runs", "bigram": 0.1, "score": 0.9,
             "chance": 0.5, "newest": 0.25, "cases": 200, "kinds": {}, "cases_of_kinds": {},
             "example": {"text": "the cat chased the dog. the dog", "right": ["ran", "was"]},
             "cuts": {"head-off:1.2": 0.2, "with the mask open": 0.3}}  # fmt: skip
    few = {**probe, "name": "few-shot", "title": "lists", "kinds": {"capital": 1.0, "male": 0.25},
           "cases_of_kinds": {"capital": 150, "male": 50}, "cuts": {}}  # fmt: skip
    weights = {**probe, "name": "analogies", "title": "analogies", "score": None, "example": None}
    return {
        "settings": SETTINGS.as_dict(), "val_loss": 2 * math.log(2), "val_tokens": 4800, "floor": 1.5 * math.log(2),
        "rivals": {"bigram": 3 * math.log(2)}, "stored_as": "float16", "probes": [probe, few, weights],
        "chain": {"cases": 200, "back": {"0.1": 0.75, "0.0": 0.25}, "ahead": {"1.0": 0.5, "1.1": 0.4, "0.0": 0.1},
                  "ahead_without": {"1.1": 0.25, "1.0": 0.125, "0.0": 0.5},
                  "score": 1.0, "score_without_back": 0.5, "score_without_ahead": 0.25},
        "beyond": {"texts": 1000, "new": estimate(2.5, 0.0625), "new_floor": estimate(1.25, 0.03),
                   "new_above": estimate(1.25, 0.0078), "disturbed": estimate(4.0, 0.04),
                   "undisturbed": estimate(2.0, 0.02), "sure": estimate(0.5, 0.01),
                   "sure_of_nothing": estimate(0.25, 0.02), "asked": 400, "repeated": [[6, 1.0], [8, 0.5]],
                   "skipped": 0.875, "in_no_list": 0.0625, "earlier": 0.125, "confused": 0.75},
    } | changes  # fmt: skip


def test_the_card_says_bits_probes_and_limits(guesser: GPT) -> None:
    text = "\n".join(world_card.measured(facts()))
    order = [text.index(f"| {name} |") for name in ("the truth (the floor)", "**this model**", "bigram")]
    assert order == sorted(order) and "| **this model** | 2.0000 | 1.3863 | 0.250 |" in text
    assert "The model is 0.500 bits above it." in text
    assert "| who chased whom | 0.90 | 0.10 | 0.25 | 0.50 | 200 | 1.2: 0.20 | – | 0.30 | – |" in text
    assert "| lists | 0.90 | 0.10 | 0.25 | 0.50 | 200 | – | – | – | – |" in text
    said = " ".join(text.split())
    assert '- who chased whom: the prey runs; "the cat chased the dog. the dog" - ran or was' in said
    assert "- analogies: the prey runs -" not in said and "to that word, one before: 0.1 (0.75). From" in said
    assert "what followed it: 1.0 (0.50), 1.1 (0.40). With the former off, the latter give at most 0.25" in said
    assert "the score falls from 1.00 to 0.50; with the latter off, to 0.25." in said
    limits = " ".join("\n".join(world_card.limits(replace(guesser, training=facts()))).split())
    assert "weakest at: lists (male) 0.25 of 50, who chased whom 0.90 of 200." in limits and "capital" not in limits
    assert "1,000 texts with a combination that training never makes cost it 2.50 ± 0.06 bits a word" in limits
    assert "the truth needs 1.25 ± 0.03: on the same words it is 1.250 ± 0.008 above it" in limits
    assert "4.00 ± 0.04 bits a word instead of 2.00 ± 0.02 (1,000 texts)" in limits
    assert "50 ± 1 % on average, and still 25 ± 2 %" in limits and "It sees 48 words" in limits
    assert "8 words 0.50 (of 400 each)" in limits and "a word, 0.88 of 400 lists go on after" in limits
    assert "0.06 of 400 are right" in limits and "in 0.75 of 400 cases, and the right one in 0.12 of 400" in limits


def test_a_chain_that_is_not_there_is_said_to_be_none() -> None:
    (text,) = world_card._chain({**facts()["chain"], "ahead": {"0.0": 0.25}})
    assert "to what followed it: none." in " ".join(text.split()) and "With the former off" not in text
    assert world_card._chain(None) == []


def test_every_figure_among_the_limits_has_its_error_or_its_number(guesser: GPT) -> None:
    _, limits = world_card.limits(replace(guesser, training=facts()))
    for item in limits.split("\n- "):
        shares = re.findall(r"\d\.\d\d+", item)
        assert not shares or re.search(r"±|of \d+", item), item


def test_a_model_without_the_mask_is_not_praised_for_its_score(guesser: GPT) -> None:
    blind = facts(settings={**SETTINGS.as_dict(), "without": ["mask"]})
    text = "\n".join(world_card.measured(blind))
    assert "the score says nothing about it" in " ".join(text.split()) and "bits above it" not in text
    limits = "\n".join(world_card.limits(replace(guesser, training=blind)))
    assert "50 ± 1 % on average" in limits and "bits a word" not in limits


def test_no_more_than_the_worst_are_named(guesser: GPT) -> None:
    (probe, *_) = facts()["probes"]
    kinds = {f"kind {number}": number / 100 for number in range(20)}
    many = [{**probe, "kinds": kinds, "cases_of_kinds": dict.fromkeys(kinds, 10)}]
    limits = " ".join("\n".join(world_card.limits(replace(guesser, training=facts(probes=many)))).split())
    assert limits.count("(kind") == 8 and "and 12 more are below 0.95" in limits and "(kind 0) 0.00 of 10" in limits


def test_heads_that_break_nothing_are_not_named() -> None:
    assert world_card._head({"without positions": 0.5}) == "none alone"
    assert world_card._head({}) == "–"
