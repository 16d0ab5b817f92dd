"""Who is compared, and on what is scored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import model_folders
from models.corpora import token_files
from models.corpora.little_world import world
from models.errors import UserError
from models.gpt import GPT, GPTConfig, weight_shapes
from models.lenses.surprises import surprises
from models.lenses.truth import Truth
from models.tokenizers import Tokenizer
from playground.compare import company as companies
from playground.compare.company import CONTEXTS, TEXTS, company, contrast, held_out, knows_the_world
from tests.playground.compare import compare_scenes as scenes
from tests.playground.compare.compare_scenes import counted_of, gpt_of
from tests.playground.play.play_scenes import CORPUS, random_gpt

LETTERS, OF_LETTERS = scenes.letters()
WORDS, OF_WORDS = scenes.worldly()

pytestmark = pytest.mark.usefixtures("bundled")


# who is compared


def test_the_truth_stands_first_where_it_is_known() -> None:
    assert list(company(gpt_of(WORDS), counted_of(WORDS))) == ["truth", "GPT", "bigram", "5-gram"]
    assert list(company(gpt_of(LETTERS), counted_of(LETTERS))) == ["GPT", "bigram", "5-gram"]


def test_no_truth_for_a_tokenizer_without_some_word_of_the_world() -> None:
    assert knows_the_world(OF_WORDS)
    fewer = Tokenizer.train_word("\n".join(word for word in world().vocabulary if word != "river"), lowercase=True)
    assert not knows_the_world(fewer) and not knows_the_world(OF_LETTERS)


def test_every_model_goes_by_its_key() -> None:
    for models in (WORDS, LETTERS):
        for name, model in company(gpt_of(models), counted_of(models)).items():
            assert model.name == name


def without_attention(tokenizer: Tokenizer) -> GPT:
    config = GPTConfig(tokenizer.vocab_size, 64, 1, 2, 8, without=("attention",))
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(0, 0.2, shape).astype(np.float32) for name, shape in weight_shapes(config).items()}
    return GPT(config, weights, tokenizer, name="contrast")


def test_a_bundled_contrast_of_the_same_tokens_stands_beside(bundled: Path) -> None:
    assert contrast(random_gpt()) is None
    other = Tokenizer.train_char("abcdef")
    model_folders.save(without_attention(other), bundled / "of-other-tokens")
    (bundled / "damaged").mkdir()
    (bundled / "damaged" / "config.json").write_text("{")
    assert contrast(random_gpt()) is None
    model_folders.save(without_attention(OF_LETTERS), bundled / "zero-attention")
    found = company(random_gpt(), {})
    assert list(found) == ["GPT", "no attention"]
    beside = found["no attention"]
    assert isinstance(beside, GPT) and beside.config.without == ("attention",)
    assert contrast(without_attention(OF_LETTERS)) is None, "it would stand beside itself"


# what is held out


def test_the_world_is_scored_on_fresh_texts_of_its_training_edition() -> None:
    found = held_out(gpt_of(WORDS), None)
    assert found is not None and len(found.texts) == companies.ROWS
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
    pieces = companies._cut(np.arange(100_000), 16)
    assert len(pieces) == TEXTS and pieces[0][0] == 0 and pieces[-1][-1] > 99_000
    flat = np.concatenate(pieces)
    assert len(np.unique(flat)) == len(flat)
    assert [len(piece) for piece in companies._cut(np.arange(20), 16)] == [20]
