"""What a tokenizer.json may say of how text is prepared, cut and put together again: each member by its settings.

A regular expression from a file can run for ever, and a replacement can make a text grow without end. So the
expressions are those written here, as the families' own tokenizers have them, and replacements are short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from models.formats import charsmaps
from models.formats.files import shown, shown_value
from models.formats.word_level import Spec

SHORT = 8  # characters of what is put in, or marks the place of a word
MOST = 16  # members of a part
MAX_GROWTH = 64  # times that all replacements together may lengthen a text

_ENDINGS = r"'s|'t|'re|'ve|'m|'ll|'d"
_LINES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
_AFTER_LETTERS = rf"(?i:{_ENDINGS})?"
QWEN, LLAMA_3 = (
    rf"(?i:{_ENDINGS})|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{_LINES}"
    for digits in (r"\p{N}", r"\p{N}{1,3}")
)
_LARGE, _SMALL = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
EXPRESSIONS = {
    rf"{_ENDINGS}| ?\p{{L}}+| ?\p{{N}}+| ?[^\s\p{{L}}\p{{N}}]+|\s+(?!\S)|\s+",  # GPT-2
    QWEN,  # 2 and 3
    LLAMA_3,
    rf"(?i:{_ENDINGS})|[^\r\n\p{{L}}\p{{N}}]?[\p{{L}}\p{{M}}]+|\p{{N}}| ?[^\s\p{{L}}\p{{M}}\p{{N}}]+[\r\n]*|{_LINES}",
    rf"[^\r\n\p{{L}}\p{{N}}]?{_LARGE}*{_SMALL}+{_AFTER_LETTERS}|[^\r\n\p{{L}}\p{{N}}]?{_LARGE}+{_SMALL}*{_AFTER_LETTERS}"
    rf"|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{_LINES}",  # GPT-4o
    *(
        r"\s",
        r"\s+",
        r" {2,}",
        r"\d",
        r"\d+",
        r"\p{N}",
        r"\p{N}+",
        r"\p{N}{1,3}",
        r"[0-9]",
        r"[0-9]+",
        r"[0-9][0-9][0-9]",
    ),
}
BEHAVIORS = ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")
LISTS = {
    "normalizer": "normalizers",
    "pre_tokenizer": "pretokenizers",
    "decoder": "decoders",
    "post_processor": "processors",
}

Allowed = Callable[[Any], bool]


def flag(value: Any) -> bool:
    """True or false."""
    return type(value) is bool


def _flag_or_none(value: Any) -> bool:
    return value is None or flag(value)


def _one(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 1


def _short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= SHORT


def short_or_none(value: Any) -> bool:
    """A text of a few characters, or none."""
    return value is None or _short(value)


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= SHORT


def _pattern(value: Any) -> bool:
    if not isinstance(value, dict) or len(value) != 1:
        return False
    text, expression = value.get("String"), value.get("Regex")
    return isinstance(text, str) and text != "" or isinstance(expression, str) and expression in EXPRESSIONS


def _one_of(*values: str) -> Allowed:
    return lambda value: isinstance(value, str) and value in values


_BYTE_LEVEL = {"add_prefix_space": flag, "trim_offsets": flag, "use_regex": flag}
_METASPACE = {
    "replacement": _one, "prepend_scheme": _one_of("always", "never", "first"), "split": flag,
    "add_prefix_space": flag,
}  # fmt: skip
_REPLACE = {"pattern": _pattern, "content": _short}
OPTIONAL = (
    "use_regex",
    "prepend_scheme",
    "split",
    "add_prefix_space",
)  # older files have them not, newer ones the last
# settings of each member, and which values of them are handled
MEMBERS: Mapping[str, Mapping[str, Mapping[str, Allowed]]] = {
    "normalizer": {
        **{name: {} for name in ("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt")},
        "Strip": {"strip_left": flag, "strip_right": flag},
        "BertNormalizer": {
            "clean_text": flag, "handle_chinese_chars": flag, "strip_accents": _flag_or_none, "lowercase": flag
        },
        "Prepend": {"prepend": _short},
        "Replace": _REPLACE,
        "Precompiled": {"precompiled_charsmap": charsmaps.is_sound},
    },
    "pre_tokenizer": {
        **{name: {} for name in ("Whitespace", "WhitespaceSplit", "BertPreTokenizer", "UnicodeScripts")},
        "ByteLevel": _BYTE_LEVEL,
        "Metaspace": _METASPACE,
        "Digits": {"individual_digits": flag},
        "Punctuation": {"behavior": _one_of(*BEHAVIORS)},
        "CharDelimiterSplit": {"delimiter": _one},
        "Split": {"pattern": _pattern, "behavior": _one_of(*BEHAVIORS), "invert": flag},
    },
    "decoder": {
        "ByteFallback": {}, "Fuse": {}, "ByteLevel": _BYTE_LEVEL, "Metaspace": _METASPACE, "Replace": _REPLACE,
        "Strip": {"content": _one, "start": _count, "stop": _count},
        "WordPiece": {"prefix": _short, "cleanup": flag},
        "BPEDecoder": {"suffix": _short},
    },
    "post_processor": {
        "ByteLevel": _BYTE_LEVEL,
        "TemplateProcessing": {
            "single": lambda value: isinstance(value, list) and len(value) <= MOST,
            "pair": lambda value: isinstance(value, list),
            "special_tokens": lambda value: isinstance(value, dict),
        },
    },
}  # fmt: skip


def members(part: str, value: Any) -> Iterator[Any]:
    """What a part is made of, in order: itself, or what its Sequence holds, to any depth."""
    if isinstance(value, dict) and value.get("type") == "Sequence" and isinstance(value.get(LISTS[part]), list):
        for each in value[LISTS[part]]:
            yield from members(part, each)
    elif value is not None:
        yield value


def holds(part: str, value: Any, name: str) -> bool:
    """Whether one of a part's members is of that type."""
    return any(isinstance(each, dict) and each.get("type") == name for each in members(part, value))


def refused(part: str, value: Any) -> str:
    """The first member of a part that is not handled, or its setting, in words; "" where all are."""
    every = list(members(part, value))
    found = next(filter(None, (_refused(part, each) for each in every)), "")
    if found or len(every) <= MOST and _growth(every) <= MAX_GROWTH:
        return found
    return f"a {part} of {len(every):,} members" if len(every) > MOST else f"a {part} by which texts grow without end"


def _refused(part: str, member: Any) -> str:
    name = member.get("type") if isinstance(member, dict) else member
    said = f"the {part} '{shown(name)}'"
    known = MEMBERS[part].get(name) if isinstance(name, str) else None
    if known is None:
        return said
    for setting, value in member.items():
        if setting != "type" and not (setting in known and known[setting](value)):
            return f"{said} with {shown(setting, 40)} = {shown_value(value)}"
    missing = next((setting for setting in known if setting not in member and setting not in OPTIONAL), None)
    return f"{said} without {missing}" if missing else ""


def _growth(every: list[Spec]) -> int:
    """How many times as long as before a text can become by what is put in place of something."""
    growth = 1
    for each in every:
        if each["type"] == "Replace":
            growth *= max(1, len(each["content"]))
        if each["type"] == "Precompiled":
            growth *= charsmaps.LONGEST
    return growth
