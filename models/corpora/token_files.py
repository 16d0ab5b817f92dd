"""A text of any size as tokens on disk, made once: read from there, memory does not grow with it.

A folder of them holds `train.bin` and `held-out.bin`, the text's first nine tenths and its last, as little-endian
numbers of 16 or 32 bits; `tokenizer.json`; and `tokens.json`, which says what they were made of. The folder is there
whole or not at all.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.corpora.encoding import code_points, encoded, token_type, uncut
from models.corpora.spec import TokenizerSpec as TokenizerSpec
from models.corpora.text_files import TextFile, digest, survey, texts
from models.errors import UserError
from models.formats import records
from models.formats.files import open_regular, read_exactly, read_json, refusing, remove, shown, sync, sync_all
from models.formats.tokenizer_json import AnyKind
from models.ops import Array
from models.tokenizers import Tokenizer

VERSION = 1
FRACTION = 0.9  # learned from
SAMPLE = 16 << 20  # characters that a word or BPE vocabulary is learned from, at the text's beginning
COPIED = 1 << 22  # bytes, tokens: at a time
TRAIN, HELD_OUT, ABOUT = "train.bin", "held-out.bin", "tokens.json"

Progress = Callable[[str, float], object]  # what is being done, and how much of it is done: 0 to 1


def unseen(doing: str, share: float) -> None:
    """The progress that nobody looks at."""


@dataclass(frozen=True, slots=True)
class _About:
    """What tokens.json says."""

    version: int
    file: str
    sha256: str
    characters: int
    files: tuple[TextFile, ...]
    skipped: Mapping[str, str]
    tokenizer: AnyKind
    vocab_size: int
    vocabulary_from: int  # characters; 0: it was given
    tokens: int
    tokens_held_out: int
    unknown: int | None = None  # of those to learn from; None where no text is unknown, or nobody counted
    unknown_held_out: int | None = None


@dataclass(frozen=True, eq=False, slots=True)
class TokenFiles:
    """A text as tokens, its last tenth held out; `facts` says what text that is, as JSON."""

    tokens: Array  # (T,) uint16 or uint32, mapped from disk
    held_out: Array
    tokenizer: Tokenizer
    files: tuple[TextFile, ...]
    facts: Mapping[str, Any]


def prepare(
    paths: Sequence[str | os.PathLike[str]],
    tokenizer: TokenizerSpec | Tokenizer,
    folder: str | os.PathLike[str],
    progress: Progress = unseen,
) -> TokenFiles:
    """Make the token files of text files, and of the text files in folders, and open them.

    A vocabulary that is only specified is learned from the text: all its characters, or the words or merges of its
    first 16 million characters. To a tokenizer that is given, the text must hold nothing unknown.

    Memory does not grow with the text. `folder` must not be there yet, and nobody else may prepare it meanwhile. Raises
    UserError for a text that cannot be used, naming file and place, and if the disk does not let the files be written.
    """
    folder = Path(folder)
    files, skipped = survey(paths, lambda share: progress("reading", share))
    learned_from = 0
    if isinstance(tokenizer, TokenizerSpec):
        learned_from, tokenizer = learn(tokenizer, files, lambda share: progress("learning the vocabulary", share))
    part = folder.with_name(f".{folder.name}.part")
    try:
        with refusing(f"{shown(folder)} cannot be written", "check the disk"):
            remove(part)
            part.mkdir(parents=True)
            counts = _write(part, files, tokenizer, lambda share: progress("tokenising", share))
            tokenizer.save(part)
            unknown = [_unknown(part / name, tokenizer) for name in (TRAIN, HELD_OUT)]
            about = records.plain(_about(files, skipped, tokenizer, learned_from, counts, unknown))
            (part / ABOUT).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
            sync_all(part)
            os.rename(part, folder)
            sync(folder.parent)
    finally:
        with suppress(OSError):
            remove(part)
    return load(folder)


def load(folder: str | os.PathLike[str]) -> TokenFiles:
    """Open what `prepare` made; UserError if it is damaged."""
    folder = Path(folder)
    facts = read_json(folder / ABOUT, 1 << 28)
    if facts.get("version") != VERSION:
        version = shown(facts.get("version"))
        raise UserError(f"{shown(folder)} is of version {version}, not {VERSION}", "start a new run")
    about = records.read(_About, facts, shown(folder / ABOUT))
    tokenizer = Tokenizer.load(folder)
    tokens = _mapped(folder / TRAIN, about.tokens, tokenizer.vocab_size)
    held_out = _mapped(folder / HELD_OUT, about.tokens_held_out, tokenizer.vocab_size)
    return TokenFiles(tokens, held_out, tokenizer, about.files, facts)


def learn(spec: TokenizerSpec, files: Sequence[TextFile], progress: Callable[[float], object]) -> tuple[int, Tokenizer]:
    """How many characters were looked at, and the tokenizer they gave."""
    pieces = (text for _, parts in texts(files, progress) for text in parts)
    if spec.kind == "char":
        return sum(each.characters for each in files), Tokenizer.train_char(_alphabet(pieces))
    sample, size = [], 0
    for piece in uncut(pieces):
        sample.append(piece)
        if (size := size + len(piece)) >= SAMPLE:
            break
    return size, trained(spec, *sample)


def trained(spec: TokenizerSpec, *texts: str) -> Tokenizer:
    """The vocabulary of these texts; UserError where they or it cannot be used."""
    if spec.kind == "char":
        return Tokenizer.train_char(*texts)
    if spec.kind == "bpe":
        return Tokenizer.train_bpe(*texts, vocab_size=spec.vocab)
    return Tokenizer.train_word("".join(texts), lowercase=spec.lowercase, min_count=spec.min_count)


def _alphabet(pieces: Iterator[str]) -> str:
    seen = np.zeros(0x110000, bool)
    for piece in pieces:
        seen[code_points(piece)] = True
    return "".join(map(chr, np.flatnonzero(seen)))


def _write(
    part: Path, files: Sequence[TextFile], tokenizer: Tokenizer, progress: Callable[[float], object]
) -> tuple[int, int]:
    """Write the tokens to learn from and those held out; how many there are of each."""
    size, count = token_type(tokenizer.vocab_size).itemsize, 0
    with open(part / TRAIN, "w+b") as everything, open(part / HELD_OUT, "wb") as tail:
        for file, pieces in texts(files, progress):
            for tokens in encoded(pieces, tokenizer, shown(Path(file.path))):
                everything.write(tokens.data)
                count += tokens.size
        border = int(count * FRACTION)
        everything.seek(border * size)
        shutil.copyfileobj(everything, tail, COPIED)
        everything.truncate(border * size)
    return border, count - border


def _about(
    files: Sequence[TextFile],
    skipped: Mapping[str, str],
    tokenizer: Tokenizer,
    learned_from: int,
    counts: tuple[int, int],
    unknown: Sequence[int | None],
) -> _About:
    """What `tokens.json` is to say."""
    name = files[0].name if len(files) == 1 else f"{files[0].name} and {len(files) - 1:,} more"
    characters = sum(each.characters for each in files)
    return _About(
        VERSION, name, digest(files), characters, tuple(files), skipped,
        tokenizer.kind, tokenizer.vocab_size, learned_from, *counts, *unknown,
    )  # fmt: skip


def _unknown(path: Path, tokenizer: Tokenizer) -> int | None:
    """How many of the tokens in a file are the one for unknown words; None where there is none."""
    if tokenizer.unknown is None:
        return None
    kind, found = token_type(tokenizer.vocab_size), 0
    with open(path, "rb") as file:
        while block := file.read(COPIED):
            found += int(np.count_nonzero(np.frombuffer(block, kind) == tokenizer.unknown))
    return found


def _mapped(path: Path, count: int, vocab_size: int) -> Array:
    """So many tokens of a file, mapped; UserError unless it holds just these, all of this vocabulary."""
    kind = token_type(vocab_size)
    file, size = open_regular(path, 1 << 60)
    with file:
        if size != count * kind.itemsize:
            raise UserError(f"{shown(path)} has {size:,} bytes, which is not what it was made with", "start a new run")
        for at in range(0, size, COPIED):
            part = read_exactly(file, min(COPIED, size - at), shown(path))
            if np.frombuffer(part, kind).max() >= vocab_size:
                raise UserError(f"{shown(path)} holds tokens outside its vocabulary", "start a new run")
        with refusing(f"{shown(path)} cannot be read", "check the disk"):
            return np.memmap(file, kind, "r", shape=(count,)) if count else np.zeros(0, kind)
