"""What a person types about words, and what is said of what cannot be meant."""

from __future__ import annotations

from functools import cache

import pytest

from models import load
from models.errors import UserError
from models.gpt import GPT, GPTConfig
from models.lenses.inside.one_token import token_of
from models.lenses.inside.word_groups import Axis, Group, Sum, Word, every, groups, read
from models.tokenizers import Tokenizer
from tests.conftest import random_gpt


@cache
def world() -> GPT:
    return load("little-world")


def ids(*some: str) -> tuple[int, ...]:
    tokenizer = world().tokenizer
    assert tokenizer is not None
    return tuple(tokenizer.ids[word] for word in some)


def pair(one: str, other: str) -> tuple[int, int]:
    first, second = ids(one, other)
    return first, second


def of(tokenizer: Tokenizer) -> GPT:
    return random_gpt(GPTConfig(tokenizer.vocab_size, 8, 1, 1, 4), tokenizer=tokenizer, name="small")


def test_every_form_is_read() -> None:
    assert read(world(), "  japan ") == Word(*ids("japan"))
    assert read(world(), "king, queen man") == Group("king, queen man", ids("king", "queen", "man"))
    assert read(world(), "king - man + woman") == Sum(ids("king", "woman"), ids("man"))
    assert read(world(), "king - man + woman = queen") == Sum(ids("king", "woman"), ids("man"), *ids("queen"))
    assert read(world(), "she - he, her - his") == Axis("she - he, her - his", (pair("he", "she"), pair("his", "her")))
    assert read(world(), "all words") == every(world())


def test_a_name_of_a_group_is_its_words_or_where_it_has_pairs_a_direction() -> None:
    capitals = read(world(), "capital")
    assert isinstance(capitals, Group) and capitals.pairs[0] == ids("france", "paris")
    assert read(world(), "capital", direction=True) == Axis("capital", capitals.pairs)
    assert isinstance(read(world(), "girls", direction=True), Group), "it has no pairs"
    assert groups(of(Tokenizer.train_char("abc"))) == {}


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("  ", "there are no words"),
        ("kingly", "does not know 'kingly'"),
        ("king - + man", "no sum of words"),
        ("king queen + man", "no sum of words"),
        ("king + queen =", "no sum of words"),
        ("- king + man", "no sum of words"),
        ("king + man +", "no sum of words"),
        ("she - he, her", "'her' is no difference"),
        ("she - he she", "no difference"),
    ],
)
def test_what_cannot_be_meant_is_said(typed: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        read(world(), typed)


def test_who_types_an_unknown_word_learns_the_names_of_the_groups() -> None:
    with pytest.raises(UserError, match="or the name of a group: name, land, .*, capital, .*, gender$"):
        read(world(), "kingly")


def test_a_token_is_found_as_it_is_shown() -> None:
    letters = of(Tokenizer.train_char("ab \n"))
    assert [token_of(letters, shown) for shown in ("a", "·", "⏎")] == [letters.tokenizer.ids[c] for c in "a \n"]  # type: ignore[union-attr]
    with pytest.raises(UserError, match="'ab' is 2 tokens of small: 'a' 'b'"):
        token_of(letters, "ab")


def test_in_a_bpe_the_word_with_its_blank_comes_first() -> None:
    bpe = of(Tokenizer.train_bpe("the the the cat cat the", vocab_size=270))
    assert bpe.tokenizer is not None
    assert bpe.tokenizer.token(token_of(bpe, "the")) == " the" == bpe.tokenizer.token(token_of(bpe, "·the"))
