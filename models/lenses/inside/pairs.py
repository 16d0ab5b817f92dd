"""Pairs of texts that are worth holding against each other: alike but for a word or two, and answered otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from models.corpora.little_world.parts.facts import FIRST, SPORT
from models.corpora.little_world.parts.senses import SENSES
from models.corpora.little_world.words import ANIMALS, LANDS, ROLE_PAIRS
from models.errors import UserError
from models.tokenizers import Tokenizer

FEW_SHOT = "\nfrance : paris ; italy : rome ; spain : madrid ; {} :"
BANK = "\nanna was {} . it was a sunny day . the bank"
PAIRS = (  # for the bundled models, of one length each
    ("\nmichael jordan plays", "\nserena jordan plays"),
    (FEW_SHOT.format("japan"), FEW_SHOT.format("greece")),
    (BANK.format("in the city"), BANK.format("by the river")),
    ("\nthe dog near the trees", "\nthe dogs near the trees"),
    ("DUKE VINCENTI", "QUEEN MARGARE"),
)


def example(tokenizer: Tokenizer) -> tuple[str, str] | None:
    """The first of the pairs that this tokenizer knows, and reads as two texts of one length; None for no such pair."""
    return next((pair for pair in PAIRS if is_pair(tokenizer, *pair)), None)


def is_pair(tokenizer: Tokenizer, one: str, other: str) -> bool:
    """Whether it knows two texts, and reads them as two of one length."""
    try:
        lengths = {len(tokenizer.encode(text)) for text in (one, other)}
    except UserError:
        return False
    return len(lengths) == 1 and not any(map(tokenizer.unknown_words, (one, other)))


def another(text: str) -> str | None:
    """A text like this one with another answer, as far as the little world tells of one; None where it does not."""
    for one, other in PAIRS:
        if text in (one, other):
            return other if text == one else one
    for old, new in _swaps(text):
        changed = re.sub(rf"\b{re.escape(old)}\b(?!.*\b{re.escape(old)}\b)", new, text, flags=re.DOTALL)  # the last one
        if changed != text:
            return changed
    return None


def _swaps(text: str) -> Iterator[tuple[str, str]]:
    """Words and what could stand in their place, what decides most first."""
    words = re.findall(r"\w+", text)  # a mark may stand against its word
    for first, last in zip(words, words[1:], strict=False):
        if (first, last) in SPORT:
            yield first, next(each for each in FIRST if SPORT[each, last] != SPORT[first, last])
    for sense, where in SENSES["where"].items():
        if str(where) in text:
            word = SENSES["word"][sense]
            yield str(where), next(str(SENSES["where"][each]) for each in SENSES["senses"][word] if each != sense)
    singular, lands = {str(many): one for one, many in ANIMALS["plural"].items()}, list(LANDS["capital"])
    for word in reversed(words):
        if word in lands:
            yield word, lands[lands.index(word) - 1]
        for pair in ROLE_PAIRS:
            if word in pair:
                yield word, pair[1 - pair.index(word)]
        if word in singular or word in ANIMALS["plural"]:
            yield word, singular.get(word) or str(ANIMALS["plural"][word])
