"""A held-out loss: what it is told as, and how it is read from any training.json there is."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest

import models
from models.formats import records
from models.runs.measurement import KEY, UNFAIR, Measurement
from models.units import BITS, NATS

HALF = Measurement(math.log(2) / 2, 131_072, 1_115_394, 0.01 * math.log(2), 2048, 65_536, "word")


def test_it_is_told_in_bits_or_nats_with_its_error_and_what_it_was_measured_on() -> None:
    assert HALF.loss() == "0.500 ± 0.010 bits a word"
    assert HALF.loss(NATS) == "0.347 ± 0.007 nats a word"
    assert HALF.said() == "0.500 ± 0.010 bits a word on 131,072 of 1,115,394 held-out words"
    whole = replace(HALF, tokens=1_115_394, error=math.nan, thing="character")
    assert whole.said(BITS) == "0.500 bits a character on 1,115,394 held-out characters"
    assert whole.doubt == "" and "0.0100 bits, each of the 2,048 windows one draw" in HALF.doubt
    assert replace(HALF, looks_ahead=True).said().endswith(f" ({UNFAIR})")


def test_it_knows_bits_a_character_where_the_tokens_tell_all_of_the_text() -> None:
    assert HALF.per_character == pytest.approx(1.0)  # half a bit a word, of half a character each
    assert math.isnan(replace(HALF, characters=0).per_character)


def test_what_is_written_is_read() -> None:
    facts = json.loads(json.dumps({KEY: records.plain(HALF)}))
    assert Measurement.of(facts) == HALF
    unsure = Measurement.of({KEY: records.plain(replace(HALF, error=math.nan))})
    assert unsure is not None and math.isnan(unsure.error)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("shakespeare-char", "2.126 bits a character on 111,540 held-out characters"),
        ("little-world", "1.050 bits a word on 55,584 of 65,542 held-out words"),
    ],
)
def test_a_training_json_of_before_is_read(name: str, said: str) -> None:
    facts = dict(models.load(name).training)
    now = facts.pop(KEY, None)
    facts |= {"val_loss": now["nats"], "val_tokens": now["tokens"]} if now else {}
    measured = Measurement.of(facts)
    assert measured is not None and measured.said() == said and not measured.looks_ahead
    told = facts.get("bits_per_character", math.nan)
    assert measured.per_character == pytest.approx(told, rel=1e-4, nan_ok=True)
    blind = Measurement.of({**facts, "settings": {**facts["settings"], "without": ["mask"]}})
    assert blind is not None and blind.looks_ahead


@pytest.mark.parametrize(
    "facts",
    [{}, {"val_loss": "low"}, {"val_loss": 1.0, "corpus": 3}, {KEY: {"nats": 1.0}}, {KEY: 7}, {"val_loss": None}],
    ids=str,
)
def test_what_makes_no_sense_is_no_measurement(facts: dict[str, Any]) -> None:
    assert Measurement.of(facts) is None
