"""One token of a model, as it is typed or shown."""

from __future__ import annotations

from functools import partial

import pytest

from models.errors import UserError
from models.gpt import GPT, GPTConfig
from models.lenses.inside.one_token import token_of
from models.tokenizers import Tokenizer
from tests.conftest import random_gpt


def speaking(tokenizer: Tokenizer) -> GPT:
    return random_gpt(GPTConfig(tokenizer.vocab_size, 8, 1, 1, 4), tokenizer=tokenizer, name="small")


def test_a_token_is_read_as_it_is_written_or_shown() -> None:
    words, letters = Tokenizer.of_words("bark", "barks", "\n"), Tokenizer.train_char("a -\n")
    pairs = Tokenizer.train_bpe("the the the the", vocab_size=260)
    for tokenizer, typed, meant in (
        (words, " barks ", "barks"), (words, "⏎", "\n"), (words, "<unk>", "<unk>"),
        (letters, " ", " "), (letters, "·", " "), (letters, "-", "-"), (letters, "⏎", "\n"),
        (pairs, "·the", " the"), (pairs, "the", " the"), (pairs, "he", "he"), (pairs, "<0x96>", "<0x96>"),
    ):  # fmt: skip
        assert tokenizer.token(token_of(speaking(tokenizer), typed)) == meant, typed
    of = partial(token_of, speaking(words))
    with pytest.raises(UserError, match="small does not know 'meows' - type another word"):
        of("meows")
    with pytest.raises(UserError, match="'bark barks' is 2 tokens of small: 'bark' 'barks'"):
        of("bark barks")
    with pytest.raises(UserError, match="does not know ''"):
        of("")
    with pytest.raises(UserError, match="no tokenizer"):
        token_of(random_gpt(GPTConfig(5, 8, 1, 1, 4)), "a")
