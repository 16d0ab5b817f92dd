"""What a run learns from: a text tokenised once, the little world, and their rivals."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.baselines import Bigram, NGram, Unigram
from models.corpora import little_world
from models.corpora.little_world import LINE_END
from models.corpora.spec import CorpusSpec
from models.errors import UserError
from models.formats import records
from models.lenses.truth import Truth
from models.measures import surprise
from models.tokenizers import Tokenizer
from models.training import corpus
from models.training.corpus import open_corpus, text_spec, world_spec

VERSE = "Rough winds do shake the darling buds of May,\nAnd summer's lease hath all too short a date;\n"


# what a run learns from


def spec_of(tmp_path: Path, text: str = VERSE * 50, **tokenizer: Any) -> CorpusSpec:
    (tmp_path / "book.txt").write_text(text)
    return text_spec(tmp_path / "book.txt", **tokenizer)


def same(one: corpus.Corpus, other: corpus.Corpus) -> bool:
    """The same tokens, facts and rows."""
    first, second = one.source(8, 4, 1).draw()[0], other.source(8, 4, 1).draw()[0]
    return bool((first == second).all() and (one.held_out == other.held_out).all()) and one.facts == other.facts


def nine_tenths_and_one(tokens: list[int]) -> list[Any]:
    return np.split(np.array(tokens), [int(len(tokens) * 0.9)])


@pytest.mark.parametrize("tokenizer", [{}, {"kind": "word", "lowercase": True}, {"kind": "bpe", "vocab": 270}])
def test_a_text_is_tokenised_once_and_opened_ever_after(tokenizer: dict[str, Any], tmp_path: Path) -> None:
    spec = spec_of(tmp_path, **tokenizer)
    assert records.read(CorpusSpec, json.loads(json.dumps(records.plain(spec)))) == spec and spec.kind == "text"
    first = open_corpus(spec, tmp_path / "run")
    train, held_out = nine_tenths_and_one(first.tokenizer.encode(VERSE * 50))
    assert first.held_out.tolist() == held_out.tolist() and first.facts["tokens"] == len(train)
    before = (tmp_path / "run" / "tokens" / "train.bin").stat()
    again = open_corpus(spec, tmp_path / "run")
    assert same(first, again) and first.floor(np.arange(1, 9)) is None
    assert (tmp_path / "run" / "tokens" / "train.bin").stat() == before
    assert json.loads(json.dumps(again.facts)) == again.facts
    assert str(tmp_path) not in str(again.facts) and again.facts["files"][0]["name"] == "book.txt"


def test_a_text_that_changed_is_refused_and_one_that_is_gone_is_not_needed(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    first = open_corpus(spec, tmp_path / "run")
    (tmp_path / "book.txt").write_text(VERSE * 49 + "Another end.\n")
    with pytest.raises(UserError, match="is not the text this run was started on: its SHA-256 differs"):
        open_corpus(spec, tmp_path / "run")
    (tmp_path / "book.txt").unlink()
    assert same(first, open_corpus(spec, tmp_path / "run"))


def test_rivals_are_counted_on_what_is_learned_from_and_measured_on_the_rest(tmp_path: Path) -> None:
    found = open_corpus(spec_of(tmp_path), tmp_path / "run")
    train, held_out = nine_tenths_and_one(found.tokenizer.encode(VERSE * 50))
    V = found.tokenizer.vocab_size
    expected = [Bigram.count(train, V, held_out), NGram.count(train, V), Unigram.count(train, V, held_out)]
    rows = np.array(held_out[:40]).reshape(4, 10)
    by_itself = np.mean([[rival.loss(row.tolist()) for row in rows] for rival in expected], 1)
    assert list(found.rival_losses(rows)) == ["bigram", "5-gram", "unigram"]
    assert list(found.rival_losses(rows).values()) == pytest.approx(by_itself)
    assert [rival.tokenizer for rival in found.rivals] == [found.tokenizer] * 3


def test_a_samples_words_are_looked_for_in_what_was_learned_from(tmp_path: Path) -> None:
    found = open_corpus(spec_of(tmp_path, VERSE * 50 + "zebra"), tmp_path / "run")
    assert found.known_words("Rough WINDS, rough zebras: zebra!\n") == (5, 3)
    assert found.known_words("...") == (0, 0)


def test_going_on_from_a_model_keeps_its_tokens(tmp_path: Path) -> None:
    mine = Tokenizer.train_char(VERSE + "Zz")
    spec = spec_of(tmp_path)
    assert open_corpus(spec, tmp_path / "run", mine).tokenizer.vocab == mine.vocab
    assert open_corpus(spec, tmp_path / "run").tokenizer.vocab == mine.vocab
    with pytest.raises(
        UserError, match=r"never seen 'R' .* character 1 of .*book\.txt - take it out, or train a model"
    ):
        open_corpus(spec, tmp_path / "other", Tokenizer.train_char("abc"))


def test_the_little_world_needs_no_file(tmp_path: Path) -> None:
    spec = world_spec()
    assert spec == records.read(CorpusSpec, {"kind": "little-world"})
    found = open_corpus(spec, tmp_path / "run")
    assert same(found, open_corpus(spec, tmp_path / "run")) and not (tmp_path / "run").exists()
    assert found.facts["tokens"] == 0 and found.facts["tokens_held_out"] == len(found.held_out) > 60_000
    assert found.known_words("The king has xyzzy") == (4, 3)


def test_the_floor_is_what_the_truth_scores_on_the_held_out_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, words in (("WORLD_COUNTED", 1 << 15), ("WORLD_HELD_OUT", 1 << 14)):
        monkeypatch.setattr(corpus, name, words)
    found = open_corpus(world_spec(), tmp_path / "run")
    assert isinstance(found, corpus.WorldCorpus)
    tokens = found.held_out[:3000].tolist()
    end = max(at for at, token in enumerate(tokens) if token == found.tokenizer.ids[LINE_END]) + 1
    truth = Truth(found.tokenizer, little_world.world("training"))
    nats = surprise(truth.logits(tokens[:end]), tokens[:end])[1:] * math.log(2)
    np.testing.assert_allclose(found.truth[1:end], nats, rtol=1e-9, atol=1e-12)
    assert found.floor(np.arange(1, end)) == pytest.approx(nats.mean())
    everywhere = found.floor(np.arange(1, len(found.held_out)))
    assert everywhere == pytest.approx(little_world.world("training").floor().bits * math.log(2), rel=0.05)
    assert all(loss > 1.5 * everywhere for loss in found.rival_losses(found.held_out[None]).values())
    assert found.openings[0] == 0 and all(found.tokenizer.token(t) == LINE_END for t in found.held_out[found.openings])


def test_a_models_own_numbers_for_the_worlds_words_are_kept(tmp_path: Path) -> None:
    words = " ".join(reversed(little_world.world().vocabulary)) + "\nand zebra"
    mine = Tokenizer.train_word(words)
    first = open_corpus(world_spec(), tmp_path / "run", mine)
    assert first.tokenizer is mine
    again = open_corpus(world_spec(), tmp_path / "run")
    assert again.tokenizer.vocab == mine.vocab and same(first, again)
    with pytest.raises(UserError, match="a word of the little world"):
        open_corpus(world_spec(), tmp_path / "other", Tokenizer.train_char("abc"))


def test_the_world_writes_a_text_where_there_is_none_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "WORLD_TEXT", 20_000)
    spec = world_spec(kind="char")
    first = open_corpus(spec, tmp_path / "run")
    assert 20_000 <= first.facts["characters"] < 20_500 and first.tokenizer.vocab_size < 50
    assert first.tokenizer.decode(first.held_out.tolist()).count("\n") > 10
    assert same(first, open_corpus(spec, tmp_path / "run"))
    other = open_corpus(spec, tmp_path / "other")
    assert first.facts["sha256"] == other.facts["sha256"]


def test_a_corpus_of_another_kind_is_refused() -> None:
    with pytest.raises(UserError, match="it: kind is 'film' - it must be one of text, little-world"):
        records.read(CorpusSpec, {"kind": "film"}, "it")
