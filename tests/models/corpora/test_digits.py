"""The digits that come along: which they are, and that nothing of what is held out is learned from."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from models.corpora import digits
from models.corpora.spec import CorpusSpec
from models.errors import UserError
from models.training.corpus import digits_spec, open_corpus
from models.training.rows import Lines
from tests.conftest import ROOT


def test_they_are_1_797_pictures_of_64_greys_behind_their_labels() -> None:
    lines = digits.lines()
    assert len(lines) == len(set(lines)) == 1797 and all(map(digits.PICTURES.is_whole, lines))
    assert [sum(line[0] == label for line in lines) for label in "0123456789"] == [
        178, 182, 177, 183, 181, 182, 181, 179, 174, 180
    ]  # fmt: skip  # as its documentation has them
    assert lines[0] == "0..:++.....+#+#:..:#..++..:+..++..:+..++..:+..+:...#:++....:++..."
    assert hashlib.sha256(digits.PATH.read_bytes()).hexdigest().startswith("a1eb08944c30593e")


def test_what_is_held_out_is_not_learned_from(tmp_path: Path) -> None:
    learned, held_out = digits.learned(), digits.held_out()
    assert (len(learned), len(held_out)) == (1617, 179)
    assert digits.lines() == (*learned, digits.lines()[1617], *held_out), "in order, and one is cut in two"
    corpus = open_corpus(digits_spec(), tmp_path)
    source = corpus.source(65, 64, 1)
    assert isinstance(source, Lines)
    read = corpus.tokenizer.decode(source.tokens.tolist())
    assert read.startswith("\n".join(learned)) and not any(line[1:] in read for line in held_out)
    assert corpus.tokenizer.decode(corpus.held_out.tolist()).endswith("\n".join(held_out) + "\n")


def test_rows_and_windows_begin_with_a_line_and_the_facts_say_that_it_is_a_picture(tmp_path: Path) -> None:
    corpus = open_corpus(digits_spec(), tmp_path)
    rows = [corpus.tokenizer.decode(row) for row in corpus.source(66, 64, 1).draw()[0].tolist()]
    bare = [row for row in rows if row[0] != "\n"]
    assert 16 < len(bare) < 48, "half of them without the line end before it"
    assert {row.strip("\n") for row in rows} <= set(digits.learned())
    assert corpus.openings is not None and len(corpus.openings) == 180
    assert (corpus.held_out[corpus.openings] == corpus.tokenizer.ids["\n"]).all()
    assert corpus.facts["kind"] == "digits" and corpus.facts["file"] == "digits.txt"
    assert corpus.facts["pictures"] == {"width": 8, "height": 8, "shades": ".:+#", "labels": "0123456789"}
    again = open_corpus(CorpusSpec("digits"), tmp_path)
    assert again.facts == corpus.facts
    with pytest.raises(UserError, match="no line has 106,701 tokens from its beginning on"):
        corpus.source(106_700, 1, 1)


def test_their_source_and_licence_are_named() -> None:
    said = " ".join((ROOT / "models/corpora/digits/README.md").read_text("utf-8").split())
    for words in ("UCI Machine Learning Repository", "CC BY 4.0", "E. Alpaydin", "scikit-learn", "load_digits"):
        assert words in said
