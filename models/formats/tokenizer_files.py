"""The files a tokenizer lies in, each as the tokenizer.json it would be.

- tokenizer.json, as everyone's library writes it
- vocab.json and merges.txt: GPT-2's byte pairs, perhaps with added_tokens.json, and with what Qwen does before
- meta.pkl: nanoGPT's characters
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from models.errors import UserError
from models.formats import pickles
from models.formats import tokenizer_json as form
from models.formats import tokenizer_parts as parts
from models.formats.files import read_bytes, read_json, read_unmarked, shown, shown_value
from models.formats.word_level import Spec, split

MAX_BYTES = 64 << 20  # GPT-2's tokenizer.json has 1.4 MB
TOKENIZER, VOCAB, META = "tokenizer.json", "vocab.json", "meta.pkl"
MERGES, ADDED, SETTINGS = "merges.txt", "added_tokens.json", "tokenizer_config.json"
ALL = (TOKENIZER, VOCAB, META)  # the first that is there is read
GPT2_END = "<|endoftext|>"
CONFIG = "config.json"
GPT2, NEOX, QWEN = "GPT2Tokenizer", "GPTNeoXTokenizer", "Qwen2Tokenizer"
# transformers' tokenizers of such files by their names, and which of the three each does the same as
CLASSES = {
    **{each: each for each in (GPT2, NEOX, QWEN)},
    **dict.fromkeys(("RobertaTokenizer", "CodeGenTokenizer", "PreTrainedTokenizer", "TokenizersBackend"), GPT2),
}
OF_TYPES = {"gpt_neox": NEOX, "qwen2": QWEN, "qwen3": QWEN}  # where none is named


def find(folder: Path) -> Path | None:
    """The first of these files that lies in a folder; None where there is none."""
    return next((folder / name for name in ALL if os.path.lexists(folder / name)), None)


def read(file: Path) -> Spec:
    """What a parsed tokenizer.json would hold, unchecked; UserError naming a file that cannot be read as what it is."""
    if file.name == VOCAB:
        return _gpt2(file)
    if file.suffix == ".pkl":
        return _characters(file)
    return read_json(file, MAX_BYTES)


def end(folder: Path, ids: Mapping[str, int], added: Collection[str]) -> int | None:
    """The token that ends a text, as the files beside a tokenizer with these tokens say; or GPT-2's, if it is there."""
    beside: dict[str, Any] = {}
    for name in (CONFIG, SETTINGS):
        with suppress(UserError):  # what else is wrong with them is not asked here
            beside |= read_json(folder / name, MAX_BYTES)
    named, number = beside.get("eos_token"), beside.get("eos_token_id")
    named = named.get("content") if isinstance(named, dict) else named
    if isinstance(named, str) and named in ids:
        return ids[named]
    if type(number) is int and 0 <= number < len(ids):
        return number
    return ids[GPT2_END] if GPT2_END in added else None


def _gpt2(file: Path) -> Spec:
    vocab, folder = read_json(file, MAX_BYTES), file.parent
    added = {GPT2_END: vocab[GPT2_END]} if GPT2_END in vocab else {}
    if os.path.lexists(folder / ADDED):
        added |= read_json(folder / ADDED, MAX_BYTES)
    settings = read_json(folder / SETTINGS, MAX_BYTES) if os.path.lexists(folder / SETTINGS) else {}
    model = {"type": "BPE", "vocab": vocab, "merges": _merges(folder / MERGES), "unk_token": None}
    bytes_first = form.BYTE_LEVEL | {"add_prefix_space": settings.get("add_prefix_space") is True}
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False) | {"special": True}
    tokens = [{"content": token, "id": number, **flags} for token, number in added.items()]
    kind, cut = _class(folder, settings), bytes_first
    if kind == QWEN:
        words = split({"Regex": parts.QWEN}, "Isolated", False)
        cut = {"type": "Sequence", "pretokenizers": [words, bytes_first | {"use_regex": False}]}
    normalizer = None if kind == GPT2 else {"type": "NFC"}
    return form.spec(model, cut, form.BYTE_LEVEL, normalizer) | {"added_tokens": tokens}


def _class(folder: Path, settings: Spec) -> str:
    """Which of the three reads such files as transformers does; UserError where that does something else with them."""
    name = settings.get("tokenizer_class")
    if name is None and os.path.lexists(folder / CONFIG):
        kind = read_json(folder / CONFIG, MAX_BYTES).get("model_type")
        name = OF_TYPES.get(kind) if isinstance(kind, str) else None
    plain = GPT2 if name is None else str(name).removesuffix("Fast")
    if plain not in CLASSES:
        what = f"{shown(folder / SETTINGS)} names {shown(name, 40)}, and {VOCAB} does not say what that does"
        do = "have transformers write its tokenizer.json: AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)"
        raise UserError(what, do)
    return CLASSES[plain]


def _merges(file: Path) -> list[str]:
    """Its lines but for the first, which may say its version."""
    content = read_unmarked(file, MAX_BYTES)
    try:
        lines = content.decode().split("\n")
    except UnicodeDecodeError as error:
        raise UserError(f"{shown(file)} is not UTF-8 text at byte {error.start:,}", "copy the file again") from None
    return [line.rstrip("\r") for line in lines[lines[0].startswith("#version") :] if line.strip()]


def _characters(file: Path) -> Spec:
    what = shown(file)
    found = pickles.read(read_bytes(file, pickles.MAX_BYTES), what)
    known: Any = found.get("stoi") if isinstance(found, dict) else None
    if not isinstance(known, dict) or not known:
        raise UserError(f"{what} has no table stoi of characters", "give nanoGPT's meta.pkl, or a tokenizer.json")
    for token in known:
        if not isinstance(token, str) or len(token) != 1:
            fault = f"{what} has the token {shown_value(token, 40)}, which is not one character"
            raise UserError(fault, "give its tokenizer.json")
    return form.spec(form.word_level(known), form.CHAR_SPLIT, form.CHAR_DECODER)
