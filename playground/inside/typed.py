"""Tokens as a person types them."""

from __future__ import annotations

import re

from models.errors import UserError
from models.tokenizers import Tokenizer
from playground import text

_APART = (re.compile(r"\s+against\s+"), re.compile(r"\s+-\s+"))


def token_of(tokenizer: Tokenizer, words: str) -> int:
    """The one token that is typed: as it stands in a text, or as it is shown ("·the", "⏎").

    UserError for what is none, or more than one.
    """
    for typed in dict.fromkeys((words, words.strip())):
        found = _read(tokenizer, typed)
        if len(found) == 1 and (found[0] != tokenizer.unknown or typed == tokenizer.token(found[0])):
            return found[0]
    shown = words.strip()
    named = (id for id in range(tokenizer.vocab_size) if text.token(tokenizer.token(id)) == shown)
    token = next(named, None) if shown else None
    if token is None:
        many = len(_read(tokenizer, words))
        what = f"{words!r} is {many} tokens to this model" if many > 1 else f"{words!r} is no token of this model"
        raise UserError(what, "type one as the panes show them")
    return token


def two_of(tokenizer: Tokenizer, words: str) -> tuple[int, int | None]:
    """A token, and the one that it is held against, if one is typed: "barks", "barks against bark", "barks - bark".

    UserError as `token_of`.
    """
    for apart in _APART:
        sides = apart.split(words.strip())
        if len(sides) == 2:
            return token_of(tokenizer, sides[0]), token_of(tokenizer, sides[1])
    return token_of(tokenizer, words), None


def _read(tokenizer: Tokenizer, words: str) -> list[int]:
    """The tokens of a text; none of one that the model has never seen some of."""
    try:
        return tokenizer.encode(words)
    except UserError:
        return []
