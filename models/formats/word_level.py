"""Words in Hugging Face's tokenizer.json, cut so that a text of known words comes back to the letter.

A single blank is no token where one is expected: between two tokens, but not before a comma or after a bracket. All
other blanks, tabs and line ends are tokens, one a character. Where a blank is expected and there is none, JOIN stands,
which the normalizer puts in and the decoder takes out. All of it is decided by the two characters before a place and
the two after it, so it is done by the library's own parts, in linear time.
"""

from __future__ import annotations

from typing import Any

Spec = dict[str, Any]

UNKNOWN = "<unk>"
JOIN, KEPT = "\ufdd0", "\ufdd1"  # no characters: Unicode leaves them to programs; KEPT is a blank while it is decoded
BLANKS = ("\t", "\n", "\r", " ", JOIN)  # in every vocabulary

# a word with its apostrophes and hyphens, a number with its points, dashes, dots, any other mark, a blank
WORDS = UNKNOWN + r"|'?\w+(?:(?:['’-]|(?<=\d)[.,:](?=\d))\w+)*|--+|\.\.+|[^\w\s]|[^\S ]"
BEFORE, AFTER = r".,;:!?…%)\]}”’", r"(\[{“‘$£€#@"  # marks without a blank before them, and after them
UNEXPECTED = rf"(?<![^\s{AFTER}]) | (?=[\s{BEFORE}]|'(?!\w)|\z)"
JOINT = (
    rf"(?<=[^\s{AFTER}{JOIN}])(?=[^\s{BEFORE}{JOIN}])(?!'(?!\w))"  # no blank where one is expected ...
    r"(?!(?<=[\w'])\w)(?!(?<=\w)['-]\w)(?!(?<=\w['’-])\w)(?!(?<=\d[.,:])\d)"  # ... and not inside a word, a number,
    r"(?!(?<=-)-)(?!(?<=<)unk>)(?!(?<=<unk)>)"  # dashes, or the token for unknown words
)
KEPT_BLANK = rf"(?:[{JOIN}{KEPT}]|[^\S \n])"

# as words were cut before: blanks are put by rule alone
RULED_WORDS = UNKNOWN + r"|\d+(?:[.,:]\d+)+|'?\w+(?:['’-]\w+)*|--+|\.\.\.|\n|[^\w\s]"
NO_BLANK_BEFORE = rf" +(?=[{BEFORE}\n]|'(?!\w))"
NO_BLANK_AFTER = rf"(?<=[{AFTER}\n]) +"


def split(pattern: Spec, behavior: str, invert: bool) -> Spec:
    """A Split pre-tokenizer as the library writes it."""
    return {"type": "Split", "pattern": pattern, "behavior": behavior, "invert": invert}


def replace(pattern: str, content: str = "") -> Spec:
    """A Replace normalizer or decoder that puts `content` in place of the matches."""
    return {"type": "Replace", "pattern": {"Regex": pattern}, "content": content}


def sequence(of: str, *parts: Spec) -> Spec:
    """Parts that act one after another: "normalizers" or "decoders"."""
    return {"type": "Sequence", of: list(parts)}


LOWERCASE: Spec = {"type": "Lowercase"}
_FREE, _JOIN = replace(f"[{JOIN}{KEPT}]", "\ufffd"), replace(JOINT, JOIN)
_BLANK_BETWEEN: Spec = {"type": "WordPiece", "prefix": "##", "cleanup": False}  # before every token but the first
_BY_RULE = (replace(NO_BLANK_BEFORE), replace(NO_BLANK_AFTER))

NORMALIZER = sequence("normalizers", _FREE, _JOIN)
LOWERCASE_NORMALIZER = sequence("normalizers", LOWERCASE, _FREE, _JOIN)
SPLIT = split({"Regex": f"{WORDS}|{UNEXPECTED}"}, "Removed", True)
DECODER = sequence(
    "decoders",
    replace(" ", KEPT),  # in a token, so not one that is put between two
    _BLANK_BETWEEN,
    {"type": "Fuse"},
    replace(f" (?={KEPT_BLANK})|(?<={KEPT_BLANK}) "),
    *_BY_RULE,
    replace(JOIN),
    replace(KEPT, " "),
)
RULED_SPLIT = split({"Regex": RULED_WORDS}, "Removed", True)
RULED_DECODER = sequence("decoders", _BLANK_BETWEEN, {"type": "Fuse"}, *_BY_RULE)
