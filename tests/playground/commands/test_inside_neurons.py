"""`playground inside neurons`: the numbers of the pane, in text and as JSON, and what cannot be asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import models
from models.lenses.inside.neurons import neurons
from models.switches import NeuronOff
from models.tracing import trace
from playground.cli import main

ASKED = ["inside", "neurons", "little-world", "michael jordan plays"]


def told(capsys: pytest.CaptureFixture[str], *more: str, of: list[str] = ASKED) -> dict[str, Any]:
    assert main([*of, *more, "--json"]) == 0
    facts: dict[str, Any] = json.loads(capsys.readouterr().out)
    return facts


def test_the_list_is_that_of_the_model_and_what_off_does_is_so(capsys: pytest.CaptureFixture[str]) -> None:
    facts = told(capsys, "--top", "5")
    assert (facts["row"], facts["token"], len(facts["neurons"])) == (2, "basketball", 5)
    model = models.load("little-world")
    assert model.tokenizer is not None
    tokens = model.tokenizer.encode("michael jordan plays")
    found = neurons(trace(model, tokens), 2)
    sizes = [abs(line["adds"]) for line in facts["neurons"]]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] == pytest.approx(np.abs(found.adds).max())
    for line in facts["neurons"]:
        off = trace(model, tokens, [NeuronOff(line["layer"], line["neuron"])]).logits[-1]
        lost = trace(model, tokens).logits[-1, found.token] - off[found.token]
        assert line["off_lost"] == pytest.approx(lost, abs=1e-4) and line["off_top"] == "basketball"
        assert line["raises"][0]["by"] >= line["raises"][1]["by"] > 0 > line["lowers"][0]["by"]


def test_row_token_layer_and_switches_are_those_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    facts = told(capsys, "--row", "0", "--token", "tennis", "--layer", "1", "--switch", "neuron-off:1.287")
    assert (facts["row"], facts["token"], facts["switches"]) == (0, "tennis", ["neuron-off:1.287"])
    assert {line["layer"] for line in facts["neurons"]} == {1} and len(facts["neurons"]) == 12


def test_one_neuron_is_told_with_the_texts_that_fire_it(capsys: pytest.CaptureFixture[str]) -> None:
    facts = told(capsys, "--neuron", "0.288", "--top", "4")
    assert (facts["layer"], facts["neuron"], len(facts["here"]), len(facts["fires"]["texts"])) == (0, 288, 3, 4)
    assert facts["here"][-1] == pytest.approx(facts["activation"]) and facts["fires"]["words"] > 5000
    strongest = [text["activations"][text["position"]] for text in facts["fires"]["texts"]]
    assert strongest == sorted(strongest, reverse=True) and strongest[0] == facts["fires"]["most"]
    assert {"rugby", "chess", "golf"} <= {each["token"] for each in facts["raises"]}
    assert main([*ASKED, "--neuron", "0.288", "--top", "3"]) == 0
    out = capsys.readouterr().out
    assert "L0 N288, after 2 'plays'" in out and "fresh texts of the little world" in out and "[play" in out


def test_the_text_says_the_same_in_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    line = told(capsys, "--top", "1")["neurons"][0]
    assert main([*ASKED, "--top", "1"]) == 0
    heads, row = (printed.split() for printed in capsys.readouterr().out.splitlines()[1:3])
    assert heads == ["neuron", "activation", "adds", "off:", "bits", "then", "writes"]
    figures = [f"L{line['layer']}", f"N{line['neuron']}", f"{line['activation']:.2f}", f"{line['adds']:+.2f}"]
    assert row[:4] == figures


def test_a_model_without_a_text_of_its_own_is_read_on_what_was_typed(
    tiny_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = told(capsys, "--neuron", "1.31", of=["inside", "neurons", str(tiny_folder), "to be"])
    assert facts["fires"]["read"] == "the text above" and facts["fires"]["words"] == 5
    assert [text["tokens"] for text in facts["fires"]["texts"]][0] == list("to be")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--token", "xyz"], "little-world does not know 'xyz'"),
        (["--token", "plays tennis"], "'plays tennis' is 2 tokens of little-world: 'plays' 'tennis' - name one"),
        (["--neuron", "9.9"], "there is no layer 9 - this model has 0 to 2"),
        (["--neuron", "1.384"], "there is no neuron 384 - this model has 0 to 383"),
        (["--neuron", "x"], "needs a layer and a neuron"),
        (["--row", "3"], "there is no row 3 - this model has 0 to 2"),
        (["--layer", "3"], "there is no layer 3 - this model has 0 to 2"),
    ],
)
def test_what_cannot_be_asked_is_said(more: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ASKED, *more]) == 2
    assert says in capsys.readouterr().err
