"""One token of a model, as a person types it."""

from __future__ import annotations

from models.errors import UserError
from models.gpt import GPT
from models.tokenizers import PART

OTHER = "type another word"  # what to do where there is no such token
_SHOWN = {"⏎": "\n", "⇥": "\t", "·": " "}  # as tokens are shown


def token_of(model: GPT, word: str) -> int:
    """The one token of a word, typed or as it is shown; UserError where the model has none of it.

    Where words may begin with a blank (pieces of words), that token comes first.
    """
    tokenizer = model.tokenizer
    if tokenizer is None:
        raise UserError(f"{model.name} has no tokenizer", "words cannot be looked up in it")
    raw = _SHOWN.get(word, word)
    of_pieces = tokenizer.kind in ("bpe", "subword")
    ways = (" " + raw, raw) if of_pieces else (raw,)
    if of_pieces and len(word) > 1 and word.startswith("·"):
        ways = (" " + word[1:],)
    read_as: list[int] = []
    for way in ways:
        read_as = tokenizer.continued(way)
        if len(read_as) == 1 and (read_as[0] != tokenizer.unknown or way == tokenizer.token(read_as[0])):
            return read_as[0]
    if PART in word and word in tokenizer.texts:
        return tokenizer.texts.index(word)
    if len(read_as) > 1:
        parts = " ".join(f"'{tokenizer.token(token)}'" for token in read_as[:6])
        raise UserError(f"'{word}' is {len(read_as)} tokens of {model.name}: {parts}", "name one token at a time")
    raise UserError(f"{model.name} does not know '{word}'", OTHER)
