"""`playground inside`: the numbers of the Inside screen, and what cannot be asked."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from models.lenses.inside import rewriting
from playground.cli import main


def test_the_lens_tells_every_depth_and_position(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inside", "lens", "little-world", "michael jordan plays", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["tokens"] == ["michael", "jordan", "plays"]
    assert (len(facts["layers"]), len(facts["layers"][0])) == (4, 3)
    last = facts["layers"][-1][-1]
    assert last["token"] == "basketball" and last["p"] > 0.9 and last["rank"] is None
    assert facts["layers"][-1][1]["rank"] == 1, "'plays' came, which it held for the likeliest"


def told(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["inside", *words]) == 0
    return capsys.readouterr().out


def test_the_walk_tells_every_stop_or_those_of_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    text = ("walk", "little-world", "greece is far away . the capital is", "--head", "3")
    facts = json.loads(told(capsys, *text, "--json"))
    assert len(facts["stops"]) == 3 + 3 * 13 + 4 and (facts["row"], facts["head"]) == (7, 3)
    softmax = next(stop for stop in facts["stops"] if stop["stop"] == "0.pattern")
    assert softmax["name"] == "softmax" and softmax["out"][0]["shape"] == [4, 8, 8]
    score, top, total, weight = softmax["sums"][0]["numbers"]
    assert max(softmax["out"][0]["here"]) == weight == pytest.approx(math.exp(score - top) / total, rel=1e-5)
    assert facts["stops"][-1]["name"] == "draw" and facts["stops"][-3]["name"] == "logits"
    one = told(capsys, *text, "--stop", "0.scores", "--row", "3", "--column", "0")
    assert "place 3 'away'" in one and "score of column 0:" in one and one.count("/ 4.8990 =") == 1
    assert told(capsys, *text, "--stop", "scores").count("/ 4.8990 =") == 3
    off = told(capsys, *text, "--stop", "0.mix", "--switch", "head-off:0.3")
    assert "0.0000, the head is silenced; not" in off and "switched: the head is silenced\n" in off


def test_two_texts_tell_what_closing_costs_and_how_pages_rank(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "pages.txt").write_text("greece is far away .\n\nfrance is far away .\n")
    text = ("texts", "little-world", "the capital is", "--file", str(tmp_path / "pages.txt"))
    facts = json.loads(told(capsys, *text, "--json"))
    assert facts["answer"]["token"] == "paris" and facts["closed"]["top"] == "berlin"
    assert facts["closed"]["switch"] == "apart:12=0-11" and facts["question"]["rows"] == [12, 14]
    assert [page["columns"] for page in facts["pages"]] == [[0, 4], [6, 10]]
    assert facts["pages"][1]["effect_bits"] > 5 > facts["pages"][0]["effect_bits"] and len(facts["heads"]) == 12
    worst = max(facts["heads"], key=lambda head: head["effect_bits"])
    assert (worst["layer"], worst["head"]) == (0, 3)
    for way in ("mean", "best"):
        assert [sum(share) for share in zip(*(page["share"][way] for page in facts["pages"]), strict=True)] == (
            pytest.approx([1] * 4)
        )
    said = told(capsys, *text)
    assert "L0H3  6.61 bits, says berlin" in said and "page 2 of 2 costs most when closed; ranked by mean" in said
    shut = json.loads(told(capsys, *text, "--switch", "apart:12=0-11", "--json"))
    assert shut["answer"] == facts["answer"] and shut["closed"] == facts["closed"], "measured with the pages open"


MICHAEL, SERENA = "\nmichael jordan plays", "\nserena jordan plays"


def test_patching_tells_what_each_place_carries(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inside", "patch", "little-world", MICHAEL, SERENA, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["tokens"][1] == "michael" and facts["other"][1] == "serena"
    assert facts["answers"] == {"own": "basketball", "other": "rugby"}
    part = {each["part"]: each for each in facts["parts"]}
    assert len(part) == 9 and part["L1 MLP"]["site"] == "mlp_out" and part["L1 MLP"]["head"] is None
    assert part["L0 stream"]["shares"] == pytest.approx([0, 1, 0, 0], abs=0.02)
    assert part["L0 stream"]["says"] == ["basketball", "rugby", "basketball", "basketball"]
    assert main(["inside", "patch", "little-world", MICHAEL, SERENA, "--site", "z"]) == 0
    told = capsys.readouterr().out
    assert "from basketball (0) to rugby (1)" in told and "L0H0" in told and "L0 MLP" not in told
    assert [float(word) for word in told.split("L0H0")[1].split()[:4]] == pytest.approx([0, 0, 0, 0.99], abs=0.01)


def test_a_rewritten_fact_is_told_and_given_back_as_a_switch(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewriting, "TEXTS", 10)
    assert main(["inside", "patch", "little-world", MICHAEL, SERENA, "--rewrite", "--json"]) == 0
    found = {(each["layer"], each["scale"]): each for each in json.loads(capsys.readouterr().out)["rewriting"]}
    mild = found[1, 1]
    assert mild["says"] == "rugby" and mild["tenses"] == ["rugby", "rugby"] and mild["person"] == "michael jordan"
    assert (
        mild["others"] == {"right_before": 126, "right": 126, "of": 126} and mild["p"] > 0.9 > 0.01 > mild["p_before"]
    )
    assert mild["bits"]["tokens"] > 100 and mild["bits"]["after"] == pytest.approx(mild["bits"]["before"], abs=0.02)
    assert main(["inside", "patch", "little-world", MICHAEL, SERENA, "--rewrite", "--switch", "head-off:2.1"]) == 0
    printed = capsys.readouterr()
    assert "the switches have no part in it" in printed.err
    switch = printed.out.splitlines()[-1].removeprefix("to keep the best: --switch ")
    assert switch == mild["switch"]
    assert main(["inside", "lens", "little-world", MICHAEL, "--switch", switch, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["switches"] == [switch] and facts["layers"][-1][-1]["token"] == "rugby"


def test_another_model_has_no_neighbours_to_tell_of(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inside", "patch", "shakespeare-char", "DUKE VINCENTI", "QUEEN MARGARE", "--rewrite", "--json"]) == 0
    (first, *_) = json.loads(capsys.readouterr().out)["rewriting"]
    assert first["others"] is None and first["tenses"] == [] and first["bits"]["before"] is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["inside", "walk", "little-world", "a", "--row", "9"], "--row: there is no place 9 - the pass has 0 to 0"),
        (["inside", "walk", "little-world", "a", "--column", "-1"], "--column: there is no place -1"),
        (["inside", "walk", "little-world", "a", "--head", "4"], "there is no head 4 - this model has 0 to 3"),
        (["inside", "walk", "little-world", "a", "--stop", "nope"], "there is no stop 'nope' - there are token"),
        (["inside", "texts", "little-world", "a"], "there is no page before the question"),
        (["inside", "texts", "little-world", "a", "--file", "/nope.txt"], "cannot be read"),
        (["inside", "texts", "little-world", "a", "--page", "a\nb"], "page 1 has several lines"),
        (["inside"], "QUESTION"),
        (["inside", "lens", "nope", "x"], "there is no model 'nope'"),
        (["inside", "lens", "little-world", ""], "there is no text"),
        (["inside", "lens", "little-world", "a", "--switch", "head-off:9.9"], "head-off:9.9"),
        (["inside", "lens", "little-world", "a", "--switch", "patch:mlp_out.1"], "needs a place and another text"),
        (["inside", "patch", "little-world", "anna", "anna was"], "the text has 1 token and the other 2"),
        (["inside", "patch", "little-world", "anna", "anna"], "both texts are followed by"),
        (["inside", "patch", "little-world", "anna", ""], "there is no text"),
    ],
)
def test_what_cannot_be_asked_is_said(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert says in capsys.readouterr().err


def test_the_sweep_tells_every_part_what_matters_most_first(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["inside", "sweep", "little-world", "michael jordan plays"]
    assert main([*words, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["top"] == "basketball" and len(facts["parts"]) == 15
    first = facts["parts"][0]
    assert (first["part"], first["top"]) == ("L0 MLP", "blue") and first["kl_bits"] == pytest.approx(5.549, abs=0.001)
    assert main([*words, "--switch", "mlp-off:0"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 15 and not any(line[:2] == ["L0", "MLP"] for line in lines)
    bits = [float(line[1] if "MLP" not in line else line[2]) for line in lines[1:]]
    assert bits == sorted(bits, reverse=True) and {line[-1] for line in lines[1:]} > {"stays"}
