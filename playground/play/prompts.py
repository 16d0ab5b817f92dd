"""Between a typed text and the tokens of a Session."""

from __future__ import annotations

from models.errors import UserError
from models.formats.tokenizer_json import UNKNOWN
from models.gpt import GPT
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
        return write(session, _readable(model, text), text, str(error))


def _readable(model: GPT, text: str) -> tuple[int, ...]:
    """The tokens of the longest beginning that the model can read."""
    assert model.tokenizer is not None
    good: tuple[int, ...] = ()
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        try:
            good = tuple(model.tokenizer.encode(text[:middle]))
        except UserError:
            high = middle - 1
        else:
            low = middle
    return good


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
