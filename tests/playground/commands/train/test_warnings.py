"""What a person is told of a text that a loss says little about: before, at the start, and at the end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import models
from models.runs.events import Started, Warned
from tests.playground.commands.calling import Command, command
from tests.playground.commands.train.small_texts import SMALL, lines_of


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command in this process, which has torch already; it writes to descriptors."""
    return command(capfd, monkeypatch)


def rare_words(tmp_path: Path) -> Path:
    """500 words, every second of which is there once: 900 tokens to learn from, 100 held out, half of both unknown."""
    text = tmp_path / "rare.txt"
    text.write_text(" ".join(f"the n{number}" for number in range(500)))
    return text


def test_the_share_of_unknown_words_is_said_before_at_the_start_and_beside_the_loss(
    call: Command, tmp_path: Path
) -> None:
    argv = ["train", rare_words(tmp_path), *SMALL, "--steps", 4, "--tokenizer", "word", "--min-count", 2]
    warning = "50 % of the text is <unk>, which is easy to predict, so a low loss means little - keep rarer words"
    said = call(*argv, "--dry-run")
    assert "unknown           50 % of these are <unk>, and 50 % of those held out" in said.out
    assert f"note: {warning}" in said.err
    plan = json.loads(call(*argv, "--dry-run", "--json").out)
    assert (plan["unknown"], plan["unknown_held_out"]) == (0.5, 0.5) and plan["warnings"][0].startswith(warning)
    told = call(*argv, "--out", tmp_path / "m")
    assert "learn from 900 tokens, 50 % of them <unk>" in told.err and f"note: {warning}" in told.err
    assert "held-out words (50 % of these are <unk>)\n" in told.err
    facts = models.load(tmp_path / "m").training["corpus"]
    assert (facts["unknown"], facts["unknown_held_out"]) == (450, 50)
    card = " ".join((tmp_path / "m" / "model" / "README.md").read_text().split())
    assert "50.0 % of the former and 50.0 % of the latter are `<unk>`, words it does not know. **A loss" in card
    lines = lines_of(call(*argv, "--out", tmp_path / "n", "--json").out)
    started, warned = (next(each for each in lines if isinstance(each, kind)) for kind in (Started, Warned))
    assert isinstance(started, Started) and isinstance(warned, Warned)
    assert (started.unknown, started.unknown_held_out) == (0.5, 0.5) and warned.says.startswith(warning)


def test_a_text_of_known_words_and_one_of_characters_get_no_warning(call: Command, tmp_path: Path) -> None:
    argv = ["train", rare_words(tmp_path), *SMALL, "--dry-run"]
    words, characters = call(*argv, "--tokenizer", "word"), call(*argv)
    assert "0 % of these are <unk>, and 0 % of those held out" in words.out and not words.err
    assert "unk" not in characters.out and not characters.err


def test_what_says_little_is_warned_of_or_refused(call: Command, tmp_path: Path) -> None:
    argv = [*SMALL, "--dry-run"]
    for text, more, says in (
        ("to be, or not to be? " * 7, [], "only 15 tokens are held out, which do not fill one context of 16"),
        ("老人带走一封信。\n小猫看见了桥。\n" * 40, ["--tokenizer", "word"], "its words do not stand apart"),
        ("aaa\n" * 90, [], "the text is nothing but 'a' and blanks, so a loss near 0 means nothing"),
    ):
        (tmp_path / "it.txt").write_text(text)
        answer = call("train", tmp_path / "it.txt", *argv, *more)
        assert answer.code == 0 and answer.err.startswith(f"note: {says}") and " - " in answer.err
    (tmp_path / "it.txt").write_text("zebra quark the and " * 90)
    answer = call("train", tmp_path / "it.txt", "--from", "little-world", "--steps", 1, "--dry-run")
    assert "note: 50 % of the text is <unk>" in answer.err and "train a model of its own on this text" in answer.err
    for text in ("a" * 900, " \n" * 900):
        (tmp_path / "it.txt").write_text(text)
        answer = call("train", tmp_path / "it.txt", *argv, "--out", tmp_path / "out")
        assert answer.code == 2 and "so there is nothing to learn - give a text with words in it" in answer.err
        assert not (tmp_path / "out").exists()
