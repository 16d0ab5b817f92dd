"""What a run may learn from is looked at first."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from models.corpora.spec import DIGITS, LITTLE_WORLD
from models.errors import UserError
from models.tokenizers import Tokenizer
from playground.train import sources


def test_a_text_is_looked_at_before_it_is_learned_from(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("to be or not to be\n")
    found = sources.look_at(str(file), "char", 0)
    assert (found.vocab_size, found.tokens) == (len(set("to be or not to be\n")), 19) and "19 bytes" in found.says
    assert sources.look_at(str(file), "word", 0).vocab_size == Tokenizer.train_word(file.read_text()).vocab_size == 10
    assert 256 < sources.look_at(str(file), "bpe", 300).vocab_size < 300, "nothing is left to merge before"
    (tmp_path / "b.bin").write_bytes(b"\0\1")
    (tmp_path / "c.txt").write_text("xyz")
    assert sources.look_at(str(tmp_path), "char", 0).says.startswith("2 texts")
    world = sources.look_at(LITTLE_WORLD, "char", 0)
    assert math.isinf(world.tokens) and world.vocab_size > 100
    digits = sources.look_at(DIGITS, "bpe", 300)
    assert (digits.says, digits.vocab_size) == (
        "1,797 handwritten digits, a line each",
        15,
    ) and digits.tokens == 118_602


def test_a_large_text_is_looked_at_in_part(tmp_path: Path) -> None:
    file = tmp_path / "large.txt"
    file.write_text("0123456789abcde\n" * (1 << 19))
    found = sources.look_at(str(file), "char", 0)
    assert found.vocab_size == 16 and found.tokens == pytest.approx(1 << 23, rel=0.01) and "about" in found.says
    assert not found.is_exact


@pytest.mark.parametrize("content", [b"", b"\xff\xfeA\0", b"\x1f\x8b\x08", b"a\0b", b"\xc3("])
def test_what_is_no_text_is_said(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x"
    file.write_bytes(content)
    for where in (file, tmp_path):
        with pytest.raises(UserError):
            sources.look_at(str(where), "char", 0)


def test_nothing_and_nowhere_are_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="^https://example.org/a.txt is an address, and nothing is downloaded"):
        sources.look_at("https://example.org/a.txt", "char", 0)
    for data in ("", " ", str(tmp_path / "none"), "a\0b", str(tmp_path)):
        with pytest.raises(UserError):
            sources.look_at(data, "char", 0)


@pytest.mark.parametrize("data", ["~nobody-of-that-name/x", "/proc/self/mem", "/dev/zero"])
def test_what_cannot_be_read_is_said(data: str) -> None:
    with pytest.raises(UserError):
        sources.look_at(data, "char", 0)


def test_a_loop_of_links_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert sources.completions(f"{tmp_path}/lo") == [f"{tmp_path}/loop"]


def test_a_path_is_completed(tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    for name in ("book.txt", ".hidden"):
        (tmp_path / name).write_text("x")
    assert sources.completions(f"{tmp_path}/bo") == [f"{tmp_path}/book.txt", f"{tmp_path}/books/"]
    assert sources.completions(f"{tmp_path}/.h") == [f"{tmp_path}/.hidden"]
    assert sources.completions("lit")[0] == LITTLE_WORLD and sources.completions("dig")[0] == DIGITS
    assert sources.completions(f"{tmp_path}/none/x") == [] == sources.completions("a\0b/")
