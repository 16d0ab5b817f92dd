"""What should be said of a text before anything is learned from it, to whoever learns and wherever they are."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from models.errors import UserError
from models.formats.files import shown_value
from models.formats.tokenizer_json import AnyKind

MANY_UNKNOWN = 0.05  # of all tokens: worth a warning from here on
# scripts whose words stand without blanks, and runs of them that are longer than most words
_UNPARTED = {"[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff]": 6, "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]": 12}
_LETTER = re.compile(r"[^\W\d_]")


class Caution(NamedTuple):
    """One sentence, and which choice it is about."""

    about: Literal["text", "vocabulary"]
    says: str


def look_at(text: str, whole: bool, kind: AnyKind) -> list[Caution]:
    """Cautions about a text, or, if it is not `whole`, about its beginning; UserError if there is nothing to learn."""
    found = list[Caution]()
    if whole:
        found += _variety(text)
    if kind == "word" and not parts_words(text):
        says = "its words do not stand apart (as in Chinese, Japanese or Thai), so whole sentences would become words"
        found.append(Caution("vocabulary", f"{says} - take characters or BPE instead"))
    return found


def _variety(text: str) -> list[Caution]:
    """What there is to predict: nothing in a text of one character, or of blanks."""
    different = set(text)
    letters = sorted(c for c in different if not c.isspace())
    if not letters:
        raise UserError("the text is nothing but blanks, so there is nothing to learn", "give a text with words in it")
    if len(different) == 1:
        what = f"the text is nothing but {shown_value(letters[0])}, so there is nothing to learn"
        raise UserError(what, "give a text with words in it")
    if len(letters) == 1:
        says = f"the text is nothing but {shown_value(letters[0])} and blanks, so a loss near 0 means nothing"
        return [Caution("text", f"{says} - give a text with words in it")]
    return []


def parts_words(text: str) -> bool:
    """Whether a text's words stand apart; not so if most of a good part of it runs on without blanks."""
    unparted = in_runs = 0
    for script, long in _UNPARTED.items():
        unparted += len(re.findall(script, text))
        in_runs += sum(map(len, re.findall(f"{script}{{{long},}}", text)))
    return 4 * unparted <= len(_LETTER.findall(text)) or 2 * in_runs <= unparted


def unknown(share: float, own: bool = True) -> list[Caution]:
    """About the share of a text's tokens that are `<unk>`, to a vocabulary of its `own` or that of another model."""
    if share < MANY_UNKNOWN:
        return []
    says = f"{100 * share:.0f} % of the text is <unk>, which is easy to predict, so a low loss means little"
    do = "keep rarer words, or take characters or BPE instead" if own else "train a model of its own on this text"
    return [Caution("vocabulary", f"{says} - {do}")]


def held_out(tokens: int, context: int) -> list[Caution]:
    """About how many tokens are held out, and a model that sees so many at once."""
    if tokens > context:
        return []
    says = f"only {tokens:,} tokens are held out, which do not fill one context of {context:,}"
    return [Caution("text", f"{says}, so losses on them say little - give more text or a shorter context")]
