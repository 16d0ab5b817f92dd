"""A typed text becomes tokens, whole or mended, and a model begins with a text that it knows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import models
from models.lenses.inside.beginnings import first_token
from models.tokenizers import Tokenizer
from playground.looking.panes.prompt_lines import layout
from playground.looking.prompts import begun_as_learned, draft_of, makes_sense, mended, opening, unread_words, written
from playground.looking.session import Session
from tests.models.foreign_tokenizers import put
from tests.playground.looking.panes.text_scenes import model, over, scene

PASTED = "naïve café — “hello”"


@pytest.mark.parametrize(
    ("name", "text", "known"),
    [
        ("shakespeare-char", PASTED, "naive cafe - 'hello'"),
        ("shakespeare-char", "a 中文 £ 9 b\u200b\u0301 €5…", "a b ..."),
        ("little-world", "Anna and TOM went to the “fair”", "Anna and TOM went to the fair"),
    ],
)
def test_a_text_is_mended_with_the_nearest_the_model_knows(name: str, text: str, known: str) -> None:
    gpt = models.load(name)
    assert gpt.tokenizer is not None
    assert mended(gpt.tokenizer, text) == known
    assert mended(gpt.tokenizer, known) == known and not unread_words(gpt.tokenizer, known)


def test_what_is_known_stays_as_it_is() -> None:
    for kind in ("char", "word", "bpe"):
        tokenizer = model(kind).tokenizer
        assert tokenizer is not None and mended(tokenizer, "To be,  or\nnot") == "To be,  or\nnot"


def test_what_every_text_begins_with_stands_before_it_and_is_no_part_of_what_is_edited(tmp_path: Path) -> None:
    gpt = over(Tokenizer.load(put("Llama 2", tmp_path)))
    session = written(Session("begun"), gpt, "The fox €")
    assert session.tokens[0] == 1 and gpt.tokenizer is not None and gpt.tokenizer.token(1) == "<s>"
    assert draft_of(replace(session, text=None), gpt) == "The fox €"
    assert written(session, gpt, draft_of(replace(session, text=None), gpt)).tokens == session.tokens
    [line] = layout(scene("The fox €", of=gpt, caret=9), 60, 3)
    assert "".join(unit.shown for _, unit in line) == "The·fox·€ "
    assert [unit.token for _, unit in line] == [1, 1, 1, 2, 2, 2, 2, 3, 4, -1]  # `<s>` has no character


def test_a_text_that_cannot_be_read_is_kept_whole_with_the_tokens_before() -> None:
    session = written(Session("char"), model(), "To bé ör")
    assert session.text == "To bé ör" and len(session.tokens) == 4
    assert session.problem is not None and "'é' (U+00E9) and 'ö' (U+00F6)" in session.problem


def test_words_that_are_unknown_are_named() -> None:
    tokenizer = model("word").tokenizer
    assert tokenizer is not None
    assert unread_words(tokenizer, "To be zebra, zebra or café") == (
        "the model does not know 'zebra' (2 times) and 'café' and reads <unk> instead"
    )
    assert unread_words(tokenizer, "To be") == ""


def test_a_text_makes_sense_while_more_than_half_of_its_words_are_known() -> None:
    assert makes_sense(model("word"), "To be zebra") and not makes_sense(model("word"), "To zebra")
    assert makes_sense(model("word"), "")
    assert opening(models.load("worked-example")) == "your journey starts with one step", "it knows no other words"
    assert not makes_sense(model(), "To bé") and makes_sense(model(), "To be") and makes_sense(model(), "")
    assert makes_sense(model("word"), opening(model("word"))) and opening(model()) == "the "


def test_a_text_is_begun_as_texts_were_in_training_and_only_once() -> None:
    gpt = models.load("little-world")
    session = begun_as_learned(written(Session(gpt.name), gpt, "michael plays"), gpt)
    assert session.text == "\nmichael plays" and session.tokens[0] == first_token(gpt)
    assert begun_as_learned(session, gpt) is session
