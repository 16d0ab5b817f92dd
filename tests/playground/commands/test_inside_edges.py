"""`playground inside edges`: a row of a head, the two lists of all heads, and what cannot be asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playground.cli import main

JAPAN = "france : paris ; italy : rome ; spain : madrid ; japan :"
ASK = ["inside", "edges", "little-world", JAPAN]


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*ASK, *words, "--json"]) == 0
    facts: dict[str, Any] = json.loads(capsys.readouterr().out)
    return facts


def test_a_row_tells_weight_and_effect_of_every_column(capsys: pytest.CaptureFixture[str]) -> None:
    facts = asked(capsys, "--layer", "0", "--head", "3", "--row", "13")
    assert (facts["layer"], facts["head"], facts["row"]) == (0, 3, 13) and facts["tokens"][12:] == ["japan", ":"]
    assert [edge["column"] for edge in facts["edges"]] == list(range(14))
    assert sum(edge["weight"] for edge in facts["edges"]) == pytest.approx(1, abs=1e-5)
    assert facts["edges"][12]["effect_bits"] == pytest.approx(14.02, abs=0.05)
    assert max(edge["effect_bits"] for edge in facts["edges"] if edge["column"] != 12) < 0.01
    newest = asked(capsys, "--layer", "0", "--head", "3")
    assert newest == facts, "the last token looks if none is named"
    plain = asked(capsys, "--layer", "0", "--head", "3", "--plain")["edges"][12]["effect_bits"]
    assert plain == pytest.approx(6.10, abs=0.05)
    under = asked(capsys, "--layer", "0", "--head", "3", "--switch", "edge-off:0.3.13.12")
    assert under["edges"][12] == {"column": 12, "weight": 0, "effect_bits": 0}


def test_without_a_head_the_two_lists(capsys: pytest.CaptureFixture[str]) -> None:
    facts = asked(capsys)
    first, nil = facts["cut_this_one"][0], facts["heavy_but_nil"]
    assert [first[name] for name in ("layer", "head", "row", "column")] == [0, 3, 13, 12]
    assert first["effect_bits"] == pytest.approx(14.02, abs=0.05)
    assert all(edge["weight"] > 0.5 and edge["effect_bits"] < 0.01 for edge in nil) and len(nil) > 5
    assert facts["share_without_effect"] > 0.95
    assert facts["share_without_effect"] == pytest.approx(facts["without_effect"] / facts["looked_at"])
    assert main(ASK) == 0
    said = capsys.readouterr().out
    assert "cut this one:" in said and "heavy but nil:" in said
    assert f"of {facts['heavy']} edges above 0.5, 97 % change the answer by less than 0.01 bits" in said


def test_a_row_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ASK, "--layer", "0", "--head", "3"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[13].split() == ["12", "japan", "0.960", "14.02", "bits"]
    assert lines[-1] == "rank correlation of weight and effect: 0.98"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--layer", "0"], "there is no --head - give --layer and --head, or neither"),
        (["--row", "3"], "there is no --layer"),
        (["--layer", "3", "--head", "0"], "--layer: there is no layer 3 - this model has 0 to 2"),
        (["--layer", "0", "--head", "4"], "--head: there is no head 4"),
        (["--layer", "0", "--head", "0", "--row", "14"], "--row: there is no row 14 - this text has 0 to 13"),
    ],
)
def test_what_is_not_there_is_said(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ASK, *words]) == 2
    assert says in capsys.readouterr().err


def test_a_model_without_attention_has_no_edges(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inside", "edges", "little-world-no-attention", JAPAN]) == 2
    assert "was built without attention" in capsys.readouterr().err
