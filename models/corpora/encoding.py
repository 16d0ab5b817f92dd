"""Text to tokens in bulk: the numbers `Tokenizer.continued` gives, as arrays, whatever the text's length."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from models.corpora.text import PIECE, read_pieces
from models.errors import UserError
from models.formats.files import shown
from models.ops import Array
from models.tokenizers import Tokenizer
from models.unknown import UnknownCharacter

# no token spans the place before the one blank between two words: there the patterns of all tokenizers part; before a
# line end they do only behind a letter or digit, and those learned here part before the last of several blanks as well
_BEFORE_WORD = re.compile(r"(?s:.*)(?:(?<=\S)[ \t]|(?<=[^\W_])[\n\r])(?=\S)")
_LAST_BLANK = re.compile(r"(?s:.*)[ \t\n\r](?=\S)")


def token_type(vocab_size: int) -> np.dtype[Any]:
    """The smallest type of tokens on disk that holds so many and one more, which stands for an unknown one."""
    return np.dtype("<u2" if vocab_size < 1 << 16 else "<u4")


def code_points(text: str) -> Array:
    """The text's characters as numbers: (T,) uint8 where they are all ASCII, else uint32."""
    if text.isascii():
        return np.frombuffer(text.encode(), np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def encoder(tokenizer: Tokenizer) -> Callable[[str], Array]:
    """Turns a text into its tokens, (T,) of `token_type`; UnknownCharacter for what the tokenizer does not know."""
    kind = token_type(tokenizer.vocab_size)
    if tokenizer.kind != "char":
        return lambda text: np.array(tokenizer.continued(text), kind)
    table = character_table(tokenizer)
    unknown = tokenizer.vocab_size

    def encode(text: str) -> Array:
        tokens: Array = table.take(code_points(text), mode="clip")
        if tokens.size and tokens.max() == unknown:
            tokenizer.encode(text)  # which says where
        return tokens

    return encode


def character_table(tokenizer: Tokenizer) -> Array:
    """A character tokenizer's number for every code point up to its last and one more: vocab_size where it has none."""
    known = {ord(token): number for token, number in tokenizer.ids.items() if len(token) == 1}
    table = np.full(max(known) + 2, tokenizer.vocab_size, token_type(tokenizer.vocab_size))
    table[list(known)] = list(known.values())
    return table


def encoded(texts: Iterable[str], tokenizer: Tokenizer, what: str, piece: int = PIECE) -> Iterator[Array]:
    """The tokens of the text these pieces make up: (T,) each; UserError naming `what`, the text, and a place in it.

    Words and BPE tokens are never cut, unless four times `piece` characters go by without a blank.
    """
    encode, done, before = encoder(tokenizer), 0, ""
    try:
        for text in texts if tokenizer.kind == "char" else uncut(texts, piece):
            # whether the blank it begins with is a token, or begins one, depends on what stands before it
            beside = before if tokenizer.kind != "char" and text[0].isspace() else ""
            yield encode(beside + text)[len(encode(beside)) :]
            done, before = done + len(text), text[-1]
    except UnknownCharacter as error:
        fault = f"the model has never seen {error.character}, character {done + error.before + 1:,} of {what}"
        raise UserError(fault, "take it out, or train a model of its own on this text") from None


def decoded(tokens: Array, tokenizer: Tokenizer, piece: int = PIECE) -> Iterator[str]:
    """The text that tokens (T,) stand for, `piece` of them at a time."""
    characters = np.array([ord(token) if len(token) == 1 else 0xFFFD for token in tokenizer.vocab], "<u4")
    for start in range(0, len(tokens), piece):
        part = tokens[start : start + piece]
        if tokenizer.kind == "char":
            yield characters[part].tobytes().decode("utf-32-le")
        else:
            yield tokenizer.decode(part.tolist())


def uncut(texts: Iterable[str], piece: int = PIECE) -> Iterator[str]:
    """The same text in pieces that end where no word or BPE token can go on."""
    rest = ""
    for text in texts:
        rest += text
        border = len(rest) if len(rest) > 4 * piece else _border(rest, piece)
        if border:
            yield rest[:border]
            rest = rest[border:]
    if rest:
        yield rest


def _border(text: str, piece: int) -> int:
    """The last place where the text can be cut between tokens, or 0."""
    found = _BEFORE_WORD.match(text) or (_LAST_BLANK.match(text) if len(text) > 2 * piece else None)
    return found.end() - 1 if found else 0


def token_chunks(
    path: str | os.PathLike[str], tokenizer: Tokenizer, start: int = 0, stop: int | None = None, piece: int = PIECE
) -> Iterator[Array]:
    """The tokens of bytes start .. stop of a UTF-8 file of any size, read `piece` bytes at a time: (T,) each.

    Raises UserError for what is no text file, and for a character the tokenizer does not know.
    """
    what = shown(Path(path)) + (f" after byte {start:,}" if start else "")
    return encoded(read_pieces(path, start, stop, piece), tokenizer, what, piece)
