"""On what is scored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import models
from models.corpora import digits, token_files
from models.corpora.little_world import world
from models.errors import UserError
from models.lenses.surprises import surprises
from models.lenses.truth import Truth
from playground.looking.held_out import CONTEXTS, ROWS, TEXTS, _cut, held_out
from tests.playground.compare import compare_scenes as scenes
from tests.playground.compare.compare_scenes import gpt_of
from tests.playground.looking.scenes import CORPUS

LETTERS, OF_LETTERS = scenes.letters()
WORDS, OF_WORDS = scenes.worldly()


def test_the_world_is_scored_on_fresh_texts_of_its_training_edition() -> None:
    found = held_out(gpt_of(WORDS), None)
    assert found is not None and len(found.texts) == ROWS
    truth = Truth(OF_WORDS, world("training"))
    assert all(np.isfinite(surprises(truth, text)[1:]).all() for text in found.texts[:20])


def test_a_model_in_a_run_is_scored_on_what_the_run_held_out(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text(CORPUS * 10)
    token_files.prepare([text], OF_LETTERS, tmp_path / "run" / "tokens")
    model = gpt_of(LETTERS)
    kept = token_files.load(tmp_path / "run" / "tokens").held_out
    for folder in (tmp_path / "run" / "model", tmp_path / "run" / "snapshots" / "step-000000010"):
        found = held_out(model, folder)
        assert found is not None
        assert sum(map(len, found.texts)) <= len(kept) and np.array_equal(found.texts[0], kept[: len(found.texts[0])])
        assert all(len(each) == CONTEXTS * model.config.block_size + 1 for each in found.texts)
    assert held_out(model, tmp_path / "elsewhere" / "model") is None and held_out(model, None) is None


def test_a_model_of_the_digits_is_scored_on_those_that_are_held_out_one_by_one() -> None:
    model = models.load("digits")
    found = held_out(model, models.folder("digits"))
    assert found is not None and model.tokenizer is not None
    assert [model.tokenizer.decode(each.tolist()) for each in found.texts] == [*digits.held_out()]
    assert held_out(replace(model, training={}), models.folder("digits")) is None


def test_the_tokens_of_a_run_with_another_vocabulary_are_not_taken(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("abcdef" * 100)
    token_files.prepare([text], token_files.TokenizerSpec("char"), tmp_path / "tokens")
    assert held_out(gpt_of(LETTERS), tmp_path / "model") is None


def test_of_a_file_the_last_tenth_is_scored_on(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("To be\n" * 900 + "nobler\n" * 90)
    found = held_out(gpt_of(LETTERS), None, text)
    assert found is not None and "text.txt" in found.says
    assert set(OF_LETTERS.decode(np.concatenate(found.texts).tolist())) == set("nobler\n")


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"a", "To be ☃".encode() * 20])
def test_a_file_that_cannot_be_scored_on_says_why(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "text.txt").write_bytes(content)
    with pytest.raises(UserError):
        held_out(gpt_of(LETTERS), None, tmp_path / "text.txt")


def test_a_long_text_is_scored_on_pieces_from_all_over_it() -> None:
    pieces = _cut(np.arange(100_000), 16)
    assert len(pieces) == TEXTS and pieces[0][0] == 0 and pieces[-1][-1] > 99_000
    flat = np.concatenate(pieces)
    assert len(np.unique(flat)) == len(flat)
    assert [len(piece) for piece in _cut(np.arange(20), 16)] == [20]
