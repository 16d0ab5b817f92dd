"""Texts of any size in pieces: the same tokens, counted as they are, in little memory."""

from __future__ import annotations

import math
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.baselines import ALL, Baseline, Bigram
from models.corpora.encoding import token_chunks
from models.corpora.text import divide
from models.errors import UserError
from models.tokenizers import Tokenizer
from tests.models.baselines.verse import LONG, VERSE

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
