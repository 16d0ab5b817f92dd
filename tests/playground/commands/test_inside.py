"""`playground inside`: the numbers of the Inside screen, and what cannot be asked."""

from __future__ import annotations

import json

import pytest

from playground.cli import main


def test_the_lens_tells_every_depth_and_position(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inside", "lens", "little-world", "michael jordan plays", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["tokens"] == ["michael", "jordan", "plays"]
    assert (len(facts["layers"]), len(facts["layers"][0])) == (4, 3)
    last = facts["layers"][-1][-1]
    assert last["token"] == "basketball" and last["p"] > 0.9 and last["rank"] is None
    assert facts["layers"][-1][1]["rank"] == 1, "'plays' came, which it held for the likeliest"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["inside"], "QUESTION"),
        (["inside", "lens", "nope", "x"], "there is no model 'nope'"),
        (["inside", "lens", "little-world", ""], "there is no text"),
        (["inside", "lens", "little-world", "a", "--switch", "head-off:9.9"], "head-off:9.9"),
    ],
)
def test_what_cannot_be_asked_is_said(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert says in capsys.readouterr().err
