"""Counting, smoothing and keeping of counts: against dictionaries, definitions and damaged files; every baseline."""

from __future__ import annotations

import math
import os
import random
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models import baselines
from models.baselines import ALL, Baseline, Bigram, NGram, Unigram, counts, ngram
from models.baselines.counts import largest_order, tally
from models.corpora.encoding import token_chunks
from models.corpora.text import divide
from models.errors import UserError
from models.formats.arrays import pack, unpack
from models.measures import surprise
from models.tokenizers import Tokenizer

TOKENS = hnp.arrays(np.int64, st.integers(0, 60), elements=st.integers(0, 4))
VERSE = (
    "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\n"
    "Rough winds do shake the darling buds of May,\nAnd summer's lease hath all too short a date;\n"
)
LOOKING_BACK = [kind for kind in ALL if kind is not Unigram]
# enough of everything for all four counts of counts to be there
LONG = "".join(random.Random(3).choices(VERSE.split(" "), k=600)) + VERSE * 2


def chars(text: str) -> tuple[list[int], int]:
    letters = sorted(set(text))
    return [letters.index(c) for c in text], len(letters)


def every(baseline: type[Baseline], tokens: Sequence[int], vocab_size: int) -> Baseline:
    return baseline.count(np.array(tokens), vocab_size, np.array(tokens))


# counting


@given(TOKENS, st.integers(1, 5))
def test_counts_are_those_of_a_dictionary(tokens: Any, order: int) -> None:
    found = tally(tokens, order, 5)
    expected = Counter(tuple(tokens[i : i + order].tolist()) for i in range(len(tokens) - order + 1))
    assert {spelled(run, order, 5): n for run, n in zip(found.runs, found.counts, strict=True)} == expected
    assert (np.diff(found.runs) > 0).all() and found.runs.dtype == found.counts.dtype == np.int64
    assert found.head.tolist() == tokens[: order - 1].tolist()


def spelled(run: int, order: int, vocab_size: int) -> tuple[int, ...]:
    return tuple(int(run) // vocab_size**place % vocab_size for place in reversed(range(order)))


@given(TOKENS, st.integers(1, 5), st.lists(st.integers(0, 60), max_size=8), st.sampled_from([1, 3, 1 << 20]))
def test_chunks_do_not_matter(tokens: Any, order: int, cuts: list[int], piece: int) -> None:
    whole = tally(tokens, order, 5)
    before, counts.PIECE = counts.PIECE, piece  # small pieces are merged over and over
    try:
        parts = tally((part for part in np.split(tokens, sorted(cuts))), order, 5)
    finally:
        counts.PIECE = before
    for name in ("runs", "counts", "head"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))


@pytest.mark.parametrize("vocab_size", [3, 300, 50_257])
def test_the_table_and_the_sort_agree(vocab_size: int) -> None:
    tokens = np.random.default_rng(0).integers(0, vocab_size, 20_000)
    found = tally(tokens, 2, vocab_size)
    runs, n = np.unique(tokens[:-1] * vocab_size + tokens[1:], return_counts=True)
    np.testing.assert_array_equal(found.runs, runs)
    np.testing.assert_array_equal(found.counts, n)


@pytest.mark.parametrize(("vocab_size", "order"), [(65, 5), (6208, 5), (6209, 4), (50_257, 4), (2**31 - 1, 2)])
def test_how_long_a_run_can_be(vocab_size: int, order: int) -> None:
    assert largest_order(vocab_size) == order
    last = [vocab_size - 1] * (order + 1)
    model = NGram.count(np.array(last), vocab_size)  # the largest number there is
    assert model.runs.runs.tolist() == [vocab_size**order - 1] and model.runs.counts.tolist() == [2]
    with pytest.raises(UserError, match=f"choose an order from 1 to {order}$"):
        NGram.count(np.array(last), vocab_size, order=order + 1)


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
    others = [Unigram(chosen.runs, float(k)) for k in np.geomspace(1e-6, 1e3, 500)]
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


# the bigram


