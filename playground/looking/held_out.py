"""On which texts Compare scores the models: such as none of them has learned from, where there are any."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from models.corpora import digits, token_files
from models.corpora.little_world import world
from models.corpora.spec import DIGITS, kind_of
from models.corpora.text import divide, read_pieces
from models.errors import UserError
from models.formats.files import shown
from models.gpt import GPT
from models.ops import Array
from models.run_layout import RunFolder
from playground.looking.vocabularies import knows_the_world, same

TEXTS = 200  # that are scored on
ROW = 97  # words of a text of the little world
ROWS = 512  # of them: each has one place with a whole context before it
CONTEXTS = 2  # in a text cut from a file, so that half of it is read with at least half a context
MOST = 1 << 18  # characters of a file
ABOVE = "the text above"  # for want of another
SEED = 20_000  # of the world's texts: another one than any training begins with


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Texts to score on: that no model here has learned from, unless `says` says otherwise."""

    says: str  # what they are, safe to show
    texts: tuple[Array, ...]
    longest: int | None = None  # the most context that its use is measured with; None for a GPT's whole context


def held_out(gpt: GPT, folder: Path | None, file: Path | None = None, rows: int | None = None) -> HeldOut | None:
    """The last tenth of a text file if one is given; else texts of the world, digits, or what the model's run held out.

    None where there is nothing; `rows` are how many texts of the world, ROWS if none are given. UserError if the file
    cannot be read or has what the model does not know.
    """
    assert gpt.tokenizer is not None
    if file is not None:
        return _of_file(file, gpt)
    if knows_the_world(gpt.tokenizer):
        texts = world("training").rows(rows or ROWS, ROW, gpt.tokenizer.ids, Random(SEED))
        return HeldOut("fresh texts of the little world", tuple(texts))
    if kind_of(gpt.training) == DIGITS:
        digit = (np.asarray(gpt.tokenizer.encode(line), np.intp) for line in digits.held_out())
        return HeldOut("digits that no model learned from", tuple(digit))
    return _of_run(folder, gpt) if folder is not None else None


def own_text(tokens: Sequence[int]) -> HeldOut | None:
    """The compared text itself, for want of another; None if nothing in it is predicted."""
    if len(tokens) < 2:
        return None
    text = np.asarray(tokens, np.intp)
    return HeldOut(f"{ABOVE}, known to them or not", (text,), len(text) // 2)


def _of_run(folder: Path, gpt: GPT) -> HeldOut | None:
    """A run's model and its snapshots lie in the run's folder."""
    for above in folder.absolute().parents[:2]:
        tokens = RunFolder(above).tokens
        if not os.path.exists(tokens / token_files.ABOUT):
            continue
        with suppress(UserError):
            found = token_files.load(tokens)
            if same(found.tokenizer, gpt.tokenizer):
                return HeldOut("the text that its run held out", _cut(found.held_out, gpt.config.block_size))
    return None


def _of_file(file: Path, gpt: GPT) -> HeldOut:
    assert gpt.tokenizer is not None
    words = next(read_pieces(file, divide(file, token_files.FRACTION)), "")[:MOST]
    tokens = np.asarray(gpt.tokenizer.encode(words), np.intp)
    if len(tokens) < 2:
        raise UserError(f"{shown(file)} is too short to score on", "give a text of some pages")
    return HeldOut(f"the last tenth of {shown(file.name)}", _cut(tokens, gpt.config.block_size))


def _cut(tokens: Array, context: int) -> tuple[Array, ...]:
    """Pieces from all over a text, at most TEXTS, none over another."""
    length = CONTEXTS * context + 1
    count = max(len(tokens) // length, 1)
    chosen = np.unique(np.linspace(0, count - 1, min(count, TEXTS)).astype(int))
    return tuple(np.asarray(tokens[at * length : (at + 1) * length], np.intp) for at in chosen)
