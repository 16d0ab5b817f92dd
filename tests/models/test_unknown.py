"""What has no token is found all at once, named with its count, and has a nearest that has one."""

from __future__ import annotations

import pytest

from models.errors import UserError
from models.tokenizers import Tokenizer
from models.unknown import nearest, unread

WORDS = Tokenizer.train_word("Anna and tom went to the cafe - 'twas naive")
PASTED = "naïve café — “hello”"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            PASTED,
            "'ï' (U+00EF), 'é' (U+00E9), '—' (U+2014), '“' (U+201C) and '”' (U+201D); the first is character 3 of",
        ),
        ("héé", "'é' (U+00E9, 2 times); the first is character 2 of the text - take them out"),
        ("ab" + "".join(map(chr, range(0x410, 0x417))) + "А", "(U+0415) and 'Ж' (U+0416); the first is character 3 of"),
        ("".join(map(chr, range(0x410, 0x430))), "'Е' (U+0415) and 26 more kinds; the first is character 1 of"),
    ],
)
def test_all_unknown_characters_are_named_at_once_with_their_counts(text: str, says: str) -> None:
    tokenizer = Tokenizer.train_char("abcdefghijklmnopqrstuvwxyz ")
    with pytest.raises(UserError) as caught:
        tokenizer.encode(text)
    assert says in str(caught.value)


def test_what_is_unknown_depends_on_the_tokenizer() -> None:
    assert Tokenizer.train_char("abc").unseen("a-b-\ud800") == [1, 3, 4]
    assert WORDS.unseen(f"{PASTED}\ud800") == [20]
    assert Tokenizer.train_bpe("abc", vocab_size=256).unseen(f"{PASTED}\ud800") == [20]


def test_words_that_are_read_as_unk_are_found_where_they_stand() -> None:
    text = "anna and the zebra, <unk>"
    assert [text[start:end] for start, end in WORDS.unknown_words(text)] == ["anna", "zebra", ","]
    assert Tokenizer.train_char("abc").unknown_words("abc") == []


def test_such_words_are_named_in_one_sentence_however_many_and_long_they_are() -> None:
    text = "the zebra went to the zebra - " + "z" * 99
    says = f"he does not know 'zebra' (2 times) and '{'z' * 19}…{'z' * 20}' and reads <unk> instead"
    assert WORDS.unread(text, "he") == says
    assert unread(text, [], "he", "<unk>") == WORDS.unread("the", "he") == ""


@pytest.mark.parametrize(
    ("piece", "known", "found"),
    [
        ("ï", "i", "i"),
        ("É", "e", "e"),
        ("—", "-", "-"),
        ("“", "'", "'"),
        ("“", "\"'", '"'),
        ("…", ".", "..."),
        ("\u00a0", " ", " "),
        ("\u0301", "abc", ""),
        ("Ⅸ", "ix", "ix"),
        ("中", "abc", ""),
        ("\U0001f469", "abc", ""),
    ],
)
def test_the_nearest_is_the_plain_one_that_is_known(piece: str, known: str, found: str) -> None:
    assert nearest(piece, lambda text: set(text) <= set(known)) == found


@pytest.mark.parametrize(("word", "found"), [("anna", "Anna"), ("TOM", "tom"), ("naïve", "naive"), ("zebra", "")])
def test_a_word_has_a_nearest_as_well(word: str, found: str) -> None:
    assert nearest(word, lambda text: not WORDS.unknown_words(text)) == found
