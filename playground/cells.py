"""How a text stands in the cells of a terminal: which code points share one, how wide that is, where it can be cut.

A letter and its marks share a cell, and so do an emoji of several parts, a flag, and what joins an Indic or Persian
letter to the next. `clusters` alone says so, for foreign text as it is; whoever counts or cuts cells asks this file,
with text that has come through `text.py`. Widths are Rich's, since Textual lays out with them; its own clusters would
not do: they join whatever stands after a joiner, and take a flag in two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import rich.cells

HOLDER = "◌"  # what Unicode draws under a mark that has nothing to stand on
MOST_MARKS = 8  # on one letter: no language stacks as many, and those beyond stand on a holder of their own
JOINER = "\u200d"  # of emoji and Indic letters
DANGEROUS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # categories: what moves a cursor or turns a line around

_UNSEEN = DANGEROUS | {"Cn", "Co"}
# drawn as nothing although their category says letter, mark or symbol: the rest of Unicode's
# Default_Ignorable_Code_Point, and the empty Braille cell
_BLANKS = frozenset(
    chr(code)
    for codes in (
        (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0),
        range(0x180B, 0x1810),
        range(0xFE00, 0xFE10),
        range(0xE0100, 0xE01F0),
    )
    for code in codes
)
_KINDS_BY_NUMBER = {
    **dict.fromkeys(b"0123456789#*", "K"),  # on a keycap
    0x200C: "N",  # the non-joiner
    0x200D: "J",  # the joiner
    0x20E3: "Q",  # the keycap, a mark
    0xFE0E: "V",  # as text
    0xFE0F: "V",  # as emoji
    0x1F3F4: "F",  # the black flag, an emoji
    **dict.fromkeys(range(0x1F1E6, 0x1F200), "R"),  # a half of a flag
    **dict.fromkeys(range(0x1F3FB, 0x1F400), "S"),  # skin tones
    **{code: chr(code - 0xE0000) for code in range(0xE0061, 0xE007B)},  # unseen letters a to z
    0xE007F: "E",  # their end
}
_JOINING = frozenset("JNVSEabcdefghijklmnopqrstuvwxyz")  # kinds that are seen only in what stands before them
_HIDDEN = _JOINING | {"X"}
_MOST_JOINING = 6  # in a row: the letters of a flag, and their end
_MARKS = frozenset("MLQ")

# over the kinds of the characters, a letter each
_CLUSTER = re.compile(
    rf"""
    RR | Fgb(?:eng|sct|wls)E                                          # a flag: all that have unseen letters
    | [PF]V?S?(?:J[PF]V?S?){{0,3}}[MLQ]{{0,{MOST_MARKS}}}             # an emoji; Unicode's own have up to four parts
    | KVQ
    | A[MLQ]{{0,{MOST_MARKS}}}(?:N(?=A))?                             # an Arabic letter that does not join the next
    | [AKORPF](?:[MLQ]|(?<=L)[JN]){{0,{MOST_MARKS}}}                  # any other; a virama may say how it joins
    | [MLQ](?:[MLQ]|(?<=L)[JN]){{0,{MOST_MARKS - 1}}}                 # marks without a letter
    | .                                                               # nothing that can be seen
    """,
    re.VERBOSE,
)

_PART = re.compile(r"[^-]*?[^\W\d_]{2}-(?=[^\W\d_])|.+")  # of a word, with the hyphen at its end

Cell = tuple[str, int]  # what stands there, and how wide it is: 1 or 2


def clusters(text: str) -> list[str]:
    """The text in pieces of which each has a cell of its own, or nothing to be seen by itself; joined it is the same.

    A piece of marks that have no letter before them can only stand on a HOLDER.
    """
    if text.isascii():
        return [*text]
    return [text[found.start() : found.end()] for found in _CLUSTER.finditer(text.translate(_KINDS))]


def settled(text: str) -> tuple[list[str], str]:
    """The clusters that no text after them can change any more, and the rest."""
    parts = clusters(text)
    count = len(parts)
    while count and len(parts) - count < _MOST_JOINING and _KINDS[ord(parts[count - 1][0])] in _JOINING:
        count -= 1
    if count and _KINDS[ord(parts[count - 1][0])] != "X":
        count -= 1
    return parts[:count], "".join(parts[count:])


def hidden(char: str) -> bool:
    """Whether nobody would see it by itself: a control, a direction, a joiner, a blank, what has no glyph."""
    return _KINDS[ord(char)] in _HIDDEN


def leans(char: str) -> bool:
    """Whether it is drawn onto the character before it: a mark, or a Hangul vowel or final consonant."""
    return _KINDS[ord(char)] in _MARKS


def cells(shown: str) -> tuple[Cell, ...]:
    """The cells of a text that has come through `text.py`: joined it is the same, and none is without width."""
    return _cells(shown) if len(shown) < 512 else tuple(map(_cell, clusters(shown)))


def cell_len(shown: str) -> int:
    """How many cells the text takes."""
    return len(shown) if shown.isascii() else sum(wide for _, wide in cells(shown))


def crop(shown: str, room: int) -> str:
    """The text in exactly so many cells: padded with blanks, or cut, where half of a wide character is a blank."""
    if shown.isascii():
        return shown[: max(room, 0)].ljust(room)
    kept = []
    for cluster, wide in cells(shown):
        if wide > room:
            break
        kept.append(cluster)
        room -= wide
    return "".join(kept) + " " * room


def chop(shown: str, room: int, first: int | None = None) -> list[str]:
    """The text in lines of at most so many cells, broken anywhere between cells; what is wider has its own line.

    The `first` line may have another room.
    """
    lines: list[str] = []
    left = room if first is None else first
    for cluster, wide in cells(shown):
        if wide > left or not lines:
            left = room if lines else left
            lines.append("")
        lines[-1] += cluster
        left -= wide
    return lines


def tail(shown: str, room: int) -> str:
    """The end of the text, in at most so many cells."""
    kept = []
    for cluster, wide in reversed(cells(shown)):
        room -= wide
        if room < 0:
            break
        kept.append(cluster)
    return "".join(reversed(kept))


def wrap(shown: str, room: int, indent: str = "", after: str = "", *, hyphens: bool = True) -> list[str]:
    """The words in lines of at most so many cells; the first line begins with `indent`, the others with `after`.

    A word is broken after its `hyphens`, or, where it is wider than a line, anywhere.
    """
    most = max(room - cell_len(after), 1)
    lines: list[str] = []
    line, used, gap = indent, cell_len(indent), ""
    for word, blank in _words(shown):
        for part in (part for each in (_PART.findall(word) if hyphens else [word]) for part in chop(each, most)):
            if used + len(gap) + cell_len(part) > room and line.strip():
                lines.append(line)
                line, used, gap = after, cell_len(after), ""
            line, used, gap = line + gap + part, used + len(gap) + cell_len(part), ""
        gap = blank
    return [*lines, line] if line.strip() else lines


def _words(shown: str) -> Iterator[tuple[str, str]]:
    """Each with the blanks after it."""
    word = blank = ""
    for cluster in clusters(shown):
        if cluster in " \n":
            blank += " "
            continue
        if blank:
            yield word, blank
            word = blank = ""
        word += cluster
    yield word, blank


@lru_cache(maxsize=8192)
def _cells(shown: str) -> tuple[Cell, ...]:
    return tuple(map(_cell, clusters(shown)))


@lru_cache(maxsize=8192)
def _cell(cluster: str) -> Cell:
    wide = rich.cells.cell_len(cluster)
    return (cluster, wide) if wide else (HOLDER + cluster, 1)


class _Kinds(dict[int, str]):
    """The kind of every code point, found when it is first met."""

    def __missing__(self, code: int) -> str:
        return self.setdefault(code, _kind(code))


def _kind(code: int) -> str:
    if code in _KINDS_BY_NUMBER:
        return _KINDS_BY_NUMBER[code]
    char, category = chr(code), unicodedata.category(chr(code))
    jamo = 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FB
    if category in _UNSEEN or char in _BLANKS:
        return "X"
    if jamo or category[0] == "M":
        return "L" if unicodedata.combining(char) == 9 else "M"  # 9: a virama, which takes a letter's vowel
    if rich.cells.get_character_cell_size(char) == 0:
        return "X"
    if category[0] == "S" and rich.cells.cell_len(char + "\ufe0f") == 2:
        return "P"  # an emoji
    return "A" if category == "Lo" and unicodedata.bidirectional(char) == "AL" else "O"


_KINDS = _Kinds()
