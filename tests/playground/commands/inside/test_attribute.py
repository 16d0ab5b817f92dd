"""`playground inside attribute`: parts that sum to the score of any token at any row; and how a token is typed."""

from __future__ import annotations

import json

import pytest

from models.errors import UserError
from models.tokenizers import Tokenizer
from playground.cli import main
from playground.inside.typed import token_of, two_of

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


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--token", "tokyo rome"], "'tokyo rome' is 2 tokens to this model"),
        (["--against", "zzz"], "'zzz' is no token of this model"),
        (["--row", "15"], "there is no row 15 - the text has 15 tokens: give 0 to 14"),
        (["--row", "-17"], "there is no row -17"),
    ],
)
def test_what_is_no_token_and_no_row_is_refused(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inside", "attribute", "little-world", JAPAN, *words]) == 2
    assert says in capsys.readouterr().err


def test_a_token_is_read_as_it_is_written_or_shown() -> None:
    of_words, of_bytes = (
        Tokenizer.of_words("bark", "barks", "-", "\n"),
        Tokenizer.train_bpe("the the the", vocab_size=260),
    )
    of_letters = Tokenizer.train_char("a -\n")
    assert token_of(of_words, " barks ") == of_words.ids["barks"] and token_of(of_words, "⏎") == of_words.ids["\n"]
    assert token_of(of_words, "<unk>") == of_words.unknown
    assert of_bytes.token(token_of(of_bytes, "·the")) == " the" and of_bytes.token(token_of(of_bytes, "the")) == "the"
    assert [of_letters.token(token_of(of_letters, typed)) for typed in (" ", "·", "-", " a")] == [" ", " ", "-", "a"]
    barks, bark = of_words.ids["barks"], of_words.ids["bark"]
    for typed in ("barks against bark", "barks - bark", " barks  against  bark "):
        assert two_of(of_words, typed) == (barks, bark)
    assert two_of(of_words, "-") == (of_words.ids["-"], None) and two_of(of_letters, "a - -")[1] == of_letters.ids["-"]
    for typed in ("", "meows", "bark barks", "barks against meows"):
        with pytest.raises(UserError):
            two_of(of_words, typed)
