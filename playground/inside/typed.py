"""What is typed where a token is asked for."""

from __future__ import annotations

import re

from models.gpt import GPT
from models.lenses.inside.one_token import token_of

_APART = re.compile(r"\s+(?:against|-)\s+")


def two_of(model: GPT, words: str) -> tuple[int, int | None]:
    """A token, and the one that it is held against, if one is typed: "barks", "barks against bark", "barks - bark".

    UserError for what is no token of the model.
    """
    first, *others = _APART.split(words.strip() or words, maxsplit=1)
    return token_of(model, first), token_of(model, others[0]) if others else None
