"""`playground inside words` and `senses`: each form of question, in text and JSON, and what cannot be asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playground.cli import main

RIVER = "mary was by the river . she was late . the bank"
CITY = "mary was in the city . she was late . the bank"


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Any:
    def ask(*words: str) -> Any:
        assert main(["inside", *words]) == 0
        out = capsys.readouterr().out
        return json.loads(out) if "--json" in words else out

    return ask


def test_a_sum_tells_the_nearest_and_the_rank_of_its_answer(told: Any) -> None:
    facts = told("words", "little-world", "king - man + woman = queen", "--json")
    assert (facts["plus"], facts["minus"], facts["given_left_out"]) == (["king", "woman"], ["man"], True)
    assert (facts["answer"], facts["rank"], facts["nearest"][0]["word"]) == ("queen", 1, "queen")
    assert facts["cosine"] == facts["nearest"][0]["cosine"] == pytest.approx(0.781, abs=0.001)
    kept = told("words", "little-world", "king - man + woman = king", "--keep-given", "--count", "3", "--json")
    assert [each["word"] for each in kept["nearest"]] == ["queen", "king", "wife"] and kept["rank"] == 2
    assert told("words", "little-world", "king - man + woman = king", "--json")["rank"] is None, "left out"
    said = told("words", "little-world", "king - man + woman = queen")
    assert "queen: rank 1, cosine +0.781" in said and "given left out" in said


def test_one_word_has_neighbours_and_a_list_a_map(told: Any) -> None:
    facts = told("words", "little-world", "japan", "--count", "3", "--json")
    assert [each["word"] for each in facts["neighbours"]] == ["greece", "spain", "france"]
    capitals = told("words", "little-world", "capital", "--map", "--json")
    assert (capitals["map"], len(capitals["words"]), len(capitals["pairs"])) == ("capital", 20, 10)
    assert capitals["kept"] == pytest.approx(0.478, abs=0.001)
    assert min(pair["cosine"] for pair in capitals["pairs"]) > 0.99
    assert told("words", "little-world", "all words", "--json")["kept"] == pytest.approx(0.114, abs=0.001)
    assert "cosine 0.996 to 1.000" in told("words", "little-world", "capital", "--map")
    assert told("words", "shakespeare-char", "a, e, i").count("\n") == 4


def test_the_stream_of_a_text_has_a_map_at_each_depth(told: Any) -> None:
    first, last = (
        told("words", "little-world", "--in", "michael jordan plays", "--depth", depth, "--json") for depth in "03"
    )
    assert [each["word"] for each in first["words"]] == ["michael", "jordan", "plays"]
    assert (first["map"], last["map"], last["depth"]) == ("before the layers", "after layer 2", 3)
    assert first["kept"] == pytest.approx(1) and first["words"] != last["words"], "three points lie in a plane"
    assert "after layer 2: 3 words" in told("words", "little-world", "--in", "michael jordan plays")


def test_a_direction_has_its_controls(told: Any) -> None:
    facts = told("words", "little-world", "king queen", "--json")
    assert (len(facts["pairs"]), facts["right_without_themselves"]) == (15, 15)
    assert facts["high"][0]["word"] == "strange", "what has no gender lies farthest out"
    assert facts["spread"] == pytest.approx(facts["spread_of_random_pairs"], rel=0.1)
    one = told("words", "little-world", "she - he", "--json")
    assert one["right_without_themselves"] is None and one["pairs"][0]["from"] == "he"
    assert (
        one["pairs"][0]["falls"][1] == pytest.approx(-one["pairs"][0]["falls"][0]) and one["high"][0]["word"] == "she"
    )
    assert "*she" in told("words", "little-world", "she - he")


def test_without_words_it_tells_how_near_to_orthogonal_they_are(told: Any) -> None:
    facts = told("words", "little-world", "--json")
    assert (facts["dimensions"], facts["pairs"]) == (96, 466 * 465 // 2)
    assert [round(facts[name], 3) for name in ("mean", "spread", "spread_by_chance")] == [0.08, 0.159, 0.102]
    assert "within 0.2 of zero: 78%; random directions: 95%, in three dimensions 20%" in told("words", "little-world")


def test_a_word_in_two_texts(told: Any) -> None:
    facts = told("senses", "little-world", RIVER, CITY, "--json")
    assert facts["word"] == "bank" and [each["depth"] for each in facts["depths"]] == [0, 1, 2, 3]
    assert facts["depths"][3]["nearest"] == ["river bank", "city bank"]
    assert facts["depths"][3]["said"] == ["flooded", "opened"]
    parts = {part["part"]: part for part in facts["parts"]}
    head = parts["head-off:2.3"]
    assert head["share"][3] > 0.3 and head["cosine_off"][3] > 0.9 > facts["depths"][3]["cosine"]
    without = told("senses", "little-world", RIVER, CITY, "--switch", "head-off:2.3", "--json")
    assert without["depths"][3]["cosine"] == pytest.approx(head["cosine_off"][3], abs=1e-5)
    said = told("senses", "little-world", RIVER, CITY, "--word", "was")
    assert said.startswith("was") and "-0 %" not in said and "head-off" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["words", "little-world", "kingly"], "does not know 'kingly'"),
        (["words", "little-world", "king - man +"], "is no sum of words"),
        (["words", "little-world", "she - she"], "do not differ"),
        (["words", "little-world", "king", "--in", "a"], "both WORDS and --in"),
        (["words", "little-world", "--in", "tom left", "--depth", "4"], "there is no depth 4"),
        (["words", "little-world", "--in", ""], "there is no text"),
        (["words", "nope", "x"], "there is no model 'nope'"),
        (["senses", "little-world", "tom left", "she was"], "no word in common"),
        (["senses", "little-world", RIVER, CITY, "--word", "river"], f"'{CITY}' does not have the word 'river'"),
    ],
)
def test_what_cannot_be_asked_is_said(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inside", *words]) == 2
    assert says in capsys.readouterr().err
