"""A text of known words comes back to the letter; one that was cut as before reads as it did."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

import models
from models.corpora import little_world
from models.tokenizers import Tokenizer
from tests.models.test_tokenizers import VERSE


def test_words_come_back_to_the_letter_and_blanks_that_are_expected_cost_nothing() -> None:
    tokenizer = Tokenizer.train_word(VERSE)
    assert tokenizer.decode(tokenizer.encode(VERSE)) == VERSE
    assert [tokenizer.token(each) for each in tokenizer.encode("the hill, 'Tis\n--")] == [
        "the", "hill", ",", "'Tis", "\n", "--"
    ]  # fmt: skip
    spelled = [tokenizer.token(each) for each in tokenizer.encode(" the  hill ,end--\t3.14 $5.50")]
    assert spelled == [" ", "the", " ", " ", "hill", " ", ",", "", "end", "", "--", "\t", "3.14", "$", "5.50"]


SPOKEN = ["the", "The", "well-known", "don't", "'Tis", "3.14", "5", "<unk>", "é", "e\u0301", "中文"]
MARKS = [*".,;:!?…%()[]{}'\"“”‘’$#@-/&", "--", "...", "😀", "\x00", "\u202e"]
GAPS = ["", " ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", " \n", "\n "]
KNOWN = Tokenizer.train_word(" ".join([*SPOKEN, *MARKS]))


@given(
    st.lists(st.tuples(st.sampled_from([*SPOKEN, *MARKS]), st.sampled_from(GAPS)), max_size=16), st.sampled_from(GAPS)
)
def test_every_text_of_known_words_comes_back(said: list[tuple[str, str]], first: str) -> None:
    text = first + "".join(word + gap for word, gap in said)
    own = KNOWN if all(gap for _, gap in said) else Tokenizer.train_word(text + " a")  # "3.14" and "5" may make one
    ids = own.encode(text)
    assert own.decode(ids) == text
    assert "<unk>" in text or own.unknown not in ids
    spans = own.pieces(text)
    assert [each for each, _, _ in spans] == ids and spans == sorted(spans, key=lambda span: span[1:])
    assert all(text[start:end] == own.token(each) for each, start, end in spans)
    assert {at for at, c in enumerate(text) if c != " "} <= {at for _, start, end in spans for at in range(start, end)}


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_comes_back_from_a_tokenizer_of_its_own(text: str) -> None:
    own = Tokenizer.train_word(text + " a")
    assert own.decode(own.encode(text)) == text.translate({0xFDD0: 0xFFFD, 0xFDD1: 0xFFFD})


def test_a_tokenizer_of_words_alone_reads_and_writes_as_it_did() -> None:
    bundled = models.load("little-world").tokenizer
    assert bundled is not None
    made = Tokenizer.of_words(*little_world.world().vocabulary)
    assert (made.vocab, made.library.to_str()) == (bundled.vocab, bundled.library.to_str())
    ids = made.encode("Anna  bought bread ,\tand tom said :\n")
    assert [made.token(each) for each in ids] == ["anna", "bought", "bread", ",", "and", "tom", "said", ":", "\n"]
    assert made.decode(ids) == "anna bought bread, and tom said:\n"


@given(st.text(alphabet="abc '-.,!?()\n", max_size=40))
def test_words_decoded_and_read_again_are_the_same_words(text: str) -> None:
    tokenizer = Tokenizer.train_word(text + " a ")
    ids = tokenizer.encode(text)
    assert tokenizer.encode(tokenizer.decode(ids)) == ids
