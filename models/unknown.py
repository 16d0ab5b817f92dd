"""What of a text has no token: every such character at once, by name and count; and the nearest that has one."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence

from models.errors import UserError, cut

NAMED = 6  # kinds named in one sentence; the rest are counted
LONGEST = 40  # characters of a word that is named
# what a keyboard has for what a word processor, a web page or another alphabet writes; Unicode takes accents off itself
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′‹›`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\x0b\x0c\x85\u2028\u2029", "\n"),
        **{"\t": " ", "⁄": "/", "×": "x", "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "Ø": "O", "ø": "o", "ß": "ss"},
        **{"Đ": "D", "đ": "d", "Ł": "L", "ł": "l", "Þ": "Th", "þ": "th", "Ð": "D", "ð": "d", "ı": "i"},
    }
)


class UnknownCharacter(UserError):
    """All characters of a text that no token stands for; `character` names the first, `before` it come so many."""

    def __init__(self, text: str, places: Sequence[int]) -> None:
        """They stand at these places of a text that has no name."""
        kinds = Counter(text[at] for at in places)
        self.character, self.before = named(text[places[0]]), places[0]
        if len(places) == 1:
            what, do = f"{self.character}, character {self.before + 1:,} of the text", "take it out"
        else:
            every = listed([f"{_sign(c)} ({_number(c)}{often(times, ', ')})" for c, times in kinds.items()])
            what, do = f"{every}; the first is character {self.before + 1:,} of the text", "take them out"
        super().__init__(f"the model has never seen {what}", do)


def named(c: str) -> str:
    """A character by its sign, number and name; one that cannot be seen alone by its escape."""
    return f"{_sign(c)} ({_number(c)} {unicodedata.name(c, '')}".rstrip() + ")"


def _sign(c: str) -> str:
    plain = c.isprintable() and not unicodedata.combining(c)
    return f"'{c if plain else ascii(c)[1:-1]}'"


def _number(c: str) -> str:
    return f"U+{ord(c):04X}"


def unread(text: str, spans: Sequence[tuple[int, int]], reader: str, instead: str) -> str:
    """That words, at these spans of a text, are read as the token `instead`, in one sentence; "" where none is."""
    if not spans:
        return ""
    words = Counter(text[start:end] for start, end in spans)
    every = [f"'{cut(word, LONGEST)}'" + (f" ({often(times)})" if times > 1 else "") for word, times in words.items()]
    return f"{reader} does not know {listed(every)} and reads {instead} instead"


def often(times: int, before: str = "") -> str:
    """How many times, where it is more than once; `before` stands before it."""
    return f"{before}{times:,} times" if times > 1 else ""


def listed(names: Sequence[str]) -> str:
    """Names as in a sentence; of a long list the first, and how many kinds more."""
    more = [f"{len(names) - NAMED:,} more kinds"] if len(names) > NAMED + 1 else names[NAMED:]
    *most, last = [*names[:NAMED], *more]
    return f"{', '.join(most)} and {last}" if most else last


def nearest(piece: str, knows: Callable[[str], bool]) -> str:
    """What is known and nearest to a character or word: without accents, in plain marks, in the other case; or ""."""
    whole = unicodedata.normalize("NFKD", piece.translate(_PLAIN)).translate(_PLAIN)
    plain = "".join(c for c in whole if not unicodedata.combining(c))
    ways = (plain, plain.lower(), plain.capitalize(), plain.upper(), plain.replace('"', "'"))
    return next((way for way in ways if way and knows(way)), "")
