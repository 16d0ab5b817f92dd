"""`playground inside attribute`: parts that sum to the score of any token at any row."""

from __future__ import annotations

import json
from typing import Any

import pytest

from playground.cli import main

JAPAN = "\nfrance: paris; italy: rome; spain: madrid; japan:"


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    assert main(["inside", "attribute", "little-world", *words, "--json"]) == 0
    facts: dict[str, object] = json.loads(capsys.readouterr().out)
    return facts


def test_it_tells_every_part_of_the_likeliest_token_and_their_sum(capsys: pytest.CaptureFixture[str]) -> None:
    facts = told(capsys, JAPAN)
    assert facts["token"] == "tokyo" and "against" not in facts and facts["row"] == 14
    parts = {each["part"]: each["value"] for each in facts["parts"]}  # type: ignore[attr-defined]
    assert sum(parts.values()) == pytest.approx(facts["logit"], abs=1e-4) and facts["error"] < 1e-4  # type: ignore[operator]
    assert len(parts) == 24 and parts["L2 MLP"] > 9 > 0 > parts["L0H3"]


def test_a_token_a_rival_a_row_and_switches_can_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    facts = told(capsys, JAPAN, "--token", "tokyo", "--against", "berlin", "--switch", "head-off:0.3")
    assert facts["against"] == "berlin" and facts["logit"] < 0  # type: ignore[operator]
    assert told(capsys, JAPAN, "--row", "-4", "--token", "madrid")["row"] == 11
    assert main(["inside", "attribute", "little-world", JAPAN, "--switch", "mlp-off:2", "--token", "tokyo"]) == 0
    out, err = capsys.readouterr()
    lines = {line.rsplit(maxsplit=2)[0].strip(): line.split()[-2:] for line in out.splitlines()}
    assert lines["L2 MLP"] == ["+0.000", "+0.00"] and "L2 MLP bias" not in lines
    assert "the score of 'tokyo' after ':'" in out and "they sum to it within" in out
    assert "what the MLP of L2 writes" in err


PAIR = ("michael jordan plays", "--pair", "serena jordan plays")


def test_beside_a_pair_stands_what_each_part_is_missed_for_and_carries_over(capsys: pytest.CaptureFixture[str]) -> None:
    facts: dict[str, Any] = told(capsys, *PAIR)
    assert facts["pair"]["tokens"] == ["serena", "jordan", "plays"]
    assert facts["pair"]["answers"] == {"own": "basketball", "other": "rugby"}
    part = {each.pop("part"): each for each in facts["parts"]}
    assert part["L0H0"] == pytest.approx(
        {"value": 0.08, "lost_bits": 4.78, "carried": 0.892, "carried_at_last": 0.971}, abs=0.005
    )
    assert part["embedding"].keys() == part["L0H0"].keys() and part["embedding"]["carried"] is None
    assert main(["inside", "attribute", "little-world", *PAIR]) == 0
    out = capsys.readouterr().out
    assert "how far from 'basketball' (0) to 'rugby' (1)" in out
    lines = {line[:17].strip(): line[17:].split() for line in out.splitlines()[2:]}
    assert lines["L0H0"] == ["+0.080", "+0.11", "4.78", "0.89", "0.97"]
    assert lines["embedding"][2:] == ["–"] * 3 and lines["L1H3"][-1] == "0.00" and len(lines["sum"]) == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--token", "tokyo rome"], "'tokyo rome' is 2 tokens of little-world"),
        (["--against", "zzz"], "little-world does not know 'zzz'"),
        (["--row", "15"], "there is no row 15 - the text has 15 tokens: give 0 to 14"),
        (["--row", "-17"], "there is no row -17"),
        (["--pair", "\njapan:"], "the text has 15 tokens and the other 3 - give two texts of one length"),
        (["--pair", JAPAN], "both texts are followed by 'tokyo'"),
    ],
)
def test_what_is_no_token_and_no_row_is_refused(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inside", "attribute", "little-world", JAPAN, *words]) == 2
    assert says in capsys.readouterr().err
