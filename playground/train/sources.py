"""What a run can learn from, looked at before it begins: whether it is text, how much, and how many tokens it has."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from models.corpora.cautions import Caution
from models.corpora.cautions import look_at as look_through
from models.corpora.spec import COME_ALONG, DIGITS, LITTLE_WORLD, TokenizerSpec
from models.corpora.text import read_text
from models.corpora.text_files import beginning
from models.corpora.token_files import trained
from models.errors import UserError
from models.formats.files import check_local, shown
from models.formats.tokenizer_json import Kind
from models.formats.word_level import BLANKS, UNKNOWN, WORDS
from playground.kit import numbers, paths
from playground.train.form import TOKENS

WORD = re.compile(WORDS)
LEARNED = 1 << 21  # bytes of a text whose vocabulary is learned at once: a second or two
PIECE_OF_WORD = 3.0  # characters of a BPE token, about


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of a text after a short look."""

    says: str
    vocab_size: int  # that a run will have; of a large text about
    tokens: float  # about; infinite where they are made as they are needed
    is_exact: bool = True  # the size of the vocabulary
    cautions: tuple[Caution, ...] = ()


def look_at(data: str, vocabulary: Kind, vocab: int) -> Source:
    """Read the beginning of a text; UserError if it cannot be learned from."""
    if not data.strip():
        raise UserError(
            "there is nothing to learn from", f"give a text file, a folder of them, {LITTLE_WORLD} or {DIGITS}"
        )
    if data == LITTLE_WORLD:
        from models.corpora import little_world  # only where it is wanted: it takes a moment

        words = len(little_world.world().vocabulary)
        vocab_size = little_world.tokenizer().vocab_size
        return Source(f"a made-up language of {words:,} words, endless", vocab_size, float("inf"))
    if data == DIGITS:
        from models.corpora import digits

        text = read_text(digits.PATH)
        return Source(f"{len(digits.lines()):,} handwritten digits, a line each", len(set(text)), len(text))
    check_local(data)
    path = Path(paths.meant(data))
    if not os.path.lexists(path):
        raise UserError(f"there is no {shown(path)}", "check the path")
    found = beginning([path])
    cautions = look_through(found.text, found.share == 1, vocabulary)
    is_exact = found.share == 1 and (vocabulary == "char" or found.bytes <= LEARNED)
    wanted = TokenizerSpec(vocabulary, vocab)
    distinct, tokens = _learned(found.text, wanted) if is_exact else _counted(found.text, vocabulary, vocab)
    what = "a text" if found.count == 1 else f"{found.count:,} texts"
    about = "" if is_exact else "about "
    says = f"{what}, {numbers.file_size(found.bytes)}, {about}{distinct:,} different {TOKENS[vocabulary]}"
    return Source(says, distinct, tokens / found.share, is_exact, tuple(cautions))


def completions(typed: str) -> list[str]:
    """What a path that is being typed may become, folders with their slash; or what comes along and begins so."""
    typed = typed.strip()
    found = [name for name in COME_ALONG if typed and name.startswith(typed)]
    return found + paths.completions(typed)


def _learned(sample: str, tokenizer: TokenizerSpec) -> tuple[int, float]:
    """Different tokens, and tokens, of a whole text: those of the tokenizer that a run makes of it."""
    if tokenizer.kind == "char":
        return len(set(sample)), len(sample)
    made = trained(tokenizer, sample)
    return made.vocab_size, len(made.encode(sample))


def _counted(sample: str, vocabulary: Kind, vocab: int) -> tuple[int, float]:
    """The same of part of a text, quickly, and about right."""
    if vocabulary == "char":
        return len(set(sample)), len(sample)
    if vocabulary == "word":
        words = WORD.findall(sample)
        return len({UNKNOWN, *BLANKS, *words}), len(words)
    return vocab, len(sample) / PIECE_OF_WORD
