"""tokenizer.json of Hugging Face `tokenizers`: what of it is handled here, and a check before the library sees it.

A hostile file can end the process inside the library. So only the kinds below are let through, and of their parts the
members and expressions in tokenizer_parts.py; everything else is refused by its name.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from typing import Any, Literal, NoReturn

from models.errors import UserError
from models.formats import tokenizer_parts as parts
from models.formats import word_level as words
from models.formats.files import shown, shown_value
from models.formats.word_level import UNKNOWN, Spec, split

Kind = Literal["char", "word", "bpe"]  # that is learned here from a text
AnyKind = Literal["char", "word", "bpe", "subword"]

MAX_TOKENS = 1_000_000
MAX_MERGES = 2_000_000
MAX_TOKEN_LENGTH = 1_000
MAX_SCORE = 1e9  # of a token, in logarithms

CHAR_SPLIT = split({"Regex": r"[\s\S]"}, "Isolated", False)
CHAR_DECODER: Spec = {"type": "Fuse"}
BYTE_LEVEL: Spec = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": True}

PRE_TOKENIZERS: dict[AnyKind, tuple[Spec, ...]] = {
    "char": (CHAR_SPLIT, split({"String": ""}, "Isolated", False)),
    "word": (words.SPLIT, words.RULED_SPLIT, {"type": "Whitespace"}, {"type": "WhitespaceSplit"}),
}
DECODERS: dict[AnyKind, tuple[Spec | None, ...]] = {
    "char": (CHAR_DECODER, None),
    "word": (
        words.DECODER,
        words.RULED_DECODER,
        None,
        *({"type": "WordPiece", "prefix": "##", "cleanup": flag} for flag in (True, False)),
    ),
}
NORMALIZERS: dict[AnyKind, tuple[Spec | None, ...]] = {
    "char": (None,),
    "word": (words.NORMALIZER, words.LOWERCASE_NORMALIZER, None, words.LOWERCASE),
}
MODEL_PARTS = ("type", "vocab", "unk_token")
# what the models of pieces of words have beside; of byte-level BPE some settings only as they are when not used
MODEL_SETTINGS: dict[str, dict[str, parts.Allowed]] = {
    "BPE": {
        "dropout": lambda value: value is None or type(value) is float and value == 0,
        **dict.fromkeys(("continuing_subword_prefix", "end_of_word_suffix"), parts.short_or_none),
        **dict.fromkeys(("fuse_unk", "byte_fallback", "ignore_merges"), parts.flag),
    },
    "WordPiece": {
        "continuing_subword_prefix": parts.short_or_none,
        "max_input_chars_per_word": lambda value: type(value) is int and 0 < value <= MAX_TOKEN_LENGTH,
    },
    "Unigram": {"byte_fallback": parts.flag, "unk_id": lambda value: value is None or type(value) is int},
}
UNUSED = {"continuing_subword_prefix": (None, ""), "end_of_word_suffix": (None, ""), "byte_fallback": (False,)}
PARTS = ("model", "normalizer", "pre_tokenizer", "decoder", "post_processor", "added_tokens")
TEXT = ""  # in a template, where names of tokens stand
IGNORED = ("version", "truncation", "padding")  # how a training run cut its batches; nothing to do with the tokens


def byte_symbols() -> dict[str, int]:
    """The visible stand-in of every byte, as in GPT-2's encoder.py (Radford et al. 2019)."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + n): byte for n, byte in enumerate(others)}


def spec(model: Spec, pre_tokenizer: Spec | None, decoder: Spec | None, normalizer: Spec | None = None) -> Spec:
    """A tokenizer.json without added tokens, truncation or padding."""
    own = {"model": model, "normalizer": normalizer, "pre_tokenizer": pre_tokenizer, "decoder": decoder}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], **own, "post_processor": None}


def word_level(vocab: Mapping[str, int]) -> Spec:
    """A WordLevel model; its unknown token exists only if the vocabulary has it."""
    return {"type": "WordLevel", "vocab": dict(vocab), "unk_token": UNKNOWN}


def check(found: Spec, what: str) -> tuple[AnyKind, Spec]:
    """What kind of tokenizer a parsed tokenizer.json is, and the part of it that may be handed to the library.

    Raises UserError naming `what`, the file, and the first setting that is damaged or not handled.
    """
    model = found.get("model")
    if not isinstance(model, dict):
        damaged(what, "it has no model")
    kind = _kind(model, found.get("pre_tokenizer"), what)
    _check_names(found, model, kind, what)
    if kind in NORMALIZERS and not any(_same(found.get("normalizer"), each) for each in NORMALIZERS[kind]):
        refuse(what, _type("normalizer", found.get("normalizer")))
    added = _added(found.get("added_tokens"), what)
    vocab = _vocab(model, added, what)
    _check_model(model, kind, vocab, added, what)
    _check_unknown(model, kind, vocab, what)
    clean = spec(model, found.get("pre_tokenizer"), _decoder(kind, found, what), found.get("normalizer"))
    template = _template(found.get("post_processor"), kind, len(vocab), what)
    return kind, clean | {"added_tokens": found.get("added_tokens") or [], "post_processor": template}


