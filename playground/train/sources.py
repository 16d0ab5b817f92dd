"""What a run can learn from, looked at before it begins: whether it is text, how much, and how many tokens it has."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from models.corpora.text import read_pieces
from models.corpora.text_files import find
from models.errors import UserError
from models.formats.files import names_in, reason, shown
from models.formats.tokenizer_json import Kind
from playground.kit import numbers
from playground.train.form import LITTLE_WORLD

PIECES = 4  # of about a million bytes, looked at
FILES = 200  # of a folder, looked at
WORD = re.compile(r"\w+|[^\w\s]|\n")
PIECE_OF_WORD = 3.0  # characters of a BPE token, about


@dataclass(frozen=True, slots=True)
class Source:
    """What is known of a text after a short look; the numbers are about right, for an estimate."""

    says: str
    vocab_size: int
    tokens: float  # infinite where they are made as they are needed


def look_at(data: str, vocabulary: Kind, vocab: int) -> Source:
    """Read the beginning of a text; UserError if it cannot be learned from."""
    if not data.strip():
        raise UserError("there is nothing to learn from", f"give a text file, a folder of them, or {LITTLE_WORLD}")
    if data == LITTLE_WORLD:
        from models.corpora import little_world  # only where it is wanted: it takes a moment

        words = len(little_world.world().vocabulary)
        return Source(f"a made-up language of {words:,} words, endless", words, float("inf"))
    path = Path(os.path.expanduser(data))  # pathlib's raises where there is no such person
    if not os.path.lexists(path):
        raise UserError(f"there is no {shown(path)}", "check the path")
    sample, size, count = _sample(path)
    distinct, tokens = _counted(sample, vocabulary, vocab)
    share = len(sample.encode()) / size if size else 1.0
    what = "a text" if count == 1 else f"{count:,} texts"
    names = {"char": "characters", "word": "words", "bpe": "tokens"}
    about = "about " if share < 0.99 and vocabulary != "bpe" else ""
    says = f"{what}, {numbers.file_size(size)}, {about}{distinct:,} different {names[vocabulary]}"
    return Source(says, distinct, tokens / share)


def completions(typed: str) -> list[str]:
    """What a path that is being typed may become, folders with their slash; the little world where it begins so."""
    typed = typed.strip()
    found = [LITTLE_WORLD] if typed and LITTLE_WORLD.startswith(typed) else []
    folder, start = os.path.split(typed)
    inside = sorted(names_in(os.path.expanduser(folder) or "."))
    hidden = start.startswith(".")
    near = (name for name in inside if name.startswith(start) and (hidden or name[0] != "."))
    paths = [os.path.join(folder, name) for name in islice(near, 20)]
    return found + [path + ("/" if os.path.isdir(os.path.expanduser(path)) else "") for path in paths]


def _sample(path: Path) -> tuple[str, int, int]:
    """The beginnings of the texts there, how many bytes they all have, and how many they are."""
    sample, size, count = "", 0, 0
    wrong: UserError | None = None
    for file, _, optional in islice(find([path]), FILES):
        try:
            pieces = list(islice(read_pieces(file), PIECES if not sample else 1))
        except OSError as error:
            raise UserError(f"{shown(file)} cannot be read: {reason(error)}", "choose another") from None
        except UserError as error:
            if not optional:
                raise
            wrong = wrong or error
            continue
        sample += "".join(pieces) if len(sample) < PIECES << 20 else ""
        size += file.stat().st_size
        count += 1
    if not count:
        raise wrong or UserError(f"{shown(path)} holds no text file", "give a text file, or a folder of them")
    return sample, size, count


def _counted(sample: str, vocabulary: Kind, vocab: int) -> tuple[int, float]:
    """Different tokens, and tokens."""
    if vocabulary == "char":
        return len(set(sample)), len(sample)
    if vocabulary == "word":
        words = WORD.findall(sample)
        return len(set(words)) + 1, len(words)
    return vocab, len(sample) / PIECE_OF_WORD
