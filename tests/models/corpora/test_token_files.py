"""Texts of any size: read in pieces, tokenised once, kept on disk whole or not at all, in memory that does not grow."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.baselines import Bigram
from models.baselines.counts import tally
from models.baselines.stream import count_pairs
from models.corpora import read_text, token_files
from models.corpora.encoding import decoded, encoded, encoder, uncut
from models.corpora.text import read_pieces
from models.corpora.text_files import check_unchanged, find
from models.corpora.token_files import TokenFiles, TokenizerSpec, prepare
from models.errors import UserError
from models.formats import records
from models.tokenizers import Tokenizer
from tests.conftest import ROOT

VERSE = "Rough winds do shake the darling buds of May,\r\nAnd summer's lease hath all too short a date; é — 日本 🎭\n"
SPECS = {
    "char": TokenizerSpec(),
    "word": TokenizerSpec("word", lowercase=True, min_count=2),
    "bpe": TokenizerSpec("bpe", vocab=300),
}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60)


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# reading in pieces


@given(text=TEXTS, piece=st.integers(1, 9))
def test_pieces_make_up_the_text(text: str, piece: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = written(tmp_path_factory.getbasetemp() / "pieces", text)
    if any(path.read_bytes().startswith(start) for start in (b"\xff", b"\xfe", b"\x1f\x8b", b"PK\3\4", b"BZh")):
        return
    if text.strip("\ufeff") == "" and len(text) == 1:
        return
    assert "".join(read_pieces(path, piece=piece)) == text.removeprefix("\ufeff") == read_text(path)


FAULTS = {
    "at byte 3,": b"abc\xff",
    "cut off": "abc é".encode()[:-1],
    "after a character of four": "🎭".encode() * 5 + b"\x80",
    "zero byte": b"ab\0cd",
    "late": b"a" * 50 + b"\0",
    "utf-16": "to be".encode("utf-16"),
    "utf-32": "to be".encode("utf-32"),
    "gzip": gzip.compress(b"to be or not to be"),
    "zip": b"PK\x03\x04rest",
    "empty": b"",
    "a mark alone": b"\xef\xbb\xbf",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_the_same_sentence_in_pieces_of_any_size(fault: str, tmp_path: Path) -> None:
    path = written(tmp_path / "it", FAULTS[fault])
    with pytest.raises(UserError) as whole:
        read_text(path)
    for piece in (3, 4, 7, 1000):
        with pytest.raises(UserError) as parts:
            list(read_pieces(path, piece=piece))
        assert str(parts.value) == str(whole.value)


def test_a_pipe_and_a_missing_file_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, says in (("pipe", "not a regular file"), ("none", "no such file"), ("nul\0", "cannot be read")):
        with pytest.raises(UserError, match=says):
            prepare([tmp_path / name], TokenizerSpec(), tmp_path / "tokens")


# the same tokens, in bulk


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_bulk_encoding_is_the_tokenizers_own(text: str) -> None:
    """Exact equality of the table with the library, for any text, as long as all of it is in the vocabulary."""
    tokenizer = Tokenizer.train_char(text + "a")
    tokens = encoder(tokenizer)(text)
    assert tokens.tolist() == tokenizer.encode(text) == tokenizer.library.encode(text).ids
    assert "".join(decoded(tokens, tokenizer, piece=3)) == text


def test_every_code_point_there_is_can_be_a_token() -> None:
    text = "".join(chr(c) for c in range(1, 0x110000) if not 0xD800 <= c < 0xE000)
    tokens = encoder(Tokenizer.train_char(text[:70_000]))(text[:70_000])
    assert tokens.dtype == np.uint32 and tokens.tolist() == list(range(70_000))
    small = Tokenizer.train_char(text[:60_000])
    assert encoder(small)(text[:60_000]).dtype == np.uint16
    with pytest.raises(UserError, match=r"U\+10FFFF"):
        encoder(small)("a\U0010ffff")


@pytest.mark.parametrize(("text", "at"), [("abqb", 3), ("q", 1), ("a" * 30 + "q", 31), ("aé日q", 2)])
@pytest.mark.parametrize("piece", [1, 4, 1000])
def test_an_unknown_character_is_named_with_its_place_in_the_whole_text(text: str, at: int, piece: int) -> None:
    pieces = [text[i : i + piece] for i in range(0, len(text), piece)]
    with pytest.raises(UserError) as caught:
        list(encoded(pieces, Tokenizer.train_char("ab"), "book.txt", piece))
    assert f"character {at:,} of book.txt - take it out, or" in str(caught.value)
    assert ("LETTER Q" in str(caught.value)) == ("é" not in text)


@given(text=TEXTS, piece=st.integers(1, 20))
def test_uncut_pieces_are_the_text(text: str, piece: int) -> None:
    assert "".join(uncut([text[i : i + piece] for i in range(0, len(text), piece)], piece)) == text


# token files


@pytest.mark.parametrize("kind", SPECS)
def test_a_text_becomes_its_tokens_nine_tenths_and_one(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path / "book.txt", "\ufeff" + VERSE * 40)
    made = prepare([path], SPECS[kind], tmp_path / "tokens")
    tokens = made.tokenizer.encode(VERSE * 40)
    border = int(len(tokens) * 0.9)
    expected, held_out = tokens[:border], tokens[border:]
    assert made.tokens.tolist() == expected and made.held_out.tolist() == held_out
    assert made.tokens.dtype == np.uint16 and isinstance(made.tokens, np.memmap)
    facts = made.facts
    assert facts["file"] == "book.txt" and facts["characters"] == len(VERSE * 40) and not facts["skipped"]
    assert (facts["tokens"], facts["tokens_held_out"]) == (len(expected), len(held_out))
    assert facts["tokenizer"] == kind == made.tokenizer.kind and facts["vocab_size"] == made.tokenizer.vocab_size
    again = token_files.load(tmp_path / "tokens")
    assert again.tokens.tolist() == expected and again.facts == facts and again.tokenizer.vocab == made.tokenizer.vocab
    names = {"train.bin", "held-out.bin", "tokens.json", "tokenizer.json", "tokenizer_config.json"}
    assert set(os.listdir(tmp_path / "tokens")) == names
    assert sorted(os.listdir(tmp_path)) == ["book.txt", "tokens"]


def test_the_vocabulary_is_what_training_on_the_whole_text_gives(tmp_path: Path) -> None:
    text = VERSE * 40
    path = written(tmp_path / "book.txt", text)
    expected = {
        "char": Tokenizer.train_char(text),
        "word": Tokenizer.train_word(text, lowercase=True, min_count=2),
        "bpe": Tokenizer.train_bpe(text, vocab_size=300),
    }
    for kind, spec in SPECS.items():
        assert prepare([path], spec, tmp_path / kind).tokenizer.vocab == expected[kind].vocab


def test_a_long_texts_words_come_from_its_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_files, "SAMPLE", 100)
    monkeypatch.setattr("models.corpora.text_files.read_pieces", partial(read_pieces, piece=60))
    path = written(tmp_path / "book.txt", "the cat sat on the mat\n" * 20 + "zebra\n")
    made = prepare([path], TokenizerSpec("word"), tmp_path / "words")
    assert "zebra" not in made.tokenizer.ids and 100 <= made.facts["vocabulary_from"] < 200
    assert made.tokenizer.token(int(made.held_out[-2])) == "<unk>"
    made = prepare([path], TokenizerSpec(), tmp_path / "characters")
    assert "z" in made.tokenizer.ids and made.facts["vocabulary_from"] == made.facts["characters"] == 466


def test_a_folders_texts_are_read_in_order_and_the_others_are_named(tmp_path: Path) -> None:
    books = tmp_path / "books"
    (books / "more").mkdir(parents=True)
    written(books / "b.txt", "second")
    written(books / "a.txt", "first\r\n")
    written(books / "more" / "c.md", "third")
    written(books / ".hidden", "never")
    written(books / "picture.png", FAULTS["a picture"])
    written(books / "old.txt.gz", FAULTS["gzip"])
    os.symlink(tmp_path, books / "loop")
    os.mkfifo(books / "pipe")
    made = prepare([books], TokenizerSpec(), tmp_path / "tokens")
    text = made.tokenizer.decode([*made.tokens, *made.held_out])
    assert text == "first\r\nsecond\nthird"
    assert made.facts["file"] == "a.txt and 2 more"
    assert [file["name"] for file in made.facts["files"]] == ["a.txt", "b.txt", "more/c.md"]
    skipped = made.facts["skipped"]
    assert set(skipped) == {"picture.png", "old.txt.gz", "pipe"}
    assert (
        skipped["old.txt.gz"] == "old.txt.gz is compressed with gzip - unpack it first"
        and "not a regular" in skipped["pipe"]
    )
    assert json.loads(json.dumps(made.facts)) == made.facts
    assert [name for _, name, optional in find([books, books / "a.txt"]) if not optional] == ["a.txt"]


def test_a_folder_without_a_text_says_why(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no text in .* - give a text file"):
        prepare([tmp_path], TokenizerSpec(), tmp_path / "tokens")
    written(tmp_path / "x.png", FAULTS["a picture"])
    with pytest.raises(UserError, match=r"there is no text in .*x\.png .*byte 0"):
        prepare([tmp_path], TokenizerSpec(), tmp_path / "tokens")


def test_a_file_that_is_named_itself_must_be_text(tmp_path: Path) -> None:
    good, bad = written(tmp_path / "good", "text"), written(tmp_path / "bad", b"ab\xffcd")
    with pytest.raises(UserError, match="bad is not UTF-8 text at byte 2"):
        prepare([good, bad], TokenizerSpec(), tmp_path / "tokens")
    assert sorted(os.listdir(tmp_path)) == ["bad", "good"]


def test_a_given_tokenizer_is_kept_and_what_it_does_not_know_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "book.txt", "abba" * 20)
    given_one = Tokenizer.train_char("abc")
    made = prepare([path], given_one, tmp_path / "tokens")
    assert made.tokenizer.vocab == ("a", "b", "c") and made.facts["vocabulary_from"] == 0
    with pytest.raises(UserError, match=r"has never seen 'b'.*character 2 of .*book\.txt - take it out, or train a "):
        prepare([path], Tokenizer.train_char("a"), tmp_path / "others")
    assert sorted(os.listdir(tmp_path)) == ["book.txt", "tokens"]


@pytest.mark.parametrize("size", [1, 2, 9])
def test_the_shortest_texts(size: int, tmp_path: Path) -> None:
    made = prepare([written(tmp_path / "it", "abcdefghi"[:size])], TokenizerSpec(), tmp_path / "tokens")
    assert (made.tokens.size, made.held_out.size) == (int(size * 0.9), size - int(size * 0.9))


# whole or not at all


def made_of(tmp_path: Path) -> TokenFiles:
    return prepare([written(tmp_path / "book.txt", VERSE * 9)], TokenizerSpec(), tmp_path / "tokens")


@pytest.mark.parametrize("name", ["fsync", "rename", "open"])
def test_a_disk_that_refuses_leaves_nothing(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "book.txt", VERSE)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(token_files if name == "open" else os, name, full, raising=False)
    with pytest.raises(UserError, match="tokens cannot be written: no space left on device"):
        prepare([path], TokenizerSpec(), tmp_path / "tokens")
    assert os.listdir(tmp_path) == ["book.txt"]


def test_what_a_killed_process_left_is_no_hindrance(tmp_path: Path) -> None:
    path = written(tmp_path / "book.txt", VERSE * 2000)
    code = (
        "import os, sys; from models.corpora.token_files import *\n"
        "def at(doing, share):\n"
        "    if doing == 'tokenising': os.kill(os.getpid(), 9)\n"
        "prepare([sys.argv[1]], TokenizerSpec(), sys.argv[2], at)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path), str(tmp_path / "tokens")], cwd=ROOT)
    assert done.returncode == -9 and sorted(os.listdir(tmp_path)) == [".tokens.part", "book.txt"]
    prepare([path], TokenizerSpec(), tmp_path / "tokens")
    assert sorted(os.listdir(tmp_path)) == ["book.txt", "tokens"]


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("train.bin", lambda content: content[:-2], "train.bin has .* bytes, which is not what it was made with"),
        ("train.bin", lambda content: b"\xff\xff" + content[2:], "train.bin holds tokens outside its vocabulary"),
        ("held-out.bin", lambda content: content + b"\0\0", "held-out.bin has"),
        ("tokens.json", lambda content: content[:50], "tokens.json is not valid JSON"),
        ("tokens.json", lambda content: content.replace(b'"version": 1', b'"version": 7'), "is of version 7, not 1"),
        ("tokens.json", lambda content: content.replace(b'"tokens": ', b'"tokens": 1'), "train.bin has"),
        ("tokens.json", lambda content: content.replace(b'"char"', b'"\\ud800"'), "tokens.json: tokenizer is "),
        ("tokens.json", lambda content: content.replace(b'"file":', b'"life":'), "tokens.json: life is not known here"),
        ("tokens.json", lambda content: content.replace(b'"modified"', b'"changed"'), "files.0.changed is not known"),
        ("tokenizer.json", lambda content: b"{}", "tokenizer.json"),
    ],
)
def test_damage_gets_a_sentence(name: str, change: Any, says: str, tmp_path: Path) -> None:
    made_of(tmp_path)
    file = tmp_path / "tokens" / name
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(UserError, match=says):
        token_files.load(tmp_path / "tokens")


def test_a_text_that_changed_is_noticed_and_one_that_is_gone_is_not_missed(tmp_path: Path) -> None:
    files = made_of(tmp_path).files
    path, text = tmp_path / "book.txt", VERSE * 9
    check_unchanged(files)
    os.utime(path, (1, 1))
    check_unchanged(files)  # another time, the same text
    for other in (text.replace("May", "Mai"), text + "more", b"\0"):
        written(path, other)
        os.utime(path, (2, 2))
        with pytest.raises(UserError, match=r"book\.txt is not the text this run was started on: its SHA-256 differs"):
            check_unchanged(files)
    path.unlink()
    check_unchanged(files)


def test_a_text_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "book.txt", VERSE)

    def change(doing: str, share: float) -> None:
        if doing == "learning the vocabulary" and share == 1:
            written(path, VERSE.replace("May", "Mya"))

    with pytest.raises(UserError, match="changed while it was read"):
        prepare([path], TokenizerSpec(), tmp_path / "tokens", change)
    assert os.listdir(tmp_path) == ["book.txt"]


def test_progress_goes_from_nothing_to_all(tmp_path: Path) -> None:
    seen: list[tuple[str, float]] = []
    path = written(tmp_path / "book.txt", VERSE * 30_000)
    prepare([path], TokenizerSpec(), tmp_path / "tokens", lambda doing, share: seen.append((doing, share)))
    assert list(dict(seen)) == ["reading", "learning the vocabulary", "tokenising"]
    for doing in dict(seen):
        shares = [share for each, share in seen if each == doing]
        assert len(shares) > 2 and shares == sorted(shares) and shares[-1] == 1 and shares[0] < 0.5


@pytest.mark.parametrize(
    "values", [{"kind": "bytes"}, {"vocab": "9"}, {"vocab": True}, {"size": 1}, {"min_count": 1.0}]
)
def test_a_tokenizers_description_is_checked(values: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=f"^a tokenizer: {next(iter(values))} is "):
        records.read(TokenizerSpec, values, "a tokenizer")


# memory

MEASURE = """
import sys
from pathlib import Path
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
from models.baselines.stream import count_pairs
from models.corpora.token_files import *
small = prepare([sys.argv[1]], TokenizerSpec(), sys.argv[3] + "-small")
count_pairs(sys.argv[1], small.tokenizer)
before = peak()
large = prepare([sys.argv[2]], TokenizerSpec(), sys.argv[3] + "-large")
count_pairs(sys.argv[2], large.tokenizer)
print(peak() - before, large.facts["characters"] / 2**20)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_does_not_grow_with_the_text(tmp_path: Path) -> None:
    small = written(tmp_path / "small", VERSE * 30_000)
    large = written(tmp_path / "large", VERSE * 400_000)
    command = [sys.executable, "-c", MEASURE, str(small), str(large), str(tmp_path / "tokens")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    grown, size = map(float, done.stdout.split())
    assert size > 38 and grown < 6, f"{grown} MB more for a text of {size} MB"


# counting


def by_tokens(path: Path, tokenizer: Tokenizer) -> dict[str, Any]:
    return tally(np.array(tokenizer.encode(read_text(path))), 2, tokenizer.vocab_size).arrays()


@given(text=TEXTS, piece=st.integers(1, 30))
def test_counting_bytes_is_counting_tokens(text: str, piece: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("text") / "pairs"
    written(path, "abc" + text)
    tokenizer = Tokenizer.train_char("abc" + text + "z")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.baselines.stream.PIECE", piece)
        patch.setattr("models.baselines.stream.STEP", 1 + piece // 4)
        patch.setattr("models.baselines.stream.FULL", piece)
        found = count_pairs(path, tokenizer).arrays()
    for name, array in by_tokens(path, tokenizer).items():
        np.testing.assert_array_equal(found[name], array)


def test_counters_that_are_full_are_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "it", VERSE.encode("ascii", "ignore") * 20)
    tokenizer = Tokenizer.train_char(VERSE)
    for name, value in (("PIECE", 64), ("STEP", 7), ("FULL", 100)):
        monkeypatch.setattr(f"models.baselines.stream.{name}", value)
    found = count_pairs(path, tokenizer).arrays()
    for name, array in by_tokens(path, tokenizer).items():
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize("text", ["ab" * 999 + "\x7f", "ab" * 999 + "é", "é" + "ab" * 999 + "c", "abc" * 999])
def test_counting_names_a_character_it_does_not_know(text: str, tmp_path: Path) -> None:
    path = written(tmp_path / "it", text)
    with pytest.raises(UserError, match="has never seen .* character [0-9,]+ of .*it - "):
        count_pairs(path, Tokenizer.train_char("ab"))


def test_a_file_of_large_alphabet_is_counted(tmp_path: Path) -> None:
    text = "".join(chr(0x4E00 + number * 7 % 5000) + "ab" * (number % 3) for number in range(20_000))
    path = written(tmp_path / "it", text)
    tokenizer = Tokenizer.train_char(text)
    found = Bigram.count_file(path, tokenizer, 1.0).runs.arrays()
    for name, array in by_tokens(path, tokenizer).items():
        np.testing.assert_array_equal(found[name], array)
