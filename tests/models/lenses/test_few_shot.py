"""A probe asked with no to three examples asks the same words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.corpora import little_world
from models.lenses.probes.few_shot import FewShot, by_examples
from models.lenses.truth import Truth
from models.ops import Array
from models.tokenizers import Tokenizer


def test_examples_are_left_out_from_the_front(words: Tokenizer) -> None:
    shares = by_examples(Truth(words, little_world.world()))
    assert len(shares) == 4
    assert shares[0] < 0.8 and shares[3] == 1  # without an example the question can only be guessed
    assert shares == tuple(sorted(shares))


class _Asked:
    """Keeps the texts it is asked about."""

    name = "asked"

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.vocab_size = tokenizer.vocab_size
        self.texts: list[str] = []

    def logits(self, tokens: Sequence[int]) -> Array:
        self.texts.append(self.tokenizer.decode(tokens).strip())
        return np.zeros((len(tokens), self.vocab_size))


def test_the_same_words_are_asked_with_0_to_3_examples(words: Tokenizer) -> None:
    asked = _Asked(words)
    by_examples(asked)
    count = len(asked.texts) // 4
    full = [text.words for text in FewShot().cases(count)]
    for number, whole in enumerate(full):
        said = words.decode([words.ids[word] for word in whole]).strip()
        for examples in range(4):
            text = asked.texts[examples * count + number]
            assert said.endswith(text) and text.count(":") == examples + 1
