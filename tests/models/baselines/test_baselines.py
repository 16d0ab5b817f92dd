"""Every baseline: what all that count have in common, and their files, whole or damaged."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models import baselines
from models.baselines import ALL, Baseline, Bigram, NGram, Unigram
from models.baselines.counts import tally
from models.errors import UserError
from models.formats.arrays import pack
from models.measures import surprise
from models.tokenizers import Tokenizer
from tests.models.baselines.verse import LONG, VERSE, chars

TOKENS = hnp.arrays(np.int64, st.integers(0, 60), elements=st.integers(0, 4))
LOOKING_BACK = [kind for kind in ALL if kind is not Unigram]


def every(baseline: type[Baseline], tokens: Sequence[int], vocab_size: int) -> Baseline:
    return baseline.count(np.array(tokens), vocab_size, np.array(tokens))


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("bad", [[0, 5], [-1, 2]])
def test_a_token_outside_the_vocabulary_is_named(kind: type[Baseline], bad: list[int]) -> None:
    with pytest.raises(UserError, match="^token (5|-1) is outside the vocabulary of 5 - count with the tokenizer that"):
        kind.count([np.array([1, 2, 3]), np.array(bad)], 5)


@pytest.mark.parametrize("kind", ALL)
def test_a_text_that_is_too_short_is_refused(kind: type[Baseline]) -> None:
    for tokens in ([], [1]) if kind in LOOKING_BACK else ([],):
        with pytest.raises(UserError, match="too short"):
            kind.count(np.array(tokens, int), 5)


# every baseline


@pytest.mark.parametrize("kind", ALL)
def test_a_baseline_must_overfit(kind: type[Baseline]) -> None:
    batch = [0, 1, 2, 3, 4, 5, 6, 7] if kind in LOOKING_BACK else [3]
    tokens = batch * (1600 // len(batch))
    assert every(kind, tokens, 8).loss(tokens) < 0.02


@pytest.mark.parametrize("kind", LOOKING_BACK)
def test_a_baseline_learns_more_than_frequencies(kind: type[Baseline]) -> None:
    tokens, V = chars(LONG)
    p = np.bincount(tokens) / len(tokens)
    assert every(kind, tokens, V).loss(tokens) < 0.85 * -float(p @ np.log(p))


@pytest.mark.parametrize("kind", ALL)
@given(train=TOKENS.filter(lambda tokens: len(tokens) > 4), text=TOKENS)
def test_every_row_is_a_distribution(kind: type[Baseline], train: Any, text: Any) -> None:
    model = kind.count(train, 5, text)
    p = model.probabilities(text)
    assert p.shape == (len(text), 5) and p.dtype == np.float64 and (p > 0).all()
    np.testing.assert_allclose(p.sum(-1), 1, atol=1e-12, rtol=0)
    np.testing.assert_array_equal(model.logits(text), np.log(p))
    if len(text):
        rows = np.exp(model.logits(text)[:-1])
        np.testing.assert_allclose(model.predicted(text), rows[np.arange(len(text) - 1), text[1:]], rtol=1e-12)


@pytest.mark.parametrize("kind", ALL)
def test_a_row_looks_back_only_and_no_further_than_it_says(kind: type[Baseline]) -> None:
    tokens, V = chars(LONG)
    model, text = every(kind, tokens, V), tokens[40:80]
    rows = model.logits(text)
    assert model.vocab_size == V and model.tokenizer is None
    np.testing.assert_array_equal(model.logits(text[:20]), rows[:20])
    for t in range(len(text)):
        np.testing.assert_array_equal(model.next_logits(text[: t + 1]), rows[t])
        np.testing.assert_array_equal(model.logits(text[max(t + 1 - model.reach, 0) : t + 1])[-1], rows[t])


@pytest.mark.parametrize("kind", ALL)
def test_the_loss_of_a_text_is_its_mean_surprise_however_it_is_cut(
    kind: type[Baseline], monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens, V = chars(LONG)
    model, text = every(kind, tokens[:500], V), tokens[500:700]
    expected = float(np.nanmean(surprise(model.logits(text), text))) * math.log(2)
    for piece in (1, 7, 1 << 22):
        monkeypatch.setattr("models.baselines.baseline.PIECE", piece)
        assert model.loss(text) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", ALL)
def test_tokens_of_another_vocabulary_are_our_own_mistake(kind: type[Baseline]) -> None:
    model = every(kind, [0, 1, 2, 3, 4], 5)
    for tokens in ([5], [-1]):
        with pytest.raises(AssertionError, match="another vocabulary"):
            model.logits(tokens)


# the unigram


def test_a_unigram_by_hand() -> None:
    model = Unigram(tally(np.array([0, 1, 0, 1, 0, 2]), 1, 4), k=0.5)
    row = np.array([3.5, 2.5, 1.5, 0.5]) / 8  # 6 tokens and 4 k
    np.testing.assert_allclose(model.probabilities([2, 0, 3]), [row, row, row], rtol=1e-15)
    np.testing.assert_allclose(model.predicted([2, 0, 3]), row[[0, 3]], rtol=1e-15)
    assert model.name == "unigram"


def test_the_k_of_a_unigram_is_what_serves_the_held_out_text() -> None:
    train, held_out = np.array([0] * 50 + [1] * 3), [0, 1, 2] * 5 + [0] * 20
    chosen = Unigram.count(train, 4, held_out=np.array(held_out))
    others = [Unigram(chosen.runs, k=float(k)) for k in np.geomspace(1e-6, 1e3, 500)]
    losses = [-float(np.log(other.probabilities([0])[0][held_out]).sum()) for other in others]
    own = -float(np.log(chosen.probabilities([0])[0][held_out]).sum())
    assert own <= min(losses) + 1e-4 and Unigram.count(train, 4).k == 1


@given(tokens=TOKENS.filter(lambda tokens: len(tokens) > 1))
def test_a_unigram_without_a_file_is_counted_from_the_bigrams_pairs(
    tokens: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "pairs"
    folder.mkdir(exist_ok=True)
    baselines.save([Bigram.count(tokens, 5)], folder)
    found = baselines.load(folder)["unigram"]
    expected = Unigram.count(tokens, 5).arrays()
    for name, array in found.arrays().items():
        np.testing.assert_array_equal(array, expected[name])


@pytest.mark.parametrize("kind", ALL)
def test_what_is_saved_comes_back(kind: type[Baseline], tmp_path: Path) -> None:
    tokens, V = chars(LONG)
    model = every(kind, tokens, V)
    model.save(tmp_path / "it")
    again = kind.load(tmp_path / "it")
    np.testing.assert_array_equal(again.logits(tokens[:90]), model.logits(tokens[:90]))
    assert again.name == model.name and os.listdir(tmp_path) == ["it"]
    again.save(tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == (tmp_path / "it").read_bytes()


def test_an_n_gram_of_order_1_is_kept_too(tmp_path: Path) -> None:
    model = NGram.count(np.array([0, 0, 1, 2]), 4, order=1)
    model.save(tmp_path / "it")
    again = NGram.load(tmp_path / "it")
    np.testing.assert_array_equal(again.logits([3, 1]), model.logits([3, 1]))
    np.testing.assert_array_equal(again.next_logits([3, 1]), model.logits([1])[0])
    assert again.loss([0, 1, 2]) == model.loss([0, 1, 2])


def test_load_and_save_of_a_folder(tmp_path: Path) -> None:
    tokenizer = Tokenizer.train_char(VERSE)
    tokens = np.array(tokenizer.encode(VERSE))
    assert baselines.load(tmp_path, tokenizer) == {}
    models = [kind.count(tokens, tokenizer.vocab_size, tokens, tokenizer) for kind in ALL]
    baselines.save([model for model in models if isinstance(model, NGram)], tmp_path)
    assert list(baselines.load(tmp_path, tokenizer)) == ["ngram"]
    baselines.save(models, tmp_path)
    found = baselines.load(tmp_path, tokenizer)
    assert list(found) == [kind.slug for kind in ALL] and list(found)[:3] == ["bigram", "ngram", "unigram"]
    assert sorted(os.listdir(tmp_path)) == sorted(f"{slug}.safetensors" for slug in found)
    assert all(model.tokenizer is tokenizer for model in found.values())
    with pytest.raises(UserError, match="the tokenizer has 3 - count the text again with this tokenizer"):
        baselines.load(tmp_path, Tokenizer.train_char("abc"))


def test_a_file_is_compact(tmp_path: Path) -> None:
    """The size of the bundled 5-gram: 130,000 different runs, at most 3 bytes each."""
    tokens = np.minimum(np.random.default_rng(0).geometric(0.2, 210_000), 65) - 1
    model = NGram.count(tokens, 65)
    assert 110_000 < len(model.runs.runs) < 180_000
    model.save(tmp_path / "it")
    assert (tmp_path / "it").stat().st_size < 3 * len(model.runs.runs) + 1000
    found = NGram.load(tmp_path / "it")
    assert np.array_equal(found.runs.runs, model.runs.runs) and np.array_equal(found.runs.counts, model.runs.counts)


@pytest.mark.parametrize("kind", ALL)
def test_a_damaged_file_gets_one_sentence_or_is_still_a_distribution(kind: type[Baseline], tmp_path: Path) -> None:
    tokens, V = chars(VERSE)
    every(kind, tokens, V).save(tmp_path / "it")
    good, rng, refused = (tmp_path / "it").read_bytes(), random.Random(0), 0
    for case in range(400):
        (tmp_path / "it").write_bytes(mutated(good, rng, case))
        try:
            model = kind.load(tmp_path / "it")
        except UserError as error:
            refused += 1
            assert "it" in str(error) and " - " in str(error) and "\n" not in str(error)
        else:
            p = model.probabilities([0] if model.vocab_size < 10**6 else [])
            np.testing.assert_allclose(p.sum(-1), 1, atol=1e-9)
    assert refused > 200


def mutated(good: bytes, rng: random.Random, case: int) -> bytes:
    at = rng.randrange(len(good))
    if case % 4 == 0:
        return good[:at]
    if case % 4 == 1:
        return good[:at] + bytes([rng.randrange(256)]) + good[at:]
    at = rng.randrange(300) if case % 4 == 2 else at  # the header is where most can go wrong
    return good[:at] + bytes([good[at] ^ 1 << rng.randrange(8)]) + good[at + 1 :]


def arrays(**changed: Any) -> dict[str, Any]:
    good = tally(np.array([0, 1, 0, 2, 1]), 2, 3).arrays() | {"k": np.array([0.5])}
    return good | {name: np.asarray(value) for name, value in changed.items()}


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"sizes": [2]}, "does not say what was counted"),
        ({"sizes": [9, 3]}, "choose an order from 1 to 5"),
        ({"sizes": [2, 0]}, "a vocabulary of 0 tokens"),
        ({"sizes": [2, 2**40]}, "a vocabulary of 1,099,511,627,776 tokens"),
        ({"sizes": [3, 3], "head": [0, 1]}, "not of 2"),
        ({"sizes": [2, 2]}, "outside its vocabulary of 2"),
        ({"head": [3]}, "outside its vocabulary of 3"),
        ({"head": [-1]}, "outside its vocabulary of 3"),
        ({"head": [0, 1]}, "the file is damaged"),
        ({"counts": pack(np.array([0, 0]))}, "holds 4 runs and 2 counts"),
        ({"counts": pack(np.array([0, 0, 0, 2**62]))}, "counts that are too large"),
        ({"counts": pack(np.array([0, 0, 0, 2**63 - 1]))}, "counts that are too large"),
        ({"runs": pack(np.array([0, 1, 2**63 - 1, 5]))}, "outside its vocabulary of 3"),
        ({"runs": pack(np.array([0, 1, 2**62, 2**62]))}, "outside its vocabulary of 3"),
        ({"runs": pack(np.array([], int)), "counts": pack(np.array([], int))}, "holds 0 runs"),
        ({"runs": np.array([200, 200], np.uint8)}, "no packed numbers"),
        ({"k": [math.nan]}, "has no k"), ({"k": [math.inf]}, "has no k"), ({"k": [0.0]}, "has no k"),
        ({"k": [0.5, 0.5]}, "has no k"), ({"k": [-1.0]}, "has no k"),
    ],
)  # fmt: skip
def test_impossible_numbers_are_refused(changed: dict[str, Any], says: str) -> None:
    sound = Bigram.from_arrays(arrays(), None, "it")
    assert sound.seen_after(np.arange(3)).tolist() == [[0, 1, 1], [1, 0, 0], [0, 1, 0]]
    with pytest.raises(UserError, match="^it.*" + says):
        Bigram.from_arrays(arrays(**changed), None, "it")


def test_what_is_no_file_of_counts(tmp_path: Path) -> None:
    tokens, V = chars(VERSE)
    every(Bigram, tokens, V).save(tmp_path / "bigram")
    every(NGram, tokens, V).save(tmp_path / "ngram")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "text").write_text("To be, or not to be, that is the question")
    for name, says in [
        ("none", "cannot be read: no such file"), ("fifo", "not a regular file"), (".", "not a regular file"),
        ("text", "is not a safetensors file"), ("ngram", "not what a baseline is made of"),
        ("\x1b]0;x", "cannot be read"), ("nul\0", "cannot be read"),
    ]:  # fmt: skip
        with pytest.raises(UserError, match=says) as caught:
            Bigram.load(tmp_path / name)
        assert str(caught.value).isprintable()
    with pytest.raises(UserError, match="not what a baseline is made of"):
        NGram.load(tmp_path / "bigram")


def test_a_save_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = every(Bigram, [0, 1, 2, 0], 3)
    model.save(tmp_path / "it")
    before = (tmp_path / "it").read_bytes()
    other = every(Bigram, [2, 1, 0, 2], 3)
    for name in ("fsync", "replace"):
        with monkeypatch.context() as broken:
            broken.setattr(os, name, full)
            with pytest.raises(UserError, match="cannot be written: no space left on device"):
                other.save(tmp_path / "it")
        assert os.listdir(tmp_path) == ["it"] and (tmp_path / "it").read_bytes() == before
    with pytest.raises(UserError, match="cannot be written: no such file or directory"):
        model.save(tmp_path / "none" / "it")
    with pytest.raises(UserError, match="cannot be written"):
        model.save(tmp_path)


def full(*_: Any, **__: Any) -> None:
    raise OSError(28, "No space left on device")
