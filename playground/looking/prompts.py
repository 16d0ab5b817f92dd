"""Between a typed text and the tokens of a Session."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from models.gpt import GPT
from models.lenses.inside.beginnings import first_token
from models.tokenizers import Tokenizer
from models.unknown import UnknownCharacter, nearest
from playground.cells import wrap
from playground.kit.keys import EDIT, Key
from playground.looking.session import Session, write
from playground.text import visible

FIRST = 6  # tokens of a text that is made of the vocabulary
MENDS = "^r writes the nearest the model knows, or leaves it out"
MEND = Key("mend", "ctrl+r", "mend", "Write what the model has never seen as the nearest it knows.", EDIT, True, "^r")


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
    except UnknownCharacter as error:
        known = model.tokenizer.encode(text[: error.before])
        return write(session, tuple(known), text, error.fault)


@lru_cache(maxsize=2)  # and so many tokenizers, perhaps of models that are closed: a few MB
def unread_words(tokenizer: Tokenizer, text: str) -> str:
    """Which words of a text the model knows as `<unk>` only, in one sentence; "" where it knows them all."""
    return "" if tokenizer.unseen(text) else tokenizer.unread(text)


def warned(wrong: str, width: int, room: int) -> list[str]:
    """What is wrong with a text and which key mends it, safe to show, in at most so many lines; the key's is kept."""
    hint, lines = wrap(MENDS, max(width, 1)), wrap(visible(wrong), max(width, 1))
    return [*lines[: max(1, room - len(hint))], *hint][: max(room, 0)]


def mended(tokenizer: Tokenizer, text: str) -> str:
    """The text as the model can read it: for all that it does not know the nearest that it knows, or nothing."""
    characters = [(at, at + 1) for at in tokenizer.unseen(text)]
    text = _replaced(text, characters, lambda way: not tokenizer.unseen(way))
    return _replaced(text, tokenizer.unknown_words(text), lambda way: is_read(tokenizer, way))


def mended_at(tokenizer: Tokenizer, text: str, caret: int | None) -> tuple[str, int | None]:
    """The same of a text that is typed, and its caret behind what it stood behind."""
    return mended(tokenizer, text), None if caret is None else len(mended(tokenizer, text[:caret]))


def all_known(what: str = "text") -> str:
    """Why nothing was mended."""
    return f"the model knows all of the {what}"


def is_read(tokenizer: Tokenizer, text: str) -> bool:
    """Whether the model knows every character and every word."""
    return not tokenizer.unseen(text) and not tokenizer.unknown_words(text)


def begun_as_learned(session: Session, model: GPT) -> Session:
    """The text behind the token that every text began with in training; as it is where it does, or none is known."""
    first = first_token(model)
    if first is None or session.tokens[:1] == (first,):
        return session
    assert model.tokenizer is not None
    return replace(written(session, model, model.tokenizer.decode([first]) + draft_of(session, model)), aside=None)


def makes_sense(model: GPT, text: str) -> bool:
    """Whether the model can read the text: every character, and more than half of its words."""
    tokenizer = model.tokenizer
    assert tokenizer is not None
    if tokenizer.unseen(text):
        return False
    unread = len(tokenizer.unknown_words(text))
    return unread == 0 or 2 * unread < len(tokenizer.encode(text))


def _replaced(text: str, spans: Iterable[tuple[int, int]], knows: Callable[[str], bool]) -> str:
    """Another spelling in each of these places; where one is left out, no blank stays beside a blank."""
    parts, done, last = list[str](), 0, " "
    for start, end in spans:
        way = nearest(text[start:end], knows)
        parts += [text[done:start], way]
        last, done = (text[done:start] + way or last)[-1], end
        if not way and last.isspace() and text[end : end + 1] == " ":
            done += 1
    return "".join([*parts, text[done:]])


def opening(model: GPT) -> str:
    """The text a model starts with when none was given."""
    assert model.tokenizer is not None
    return example(model.tokenizer)


def example(tokenizer: Tokenizer) -> str:
    """A text whose every token is known: where none of ours is, the first tokens that are something."""
    texts = ("ROMEO:\nWhat light", "michael jordan plays", "the ", "a", "3")
    own = (id for id, token in enumerate(tokenizer.vocab) if id != tokenizer.unknown and token not in tokenizer.added)
    return next((text for text in texts if is_read(tokenizer, text)), "") or tokenizer.decode([*islice(own, FIRST)])
