"""Models that are not opened here: what each is, told by its first bytes, name or config.json, and the way on."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import UserError
from models.formats import tensor_names
from models.formats.files import names_in, open_regular, read_json, shown

ADAPTER = "adapter_config.json"
MAX_JSON = 4 << 20
# weights that are opened, or refused where their own format is read
READ = re.compile(
    r"model.*\.safetensors(\.index\.json)?|pytorch_model.*\.bin(\.index\.json)?|(?!consolidated\.).+\.(pt|pth|ckpt)"
)
START = 28  # bytes that tell what a file is
LOOKED_AT = 1_000  # files in a folder
DECODER = "give a model that writes on from left to right, such as GPT-2"


@dataclass(frozen=True, slots=True)
class Other:
    """A kind of file: what it is, what to do, and how it is told by its name and its first bytes."""

    is_a: str
    do: str
    name: re.Pattern[str]
    begins: Callable[[bytes, int], bool]  # of those bytes and the file's size; where a name tells nothing


def _magic(*numbers: int) -> Callable[[bytes, int], bool]:
    starts = tuple(struct.pack("<I", number) for number in numbers)
    return lambda start, size: start.startswith(starts)


def _is_llama2_c(start: bytes, size: int) -> bool:
    """Seven sizes and as many numbers as they ask for: version 0 of llama2.c, which has no magic number."""
    if len(start) < START:
        return False
    width, inner, layers, heads, kv_heads, vocab, context = struct.unpack("<7i", start[:START])
    if min(width, inner, layers, heads, kv_heads, abs(vocab), context) < 1 or width % heads or heads % kv_heads:
        return False
    kv = width // heads * kv_heads
    each = 2 * width + 2 * width * width + 2 * width * kv + 3 * width * inner
    tables = abs(vocab) * width * (1 if vocab > 0 else 2) + context * (width // heads)
    return bool(size == START + 4 * (tables + layers * each + width))


def _by_name(start: bytes, size: int) -> bool:
    return False


OTHERS = (
    Other(
        "a GGUF file, as llama.cpp reads them",
        "give the folder it was made from, or what transformers makes of it: from_pretrained(..., gguf_file=..., "
        "quantization_config=GgufConfig(dequantize=True)) and save_pretrained(FOLDER)",
        re.compile(r".+\.(gguf|ggml)"),
        lambda start, size: start.startswith((b"GGUF", b"lmgg", b"fmgg", b"tjgg")),
    ),
    Other(
        "a model of llm.c's",
        "write it as a folder with llm.c's dev/eval/export_hf.py, and give that",
        re.compile(r"(?!)"),
        _magic(20240326),
    ),
    Other(
        "a model of llama2.c's",
        "write its checkpoint as a folder with llama2.c's export.py --version -1, and give that",
        re.compile(r"(?!)"),
        lambda start, size: _magic(0x616B3432)(start, size) or _is_llama2_c(start, size),
    ),
    Other(
        "a part of a Llama as its authors publish it",
        "write it as a folder with transformers' convert_llama_weights_to_hf.py, and give that",
        re.compile(r"consolidated\.\d\d\.pth"),
        _by_name,
    ),
    Other(
        "an ONNX file, a computation rather than weights",
        "give the folder that it was exported from",
        re.compile(r".+\.onnx"),
        _by_name,
    ),
    Other(
        "a file of Flax's",
        "have transformers 4 write them as safetensors: from_pretrained(FOLDER, from_flax=True) and save_pretrained",
        re.compile(r".+\.msgpack"),
        _by_name,
    ),
    Other(
        "a file of TensorFlow's",
        "have transformers 4 write them as safetensors: from_pretrained(FOLDER, from_tf=True) and save_pretrained",
        re.compile(r".+\.(h5|keras|pb|tflite)|.+\.(index|meta|data-\d{5}-of-\d{5})"),
        lambda start, size: start.startswith(b"\x89HDF"),
    ),
)
BOTH_SIDES = "reads a text from both sides and writes none"
TWO_PARTS = "has an encoder beside its decoder, to make one text of another"
HANDS_ON = "hands a state on from token to token instead of looking back at all of them"
# model_type in config.json, and what a model of that kind does
TYPES: Mapping[str, str] = {
    **dict.fromkeys(
        "bert roberta distilbert albert electra deberta deberta-v2 xlm-roberta camembert mpnet modernbert".split(),
        BOTH_SIDES,
    ),
    **dict.fromkeys("t5 mt5 umt5 longt5 bart mbart pegasus marian led m2m_100 whisper blenderbot".split(), TWO_PARTS),
    **dict.fromkeys(
        "mamba mamba2 falcon_mamba rwkv recurrent_gemma jamba zamba zamba2 xlstm".split(),
        HANDS_ON,
    ),
}


def check(place: Path) -> None:
    """UserError where a file, or a folder with nothing else to open, is a model of another kind, or part of one."""
    if os.path.isdir(place):
        _check_folder(place)
    elif os.path.isfile(place):
        if place.name == ADAPTER or re.fullmatch(r"adapter_model\.(safetensors|bin)", place.name):
            raise _adapter(place.parent, shown(place))
        if found := _of_file(place):
            raise UserError(f"{shown(place)} is {found.is_a}", found.do)


def check_config(found: Mapping[str, Any], what: str) -> None:
    """UserError naming `what`, the file, where a parsed config.json is that of a model that no format here holds."""
    kind = "mamba" if "ssm_cfg" in found else found.get("model_type")  # its authors' own files say no type
    if isinstance(kind, str) and kind in TYPES:
        raise UserError(f"{what} is that of a {kind}, which {TYPES[kind]}", DECODER)
    for name in ("quantization_config", "quantization"):
        if isinstance(how := found.get(name), dict):
            method, bits = how.get("quant_method", ""), how.get("bits")
            said = " ".join(filter(None, (shown(method, 20), f"{bits} bits" if type(bits) is int else "")))
            raise tensor_names.quantised(f"the model of {what}", f" ({said})" if said else "")


def _check_folder(folder: Path) -> None:
    names = sorted(names_in(folder))
    if any(READ.fullmatch(name) for name in names):
        return
    if ADAPTER in names:
        raise _adapter(folder, shown(folder))
    for name in names[:LOOKED_AT]:
        if os.path.isfile(folder / name) and (found := _of_file(folder / name)):
            raise UserError(f"{shown(folder)} has no weights but {shown(name, 40)}: {found.is_a}", found.do)


def _adapter(folder: Path, what: str) -> UserError:
    base: Any = None
    with suppress(UserError):
        base = read_json(folder / ADAPTER, MAX_JSON).get("base_model_name_or_path")
    of = f" {shown(base, 60)}" if isinstance(base, str) and base else ""
    fault = f"{what} is an adapter (LoRA) alone, without the model{of} that it changes"
    return UserError(fault, "merge the two with peft's merge_and_unload(), save_pretrained(FOLDER), and give that")


def _of_file(path: Path) -> Other | None:
    """What a file is, if it is none that is opened here."""
    if named := next((each for each in OTHERS if each.name.fullmatch(path.name)), None):
        return named
    with suppress(UserError, OSError):  # which the one who opens it says
        file, size = open_regular(path, 1 << 60)
        with file:
            start = file.read(START)
        return next((each for each in OTHERS if each.begins(start, size)), None)
    return None