def begin(checked: Spec) -> tuple[int, ...]:
    """The tokens that a checked file puts in front of every text; what it puts behind one is for texts that end."""
    template, found = checked["post_processor"], list[int]()
    for each in template["single"] if template else ():
        if "SpecialToken" not in each:
            break
        found += template["special_tokens"][each["SpecialToken"]["id"]]["ids"]
    return tuple(found)


def unknown(kind: AnyKind, checked: Spec) -> str | None:
    """The token of a checked file for what it has no other for; None where nothing is, or it is refused."""
    model = checked["model"]
    if model["type"] == "Unigram":
        return str(model["vocab"][model["unk_id"]][0])
    token: str | None = model.get("unk_token")
    every_byte = kind == "bpe" and byte_symbols().keys() <= model["vocab"].keys()
    return None if kind == "char" or every_byte or token not in model["vocab"] else token


def damaged(what: str, fault: str) -> NoReturn:
    """Refuse a file that no program wrote like this."""
    raise UserError(f"{what} is damaged: {fault}", "copy it again")


def refuse(what: str, setting: str) -> NoReturn:
    """Refuse a file that means something this program does not do."""
    raise UserError(f"{what} uses {setting}, which is not handled here", "use a model with another tokenizer")


def _same(a: object, b: object) -> bool:
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)  # in Python, 1 == True


def _type(part: str, value: object) -> str:
    name = value.get("type") if isinstance(value, dict) else value
    return f"the {part} '{shown(name)}'"


def _kind(model: Spec, pre_tokenizer: object, what: str) -> AnyKind:
    name = model.get("type")
    if name == "WordLevel":
        for kind, known in PRE_TOKENIZERS.items():
            if any(_same(pre_tokenizer, each) for each in known):
                return kind
        refuse(what, _type("pre_tokenizer", pre_tokenizer))
    if not isinstance(name, str) or name not in MODEL_SETTINGS:
        refuse(what, _type("model", model))
    if not parts.holds("pre_tokenizer", pre_tokenizer, "ByteLevel"):
        return "subword"
    if name != "BPE":
        refuse(what, f"the pre_tokenizer 'ByteLevel' with the model '{name}'")
    return "bpe"


def _check_names(found: Spec, model: Spec, kind: AnyKind, what: str) -> None:
    for key in found:
        if key not in PARTS + IGNORED:
            refuse(what, f"the setting '{shown(key)}'")
    for part in ("normalizer", "pre_tokenizer") if kind in ("bpe", "subword") else ():
        if fault := parts.refused(part, found.get(part)):
            refuse(what, fault)
    settings = MODEL_SETTINGS.get(model["type"], {})
    for key, value in model.items():
        if key in settings:
            if not settings[key](value) or kind == "bpe" and key in UNUSED and value not in UNUSED[key]:
                refuse(what, f"{key} = '{shown(value)}'")
        elif key not in MODEL_PARTS and not (key == "merges" and model["type"] == "BPE"):
            refuse(what, f"the setting '{shown(key)}' of the model")


def _decoder(kind: AnyKind, found: Spec, what: str) -> Any:
    decoder = found.get("decoder")
    if kind in DECODERS:
        if not any(_same(decoder, each) for each in DECODERS[kind]):
            refuse(what, _type("decoder", decoder))
    elif fault := parts.refused("decoder", decoder):
        refuse(what, fault)
    elif parts.holds("decoder", decoder, "ByteLevel") != (kind == "bpe"):
        refuse(what, _type("decoder", decoder))
    return decoder


def _template(part: object, kind: AnyKind, count: int, what: str) -> Spec | None:
    """What is put around a text; what moves the borders of tokens is left out, for they are to be as they are."""
    if fault := parts.refused("post_processor", part):
        refuse(what, fault)
    found: list[Spec] = [each for each in parts.members("post_processor", part) if each["type"] != "ByteLevel"]
    if len(found) > 1:
        refuse(what, "two of the post_processor 'TemplateProcessing'")
    if not found or not (tokens := found[0]["special_tokens"]):
        return None
    if kind == "char":  # whose tokens are the characters, each at its place
        refuse(what, _type("post_processor", found[0]))
    known = {name for name, each in tokens.items() if isinstance(each, dict) and _are_ids(each.get("ids"), count)}
    places = [_place(each) for each in found[0]["single"]]
    if not all(place == TEXT or place in known for place in places):
        damaged(what, "its post_processor names a token that is none")
    if places.count(TEXT) != 1:
        damaged(what, "its post_processor does not have the text once")
    return found[0]


def _place(of: object) -> str | None:
    """What stands at a place of a template: the name of a token, or TEXT."""
    kind, place = next(iter(of.items())) if isinstance(of, dict) and len(of) == 1 else ("", None)
    name = place.get("id") if isinstance(place, dict) else None
    if kind == "Sequence" and name == "A":
        return TEXT
    return name if kind == "SpecialToken" and isinstance(name, str) and name != TEXT else None


