"""Tokens as labels, safe to show: of a character that several make together, it stands whole at the last of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from playground import text

if TYPE_CHECKING:
    from models.tokenizers import Tokenizer


def labelled(tokenizer: Tokenizer, tokens: Sequence[int], before: Sequence[int] = ()) -> tuple[str, ...]:
    """Of each token of a text, in its order, after those before it."""
    return tuple(map(text.token, tokenizer.tokens(tokens, before)))


def label(tokenizer: Tokenizer, token: int, before: Sequence[int] = ()) -> str:
    """Of one that comes, or could come, after those: the character that it completes, if they begin one."""
    return text.token(tokenizer.tokens([token], before)[0])


def label_at(tokenizer: Tokenizer, tokens: Sequence[int], place: int) -> str:
    """What `labelled` gives of the one at a place."""
    return text.token(tokenizer.token_at(tokens, place))
