"""tokenizer.json of Hugging Face `tokenizers`: what of it is handled here, and a check before the library sees it.

A hostile file can end the process inside the library, and a regular expression from a file can run for ever. So only
the kinds below are let through, with the expressions written here; everything else is refused by its name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, NoReturn

from models.errors import UserError
from models.formats import word_level as words
from models.formats.files import shown
from models.formats.word_level import UNKNOWN, Spec, split

Kind = Literal["char", "word", "bpe"]

MAX_TOKENS = 1_000_000
MAX_MERGES = 2_000_000
MAX_TOKEN_LENGTH = 1_000

CHAR_SPLIT = split({"Regex": r"[\s\S]"}, "Isolated", False)
CHAR_DECODER: Spec = {"type": "Fuse"}
BYTE_LEVEL: Spec = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": True}

PRE_TOKENIZERS: dict[Kind, tuple[Spec, ...]] = {
    "char": (CHAR_SPLIT, split({"String": ""}, "Isolated", False)),
    "word": (words.SPLIT, words.RULED_SPLIT, {"type": "Whitespace"}, {"type": "WhitespaceSplit"}),
}
DECODERS: dict[Kind, tuple[Spec | None, ...]] = {
    "char": (CHAR_DECODER, None),
    "word": (
        words.DECODER,
        words.RULED_DECODER,
        None,
        *({"type": "WordPiece", "prefix": "##", "cleanup": flag} for flag in (True, False)),
    ),
}
NORMALIZERS: dict[Kind, tuple[Spec | None, ...]] = {
    "char": (None,),
    "word": (words.NORMALIZER, words.LOWERCASE_NORMALIZER, None, words.LOWERCASE),
    "bpe": (None,),
}
# settings of a model and the values that mean "not used"
MODEL_SETTINGS: dict[str, tuple[object, ...]] = {
    "dropout": (None, 0.0), "continuing_subword_prefix": (None, ""), "end_of_word_suffix": (None, ""),
    "fuse_unk": (False, True), "byte_fallback": (False,), "ignore_merges": (False, True),
}  # fmt: skip
MODEL_PARTS = ("type", "vocab", "unk_token")
PARTS = ("model", "normalizer", "pre_tokenizer", "decoder", "post_processor", "added_tokens")
IGNORED = ("version", "truncation", "padding")  # how a training run cut its batches; nothing to do with the tokens


def byte_symbols() -> dict[str, int]:
    """The visible stand-in of every byte, as in GPT-2's encoder.py (Radford et al. 2019)."""
    plain = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + n): byte for n, byte in enumerate(others)}


def spec(model: Spec, pre_tokenizer: Spec, decoder: Spec, normalizer: Spec | None = None) -> Spec:
    """A tokenizer.json without added tokens, truncation or padding."""
    parts = {"model": model, "normalizer": normalizer, "pre_tokenizer": pre_tokenizer, "decoder": decoder}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], **parts, "post_processor": None}


def word_level(vocab: Mapping[str, int]) -> Spec:
    """A WordLevel model; its unknown token exists only if the vocabulary has it."""
    return {"type": "WordLevel", "vocab": dict(vocab), "unk_token": UNKNOWN}


def check(found: Spec, what: str) -> tuple[Kind, Spec]:
    """What kind of tokenizer a parsed tokenizer.json is, and the part of it that may be handed to the library.

    Raises UserError naming `what`, the file, and the first setting that is damaged or not handled.
    """
    model = found.get("model")
    if not isinstance(model, dict):
        damaged(what, "it has no model")
    kind = _kind(model, found.get("pre_tokenizer"), what)
    _check_names(found, model, kind, what)
    if not any(_same(found.get("normalizer"), each) for each in NORMALIZERS[kind]):
        refuse(what, _type("normalizer", found.get("normalizer")))
    _check_post_processor(found.get("post_processor"), what)
    added = _added(found.get("added_tokens"), what)
    vocab = _vocab(model, added, what)
    if kind == "bpe":
        _check_bpe(model, vocab, added, what)
    _check_unknown(model, kind, vocab, what)
    clean = spec(model, found["pre_tokenizer"], _decoder(kind, found, what), found.get("normalizer"))
    return kind, clean | {"added_tokens": found.get("added_tokens") or []}