def test_a_bigram_by_hand() -> None:
    model = Bigram(tally(np.array([0, 1, 0, 1, 0, 2]), 2, 4), k=0.5)
    assert model.counts.tolist() == [[0, 2, 1, 0], [2, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    np.testing.assert_allclose(model.probs(0), [0.5 / 5, 2.5 / 5, 1.5 / 5, 0.5 / 5], rtol=1e-15)
    np.testing.assert_allclose(model.probs(3), [0.25] * 4)  # never seen: all alike
    np.testing.assert_array_equal(model.table(), model.probabilities([0, 1, 2, 3]))
    assert model.name == "bigram"


@pytest.mark.parametrize("split", [300, 1500, 2500])
def test_k_is_the_best_for_the_held_out_text(split: int) -> None:
    tokens, V = chars(LONG)
    train, held_out = np.array(tokens[:split]), tokens[split:]
    chosen = Bigram.count(train, V, np.array(held_out))
    others = [Bigram(chosen.runs, float(k)).loss(held_out) for k in np.geomspace(1e-6, 1e3, 500)]
    assert chosen.loss(held_out) <= min(others) * (1 + 1e-6)


def test_k_at_its_limits_and_without_a_held_out_text() -> None:
    train = np.array([0, 1, 2, 3] * 50)
    assert Bigram.count(train, 4, train).k == pytest.approx(1e-6)  # nothing unseen will come
    assert Bigram.count(train, 4, np.array([0, 2] * 9)).k == pytest.approx(1e3)  # only what was not seen comes
    assert Bigram.count(train, 4).k == Bigram.count(train, 4, np.array([1])).k == 1


def test_an_unreadable_held_out_text_is_not_taken_for_none() -> None:
    with pytest.raises(UserError, match="outside the vocabulary"):
        Bigram.count(np.arange(4), 4, np.array([7, 7]))


def test_a_bigram_over_a_large_vocabulary_has_rows_but_no_table() -> None:
    tokens = np.random.default_rng(0).integers(0, 50_257, 5000)
    model = Bigram.count(tokens, 50_257, tokens)
    assert model.probs(int(tokens[0])).argmax() == tokens[1]
    for table in (model.table, lambda: model.counts):
        with pytest.raises(UserError, match="50,257 x 50,257 is too large"):
            table()


# the n-gram


def kneser_ney(text: Sequence[int], order: int, vocab_size: int) -> Callable[[tuple[int, ...], int], float]:
    """The definitions of Chen & Goodman 1999, with dictionaries, one probability at a time."""
    occurs = {m: Counter(tuple(text[i : i + m]) for i in range(len(text) - m + 1)) for m in range(1, order + 1)}
    count: dict[int, Counter[tuple[int, ...]]] = {order: occurs[order]}
    for m in range(1, order):  # N1+(. w1 .. wm): how many different tokens come before
        count[m] = Counter(run[1:] for run in occurs[m + 1])

    def take(m: int, c: int) -> float:
        n = [sum(1 for each in count[m].values() if each == times) for times in (1, 2, 3, 4)]
        y = n[0] / (n[0] + 2 * n[1]) if n[0] and n[1] else 0.5
        if all(n):
            three = [1 - 2 * y * n[1] / n[0], 2 - 3 * y * n[2] / n[1], 3 - 4 * y * n[3] / n[2]]
            if all(0 < d < i for i, d in enumerate(three, 1)):
                return three[min(c, 3) - 1]
        return y

    def p(context: tuple[int, ...], token: int) -> float:
        m = len(context) + 1
        lower = p(context[1:], token) if context else 1 / vocab_size
        after = {w: count[m][*context, w] for w in range(vocab_size) if count[m][*context, w]}
        if not after:
            return lower
        total = sum(after.values())
        freed = sum(take(m, c) for c in after.values()) / total
        seen = (after[token] - take(m, after[token])) / total if token in after else 0.0
        return seen + freed * lower

    return p


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    "text", [VERSE, "abracadabra", "aaaaaaaaaa", "abcde", "the cat sat on the mat and the rat sat on the cat " * 2]
)
def test_the_n_gram_is_kneser_ney_as_defined(order: int, text: str) -> None:
    tokens, V = chars(text)
    p = kneser_ney(tokens, order, V)
    model = NGram.count(np.array(tokens), V, order=order)
    prompt = tokens[:8] + [V - 1, 0, V // 2] + tokens[-4:]
    rows = model.probabilities(prompt)
    expected = [[p(tuple(prompt[max(t + 2 - order, 0) : t + 1] if order > 1 else ()), w) for w in range(V)]
                for t in range(len(prompt))]  # fmt: skip
    np.testing.assert_allclose(rows, expected, rtol=0, atol=1e-12)


def test_both_kinds_of_discount_are_exercised_above() -> None:
    tokens, V = chars(VERSE)
    three, one = (NGram.count(np.array(tokens), V, order=m).runs.counts for m in (2, 5))
    assert len(set(ngram.discounts(three))) == 3
    assert len(set(ngram.discounts(one))) == 1


def test_discounts_by_hand() -> None:
    n1, n2, n3, n4 = 100, 40, 20, 12
    times = np.repeat([1, 2, 3, 4, 9], [n1, n2, n3, n4, 7])
    y = n1 / (n1 + 2 * n2)
    expected = [1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]
    np.testing.assert_allclose(ngram.discounts(times), expected, rtol=1e-14)
    assert ngram.discounts(np.array([1, 1, 2])).tolist() == [0.5] * 3  # n3 and n4 are missing: 2 / (2 + 2)
    assert ngram.discounts(np.array([7, 7])).tolist() == [0.5] * 3
    assert (ngram.discounts(np.repeat([1, 2, 3, 4], [1, 1, 1, 50])) > 0).all()  # the formula would go below 0


def test_a_longer_context_helps_where_the_text_has_one() -> None:
    """A source in which a token depends on the four before it, 60,000 tokens; each order beats the one below."""
    rng = random.Random(1)
    likely = {(a, b, c, d): [rng.random() ** 6 + 0.01 for _ in range(4)]
              for a in range(4) for b in range(4) for c in range(4) for d in range(4)}  # fmt: skip
    text = [0, 1, 2, 3]
    for _ in range(60_000):
        text += rng.choices(range(4), likely[tuple(text[-4:])])  # type: ignore[index]
    train, held_out = np.array(text[:54_000]), text[54_000:]
    losses = [NGram.count(train, 4, order=order).loss(held_out) for order in (1, 2, 3, 4, 5)]
    assert losses == sorted(losses, reverse=True) and losses[4] < losses[3] - 0.05
    assert [NGram.count(train, 4, order=order).name for order in (2, 5)] == ["2-gram", "5-gram"]


def test_words_make_an_n_gram_too() -> None:
    tokenizer = Tokenizer.train_word(VERSE)
    tokens = tokenizer.encode(VERSE)
    model = NGram.count(np.array(tokens), tokenizer.vocab_size, tokenizer=tokenizer)
    rows = model.logits(tokens).argmax(-1)
    assert (rows[4:-1] == tokens[5:]).all()


# files of counts


@given(st.lists(st.integers(0, 2**63 - 1) | st.integers(0, 300), max_size=30))
def test_packed_numbers_come_back(numbers: list[int]) -> None:
    packed = pack(np.array(numbers, np.int64))
    assert unpack(packed, "it").tolist() == numbers
    assert packed.tolist() == [byte for number in numbers for byte in leb128(number)]


def leb128(number: int) -> list[int]:
    return [number] if number < 128 else [number % 128 + 128, *leb128(number // 128)]


@pytest.mark.parametrize("content", [b"\x80", b"\x01\x80", b"\x80" * 9 + b"\x01", b"\xff" * 10 + b"\x01"])
def test_half_a_number_and_one_that_is_too_long_are_refused(content: bytes) -> None:
    with pytest.raises(UserError, match="^it holds bytes that are no packed numbers"):
        unpack(np.frombuffer(content, np.uint8), "it")


@given(st.binary(max_size=40))
def test_any_bytes_are_numbers_or_refused(content: bytes) -> None:
    try:
        numbers = unpack(np.frombuffer(content, np.uint8), "it")
    except UserError as error:
        assert str(error).startswith("it holds bytes that are no packed numbers")
    else:
        assert len(numbers) <= len(content) and (numbers >= 0).all()


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
    assert list(found) == ["bigram", "ngram", "unigram"] == [kind.slug for kind in ALL]
    assert sorted(os.listdir(tmp_path)) == ["bigram.safetensors", "ngram.safetensors", "unigram.safetensors"]
    assert all(model.tokenizer is tokenizer for model in found.values())
    with pytest.raises(UserError, match="the tokenizer has 3 - count the text again with this tokenizer"):
        baselines.load(tmp_path, Tokenizer.train_char("abc"))


def test_a_compact_file_loads_at_once(tmp_path: Path) -> None:
    """The size of the bundled 5-gram: 130,000 different runs, at most 3 bytes each."""
    tokens = np.minimum(np.random.default_rng(0).geometric(0.2, 210_000), 65) - 1
    model = NGram.count(tokens, 65)
    assert 110_000 < len(model.runs.runs) < 180_000
    model.save(tmp_path / "it")
    assert (tmp_path / "it").stat().st_size < 3 * len(model.runs.runs) + 1000
    took = []
    for _ in range(3):
        start = time.process_time()
        NGram.load(tmp_path / "it")
        took.append(time.process_time() - start)
    assert min(took) < 0.06


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
    assert Bigram.from_arrays(arrays(), None, "it").counts.tolist() == [[0, 1, 1], [1, 0, 0], [0, 1, 0]]
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


# files of text

TEXTS = st.lists(st.sampled_from([*"ab 'é€😀,.\n\t\r ", "I'm", "  ", "\n\n"]), min_size=1, max_size=80).map("".join)
WORDY = VERSE + "ab aab 'é€😀,.\n\t\r   I'm b'é  ab\n\n"
TOKENIZERS = {
    "char": Tokenizer.train_char(WORDY),
    "word": Tokenizer.train_word(WORDY, lowercase=True),
    "bpe": Tokenizer.train_bpe(WORDY * 3, vocab_size=300),
}


@pytest.mark.parametrize("kind", TOKENIZERS)
@given(text=TEXTS, piece=st.integers(4, 30))
def test_a_text_in_pieces_has_the_same_tokens(
    kind: str, text: str, piece: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"pieces-{kind}"
    # a blank now and then, as any text has; without one a word would have to be cut
    text = " b".join(text[i : i + piece] for i in range(0, len(text), piece))
    path.write_bytes(text.encode())
    tokenizer = TOKENIZERS[kind]
    chunks = list(token_chunks(path, tokenizer, piece=piece))
    assert np.concatenate([np.zeros(0, int), *chunks]).tolist() == tokenizer.encode(text)


def test_a_text_without_a_blank_is_cut_somewhere(tmp_path: Path) -> None:
    (tmp_path / "it").write_text("ab" * 500)
    chunks = list(token_chunks(tmp_path / "it", TOKENIZERS["bpe"], piece=50))
    assert len(chunks) > 3
    assert TOKENIZERS["bpe"].decode(np.concatenate(chunks).tolist()) == "ab" * 500


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.51, 0.52, 0.9, 1.0])
def test_a_file_is_divided_between_characters(fraction: float, tmp_path: Path) -> None:
    text = "a€é😀" * 10
    (tmp_path / "it").write_text(text, encoding="utf-8")
    at = divide(tmp_path / "it", fraction)
    left, right = text.encode()[:at].decode(), text.encode()[at:].decode()
    assert left + right == text and abs(len(left.encode()) - fraction * len(text.encode())) < 4
    tokenizer = Tokenizer.train_char(text)
    parts = [token_chunks(tmp_path / "it", tokenizer, stop=at), token_chunks(tmp_path / "it", tokenizer, start=at)]
    assert [tokenizer.decode([i for chunk in part for i in chunk]) for part in parts] == [left, right]


@pytest.mark.parametrize("fraction", [0.0, -1.0, 1.5, math.nan])
def test_a_fraction_out_of_range_is_refused(fraction: float, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="^a fraction of .* cannot be counted"):
        divide(tmp_path / "it", fraction)


@pytest.mark.parametrize("kind", ALL)
def test_a_file_is_counted_as_its_tokens_are(kind: type[Baseline], tmp_path: Path) -> None:
    (tmp_path / "it").write_text("\ufeff" + LONG, encoding="utf-8")
    tokenizer = Tokenizer.train_char(LONG)
    tokens = np.array(tokenizer.encode(LONG))
    border = len((tmp_path / "it").read_bytes()[: divide(tmp_path / "it", 0.9)].decode()) - 1
    expected = kind.count(tokens[:border], tokenizer.vocab_size, tokens[border:], tokenizer)
    found = kind.count_file(tmp_path / "it", tokenizer)
    for name, array in expected.arrays().items():
        np.testing.assert_array_equal(found.arrays()[name], array)
    assert found.tokenizer is tokenizer


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"abc \xff abc", "not UTF-8 text at byte 4 "), ("abé".encode()[:-1], "not UTF-8 text at byte 2 "),
        (b"ab" * 52 + b"\xe2\x82a", "not UTF-8 text at byte 104 "), (b"", "is empty"), (b"a", "too short"),
        (b"abqb", "never seen .*LETTER Q"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_text_gets_a_sentence(content: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(content)
    with pytest.raises(UserError, match=says):
        Bigram.count(token_chunks(tmp_path / "it", Tokenizer.train_char("abcé "), piece=7), 5)


def test_a_file_that_shrinks_while_it_is_read_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "it").write_text(VERSE * 2000)
    chunks = token_chunks(tmp_path / "it", Tokenizer.train_char(VERSE), piece=100_000)
    next(chunks)
    os.truncate(tmp_path / "it", 250_000)
    with pytest.raises(UserError, match="changed while it was read"):
        list(chunks)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    tokenizer = Tokenizer.train_char(VERSE)
    peaks = []
    for length in (4, 12):  # MB, read one at a time
        (tmp_path / "it").write_text(VERSE * (length * 1_000_000 // len(VERSE)))
        tracemalloc.start()
        Bigram.count_file(tmp_path / "it", tokenizer)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]