def _are_ids(value: object, count: int) -> bool:
    if not isinstance(value, list) or len(value) > parts.SHORT:
        return False
    return all(type(each) is int and 0 <= each < count for each in value)


def _added(part: object, what: str) -> dict[str, int]:
    added: dict[str, int] = {}
    if not isinstance(part, list | None):
        damaged(what, "added_tokens is not a list")
    for each in part or []:
        if not isinstance(each, dict) or not isinstance(each.get("content"), str) or type(each.get("id")) is not int:
            damaged(what, "an added token has no id or no content")
        if each["content"] in added or not each["content"]:
            damaged(what, f"the added token '{shown(each['content'])}' is empty or appears twice")
        flags = set(each) - {"content", "id"}
        if not flags <= {"single_word", "lstrip", "rstrip", "normalized", "special"} or any(
            type(each[flag]) is not bool for flag in flags
        ):
            damaged(what, f"the added token '{shown(each['content'])}' has a setting that is not true or false")
        added[each["content"]] = each["id"]
    return added


def _vocab(model: Spec, added: dict[str, int], what: str) -> dict[str, int]:
    vocab = _scored(model, what) if model["type"] == "Unigram" else model.get("vocab")
    if not isinstance(vocab, dict) or any(type(each) is not int for each in vocab.values()):
        damaged(what, "its vocabulary is not a table of tokens and numbers")
    for token, number in added.items():
        if vocab.get(token, number) != number:
            damaged(what, f"the token '{shown(token)}' has two numbers")
    every: dict[str, int] = vocab | added
    if not 0 < len(every) <= MAX_TOKENS:
        damaged(what, f"it has {len(every):,} tokens, not 1 to {MAX_TOKENS:,}")
    if sorted(every.values()) != list(range(len(every))):
        damaged(what, f"its {len(every):,} tokens are not numbered from 0 to {len(every) - 1:,}, each once")
    for token in every:
        if len(token) > MAX_TOKEN_LENGTH or not token.isascii() and any("\ud800" <= c <= "\udfff" for c in token):
            damaged(what, f"the token '{shown(token)}' is too long or not Unicode text")
    return every


def _scored(model: Spec, what: str) -> dict[str, int]:
    """The vocabulary of a Unigram model, whose tokens are numbered as they come, each with its score."""
    vocab = model.get("vocab")
    if not isinstance(vocab, list):
        damaged(what, "its vocabulary is not a list of tokens and scores")
    for each in vocab:
        if not (
            isinstance(each, list) and len(each) == 2 and isinstance(each[0], str) and each[0] and _is_score(each[1])
        ):
            damaged(what, f"{shown_value(each, 40)} in its vocabulary is not a token and a score")
    found = {token: number for number, (token, _) in enumerate(vocab)}
    if len(found) < len(vocab):
        damaged(what, "a token is in its vocabulary twice")
    return found


def _is_score(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and abs(value) < MAX_SCORE


def _check_unknown(model: Spec, kind: AnyKind, vocab: dict[str, int], what: str) -> None:
    name, unknown = model["type"], model.get("unk_token")
    if not isinstance(unknown, str | None):
        damaged(what, "its token for unknown text is not a text")
    if name == "Unigram":
        is_there = type(at := model.get("unk_id")) is int and 0 <= at < len(model["vocab"])
    elif name == "WordPiece" or kind == "word":
        is_there = unknown in model["vocab"]
    else:
        is_there = unknown in vocab or kind == "char" or unknown is None
    if not is_there:
        damaged(what, "its token for unknown text is not in the vocabulary")


def _check_model(model: Spec, kind: AnyKind, vocab: dict[str, int], added: Collection[str], what: str) -> None:
    if kind == "bpe":
        symbols = frozenset(byte_symbols())
        for token in vocab:
            if token not in added and not symbols.issuperset(token):
                refuse(what, f"the token '{shown(token)}', which is not byte-level")
    if model["type"] == "BPE":
        _check_merges(model, what)


def _check_merges(model: Spec, what: str) -> None:
    merges, vocab, prefix = model.get("merges"), model["vocab"], model.get("continuing_subword_prefix") or ""
    if not isinstance(merges, list) or len(merges) > MAX_MERGES:
        damaged(what, f"its merges are not a list of at most {MAX_MERGES:,}")
    for number, merge in enumerate(merges):
        pair = merge.split(" ") if isinstance(merge, str) else merge
        if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and isinstance(pair[1], str)):
            damaged(what, f"merge {number:,} is not a pair of tokens")
        first, second = pair
        if not second.startswith(prefix):  # the library takes it off unseen
            damaged(what, f"merge {number:,} goes on without '{shown(prefix)}'")
        both = first + second.removeprefix(prefix)
        if not (first in vocab and second in vocab and both in vocab):
            part = next(each for each in (first, second, both) if each not in vocab)
            damaged(what, f"merge {number:,} needs the token '{shown(part)}', which is not in the vocabulary")