def damaged(what: str, fault: str) -> NoReturn:
    """Refuse a file that no program wrote like this."""
    raise UserError(f"{what} is damaged: {fault}", "copy it again")


def refuse(what: str, setting: str) -> NoReturn:
    """Refuse a file that means something this program does not do."""
    raise UserError(f"{what} uses {setting}, which is not handled here", "use a char, word or byte-level BPE tokenizer")


def _same(a: object, b: object) -> bool:
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)  # in Python, 1 == True


def _type(part: str, value: object) -> str:
    name = value.get("type") if isinstance(value, dict) else value
    return f"the {part} '{shown(name)}'"


def _kind(model: Spec, pre_tokenizer: object, what: str) -> Kind:
    if model.get("type") == "BPE":
        if _is_byte_level(pre_tokenizer):
            return "bpe"
    elif model.get("type") == "WordLevel":
        for kind, known in PRE_TOKENIZERS.items():
            if any(_same(pre_tokenizer, each) for each in known):
                return kind
    else:
        refuse(what, _type("model", model))
    refuse(what, _type("pre_tokenizer", pre_tokenizer))


def _check_names(found: Spec, model: Spec, kind: Kind, what: str) -> None:
    for key in found:
        if key not in PARTS + IGNORED:
            refuse(what, f"the setting '{shown(key)}'")
    for key in model:
        if key not in MODEL_PARTS and not (kind == "bpe" and key in (*MODEL_SETTINGS, "merges")):
            refuse(what, f"the setting '{shown(key)}' of the model")


def _is_byte_level(part: object) -> bool:
    if not isinstance(part, dict) or part.get("type") != "ByteLevel":
        return False
    part = {"use_regex": True} | part  # older files do not have it
    return part.keys() == BYTE_LEVEL.keys() and all(type(part[key]) is type(BYTE_LEVEL[key]) for key in part)


def _decoder(kind: Kind, found: Spec, what: str) -> Any:
    decoder = found.get("decoder")
    known = _is_byte_level(decoder) if kind == "bpe" else any(_same(decoder, each) for each in DECODERS[kind])
    if not known:
        refuse(what, _type("decoder", decoder))
    return decoder


def _check_post_processor(part: object, what: str) -> None:
    template = isinstance(part, dict) and part.get("type") == "TemplateProcessing" and part.get("special_tokens") == {}
    if not (part is None or template or _is_byte_level(part)):
        refuse(what, _type("post_processor", part))


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
    vocab = model.get("vocab")
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


def _check_unknown(model: Spec, kind: Kind, vocab: dict[str, int], what: str) -> None:
    unknown = model.get("unk_token")
    if not isinstance(unknown, str | None):
        damaged(what, "its token for unknown text is not a text")
    if kind == "word" and unknown is None or kind != "char" and unknown is not None and unknown not in vocab:
        damaged(what, "its token for unknown text is not in the vocabulary")


def _check_bpe(model: Spec, vocab: dict[str, int], added: dict[str, int], what: str) -> None:
    for name, values in MODEL_SETTINGS.items():
        if not any(_same(model.get(name, values[0]), each) for each in values):
            refuse(what, f"{name} = '{shown(model[name])}'")
    symbols = byte_symbols()
    for token in vocab:
        if token not in added and not all(c in symbols for c in token):
            refuse(what, f"the token '{shown(token)}', which is not byte-level")
    _check_merges(model.get("merges"), model["vocab"], what)


def _check_merges(merges: object, vocab: dict[str, int], what: str) -> None:
    if not isinstance(merges, list) or len(merges) > MAX_MERGES:
        damaged(what, f"its merges are not a list of at most {MAX_MERGES:,}")
    for number, merge in enumerate(merges):
        pair = merge.split(" ") if isinstance(merge, str) else merge
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            damaged(what, f"merge {number:,} is not a pair of tokens")
        for part in (*pair, pair[0] + pair[1]):
            if part not in vocab:
                damaged(what, f"merge {number:,} needs the token '{shown(part)}', which is not in the vocabulary")
