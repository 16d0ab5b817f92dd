"""The n-gram is Kneser-Ney as defined."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from models.baselines import NGram, ngram
from models.tokenizers import Tokenizer
from tests.models.baselines.verse import VERSE, chars

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
    likely: dict[tuple[int, ...], list[float]] = {(a, b, c, d): [rng.random() ** 6 + 0.01 for _ in range(4)]
              for a in range(4) for b in range(4) for c in range(4) for d in range(4)}  # fmt: skip
    text = [0, 1, 2, 3]
    for _ in range(60_000):
        text += rng.choices(range(4), likely[tuple(text[-4:])])
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
