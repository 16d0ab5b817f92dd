"""Between a typed text and the tokens of a Session."""

from __future__ import annotations

from bisect import bisect_left

from models.errors import UserError
from models.formats.word_level import UNKNOWN
from models.gpt import GPT
from models.tokenizers import Tokenizer
from playground.play.session import Session, write


def draft_of(session: Session, model: GPT | None) -> str:
    """The session's text as it can be edited: as typed, or what its tokens say."""
    if session.text is not None:
        return session.text
    if model is None or model.tokenizer is None:
        return ""
    return model.tokenizer.decode(session.tokens)


def written(session: Session, model: GPT, text: str) -> Session:
    """The session with this text. A text the model cannot read is kept whole; its tokens are those before the fault."""
    assert model.tokenizer is not None
    try:
        return write(session, tuple(model.tokenizer.encode(text)), text)
    except UserError as error:
        known = text[: readable(model.tokenizer, text)]
        return write(session, tuple(model.tokenizer.encode(known)), text, str(error))


def readable(tokenizer: Tokenizer, text: str) -> int:
    """How many of the text's characters, from the first on, the model can read."""

    def fails(length: int) -> bool:
        try:
            tokenizer.encode(text[:length])
        except UserError:
            return True
        return False

    return bisect_left(range(1, len(text) + 1), True, key=fails) if fails(len(text)) else len(text)


def opening(model: GPT) -> str:
    """The text a model starts with when none was given: one whose every token it knows."""
    assert model.tokenizer is not None
    for text in ("ROMEO:\nWhat light", "michael jordan plays", "the ", "a"):
        try:
            tokens = model.tokenizer.encode(text)
        except UserError:
            continue
        if UNKNOWN not in map(model.tokenizer.token, tokens):
            return text
    return model.tokenizer.decode([0])
